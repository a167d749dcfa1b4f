"""Ansible: its modules copied over and run, through `ssh` and sftp, with the ControlPersist it sets itself."""

import json
import pathlib
import tempfile

from lab.outcome import Outcome

from .tool import ONE_COMMAND, SAYS_SO, Tool


class Ansible(Tool):
    name = "Ansible"
    program = ["ansible", "--version"]
    package = "ansible-core"
    lines = {"ansible all -i bastion, -u {target} -m command -a hostname": SAYS_SO}
    takes_input = False
    cannot = ONE_COMMAND | {step: "has no such thing" for step in ("terminal", "-L", "-R", "keepalive")}

    def execute(self, command, input=None):
        result = self._module("shell", command)
        return Outcome.of(result["rc"], result["stdout"].encode(), result["stderr"].encode())

    def upload(self, file, name):
        self._module("copy", f"src={file} dest={name} mode=0644")

    def download(self, name, file):
        self._module("fetch", f"src={name} dest={file} flat=yes")

    def rekeying(self, mib):
        return self.changed("-o", f"RekeyLimit={mib}M")

    def with_key(self, path):
        return self.changed("-o", "IdentitiesOnly=yes", "-i", str(path))

    def close(self):
        """Its connections would stay for a minute."""
        for socket in (self.desk.home / ".ansible" / "cp").glob("*"):
            self.run("ssh", "-o", f"ControlPath={socket}", "-O", "exit", self.host)

    def _module(self, module, arguments):
        """The result as the module returned it, which `--tree` leaves in a file named like the host."""
        results = pathlib.Path(tempfile.mkdtemp(dir=self.desk.home))
        extra = [f"--ssh-extra-args={' '.join(self.options)}"] if self.options else []
        line = ["ansible", "-i", f"{self.host},", "-u", self.user, "-m", module, "-a", arguments, *extra, "--tree", results, "all"]
        done = self.run(*line)
        assert (results / self.host).exists(), f"{done.stdout}\n{done.stderr}"
        result = json.loads((results / self.host).read_text())
        assert not result.get("unreachable") and "msg" not in result or "rc" in result, result
        return result
