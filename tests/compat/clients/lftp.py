"""lftp with `sftp://`. It calls `ssh`."""

from .tool import ONE_COMMAND, SAYS_SO, Tool


class Lftp(Tool):
    name = "lftp `sftp://`"
    program = ["lftp", "--version"]
    package = "lftp"
    lines = {'lftp sftp://{escaped}:@bastion:2222 -e "cat whereabouts; bye"': SAYS_SO}
    cannot = ONE_COMMAND | {step: "copies files only" for step in ("exec", "exit status", "terminal", "-L", "-R", "keepalive")}

    def upload(self, file, name):
        self._lftp(f"put {file} -o {name}")

    def download(self, name, file):
        self._lftp(f"get {name} -o {file}")

    # One lftp has many connections of its own.

    def upload_all(self, pairs):
        self._lftp(_together(f"put {file} -o {name}" for file, name in pairs))

    def download_all(self, pairs):
        self._lftp(_together(f"get {name} -o {file}" for name, file in pairs))

    def rekeying(self, mib):
        return self.changed("-o", f"RekeyLimit={mib}M")

    def with_key(self, path):
        return self.changed("-o", "IdentitiesOnly=yes", "-i", str(path))

    def as_typed(self, line):
        """What cannot be reached it would try again for ever."""
        return f"timeout 20 {line}"

    def _lftp(self, commands):
        ssh = " ".join(["ssh", "-a", "-x", *self.options])
        # The user name ends with a colon: no password is asked for.
        script = f'set sftp:connect-program "{ssh}"; set net:max-retries 1; set cmd:fail-exit yes; open sftp://{self.user}:@{self.host}; {commands}; bye'
        self.run("lftp", "-c", script).succeeded()


def _together(commands):
    return " & ".join(commands) + " & wait all"
