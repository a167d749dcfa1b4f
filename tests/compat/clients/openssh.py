"""OpenSSH's own: `ssh` with `sftp`, and `scp`, of Debian 12 and of its backports."""

from lab import backports

from .tool import ONE_COMMAND, SAYS_SO, SHOWN, Tool


class Ssh(Tool):
    program = ["ssh", "-V"]
    lines = {
        "ssh {target}@bastion hostname": SAYS_SO,
        "ssh ssh://{escaped}@bastion:2222 hostname": SAYS_SO,
        "sftp {target}@bastion:whereabouts .": SHOWN,
        "sftp sftp://{escaped}@bastion:2222/whereabouts .": SHOWN,
    }

    def _ssh(self, *words):
        return ["ssh", *self._options(), *words]

    def _options(self):
        return ["-i", self.key, *self.options] if self.key != self.desk.key else self.options

    def execute(self, command, input=None):
        return self.run(*self._ssh(self.target, command), input=input)

    def shell(self):
        return self._ssh(self.target)

    def upload(self, file, name):
        self._sftp(f"put {file} {name}")

    def download(self, name, file):
        self._sftp(f"get {name} {file}")

    def _sftp(self, line):
        self.run("sftp", "-q", *self._options(), "-b", "-", self.target, input=line).succeeded()

    def local_forward(self, near, far):
        return self.running(*self._ssh("-N", "-L", f"{near}:127.0.0.1:{far}", self.target))

    def remote_forward(self, far, near):
        return self.running(*self._ssh("-N", "-R", f"{far}:127.0.0.1:{near}", self.target))

    def stay(self, seconds):
        patient = self.changed("-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=1")
        return patient.execute(f"sleep {seconds}; hostname").succeeded().stdout

    def rekeying(self, mib):
        return self.changed("-o", f"RekeyLimit={mib}M")

    def with_key(self, path):
        return self.changed("-o", "IdentitiesOnly=yes", key=path)


class Scp(Ssh):
    cannot = ONE_COMMAND | {step: "copies files only" for step in ("exec", "exit status", "terminal", "-L", "-R", "keepalive")}
    lines = {
        "scp {target}@bastion:whereabouts .": SHOWN,
        "scp scp://{escaped}@bastion:2222/whereabouts .": SHOWN,
    }

    def upload(self, file, name):
        self.run("scp", "-q", *self._options(), file, f"{self.target}:{name}").succeeded()

    def download(self, name, file):
        self.run("scp", "-q", *self._options(), f"{self.target}:{name}", file).succeeded()


class DebianSsh(Ssh):
    name = "`ssh`, `sftp`"
    package = "openssh-client"


class DebianScp(Scp):
    name = "`scp`"
    package = "openssh-client"


class BackportsSsh(Ssh):
    name = "`ssh`, `sftp`, backports"
    package = "openssh-client"
    mounts = staticmethod(backports.mounts)
    needs = staticmethod(backports.missing)


class BackportsScp(Scp):
    name = "`scp`, backports"
    package = "openssh-client"
    mounts = staticmethod(backports.mounts)
    needs = staticmethod(backports.missing)
