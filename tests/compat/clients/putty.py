"""PuTTY's command line: `plink`, `psftp` and `pscp`. They use the same code for SSH as the window does."""

from lab.key import fingerprint_of
from lab.process import run

from .tool import ONE_COMMAND, SAYS_SO, SHOWN, Tool, with_options

FILES_ONLY = {step: "copies files only" for step in ("exec", "exit status", "terminal", "-L", "-R", "keepalive")}


class Putty(Tool):
    package = "putty-tools"
    notes = ["The window is the same program as `plink`: the target goes into \"Auto-login username\" or before the @ of the host name."]

    def _options(self):
        """What the window keeps in its registry: the accepted host keys, a key in its own format."""
        own = self.desk.home / f"{self.key.name}.ppk"
        if not own.exists():
            run(["puttygen", self.key, "-O", "private", "-o", own])
        known = [word for key in self.desk.host_keys[self.host] for word in ("-hostkey", fingerprint_of(key))]
        return ["-batch", *known, "-i", own, *self.options]

    def as_typed(self, line):
        return with_options(line, self._options())

    def with_key(self, path):
        return self.changed(key=path)

    def rekeying(self, mib):
        return self._session("often", f"RekeyBytes={mib}M")

    def _session(self, name, *lines):
        """A saved session, which is where these settings are."""
        folder = self.desk.home / ".putty" / "sessions"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("".join(f"{line}\n" for line in ["Protocol=ssh", "PortNumber=22", *lines]))
        return self.changed("-load", name)


class Plink(Putty):
    name = "PuTTY `plink`"
    program = ["plink", "-V"]
    lines = {
        "plink {target}@bastion hostname": SAYS_SO,
        "plink -P 2222 -l {target} bastion hostname": SAYS_SO,
    }

    def _plink(self, *words):
        return ["plink", "-ssh", *self._options(), *words]

    def execute(self, command, input=None):
        return self.run(*self._plink("-T", self.target, command), input=input)

    def shell(self):
        return self._plink(self.target)

    def upload(self, file, name):
        self.execute(f"cat >{name}", input=file.read_bytes()).succeeded()

    def download(self, name, file):
        file.write_bytes(self.execute(f"cat {name}").succeeded().raw)

    def local_forward(self, near, far):
        return self.running(*self._plink("-N", "-L", f"{near}:127.0.0.1:{far}", self.target))

    def remote_forward(self, far, near):
        return self.running(*self._plink("-N", "-R", f"{far}:127.0.0.1:{near}", self.target))

    def stay(self, seconds):
        patient = self._session("patient", "PingInterval=0", "PingIntervalSecs=1")
        return patient.execute(f"sleep {seconds}; hostname").succeeded().stdout


class Psftp(Putty):
    name = "PuTTY `psftp`"
    program = ["psftp", "-V"]
    lines = {"psftp -b script {target}@bastion": SHOWN}
    cannot = ONE_COMMAND | FILES_ONLY

    def upload(self, file, name):
        self._psftp(f"put {file} {name}")

    def download(self, name, file):
        self._psftp(f"get {name} {file}")

    def as_typed(self, line):
        return f"echo get whereabouts >script && {super().as_typed(line)}"

    def _psftp(self, line):
        self.run("psftp", *self._options(), "-b", "/dev/stdin", self.target, input=f"{line}\nquit\n").succeeded()


class Pscp(Putty):
    name = "PuTTY `pscp`"
    program = ["pscp", "-V"]
    lines = {"pscp {target}@bastion:whereabouts .": SHOWN}
    cannot = ONE_COMMAND | FILES_ONLY

    def upload(self, file, name):
        self.run("pscp", "-q", *self._options(), file, f"{self.target}:{name}").succeeded()

    def download(self, name, file):
        self.run("pscp", "-q", *self._options(), f"{self.target}:{name}", file).succeeded()
