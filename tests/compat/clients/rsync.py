"""rsync. It calls `ssh`."""

from .tool import ONE_COMMAND, SHOWN, Tool


class Rsync(Tool):
    name = "rsync"
    program = ["rsync", "--version"]
    package = "rsync"
    lines = {
        "rsync {target}@bastion:whereabouts .": SHOWN,
        "rsync -e 'ssh -p 2222' {target}@bastion:whereabouts .": SHOWN,
    }
    cannot = ONE_COMMAND | {step: "copies files only" for step in ("exec", "exit status", "terminal", "-L", "-R", "keepalive")}

    def upload(self, file, name):
        self._rsync(file, f"{self.target}:{name}")

    def download(self, name, file):
        self._rsync(f"{self.target}:{name}", file)

    def rekeying(self, mib):
        return self.changed("-o", f"RekeyLimit={mib}M")

    def with_key(self, path):
        return self.changed("-o", "IdentitiesOnly=yes", "-i", str(path))

    def _rsync(self, *words):
        ssh = ["-e", " ".join(["ssh", *self.options])] if self.options else []
        self.run("rsync", "--inplace", *ssh, *words).succeeded()
