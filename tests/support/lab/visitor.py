"""The person who tries the quickstart: her keys, her known_hosts, and how both get back to what they were."""

import json
import pathlib
import subprocess

from .key import scan_line
from .process import run


class Visitor:
    """A plain `ssh` has to work for her, so two things may be left in ~/.ssh while it is up: a host key line, and a key
    pair when she had none. `traces` is the file that remembers them."""

    def __init__(self, traces):
        self._traces = traces
        self._ssh = pathlib.Path.home() / ".ssh"
        self._known_hosts = self._ssh / "known_hosts"
        traces.parent.mkdir(mode=0o755, exist_ok=True)
        self._left = json.loads(traces.read_text()) if traces.exists() else {"lines": [], "files": []}

    def public_keys(self):
        """Every key she could log in with; one is made when there is none."""
        agent = subprocess.run(["ssh-add", "-L"], capture_output=True, text=True, check=False)
        keys = agent.stdout.splitlines() if agent.returncode == 0 else []
        keys += [file.read_text().strip() for file in sorted(self._ssh.glob("id_*.pub"))]
        if not keys:
            self._ssh.mkdir(mode=0o700, exist_ok=True)
            file = self._ssh / "id_ed25519"
            self._remember("files", [str(file), f"{file}.pub"])
            run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bastion-quickstart", "-f", file])
            keys = [pathlib.Path(f"{file}.pub").read_text().strip()]
        # The same key from two places counts once.
        return list({tuple(key.split()[:2]): key for key in keys}.values())

    def knows(self, host, port):
        """Adds the bastion's host keys, as she would have by answering `yes`."""
        known = subprocess.run(["ssh-keygen", "-F", f"[{host}]:{port}"], capture_output=True, check=False)
        if known.returncode == 0 and known.stdout:
            raise RuntimeError(f"~/.ssh/known_hosts knows another [{host}]:{port}; remove that line first")
        self._add([line for line in run(scan_line(host, port)).splitlines() if not line.startswith("#")])

    def knows_also(self, name, host_key):
        """The same for a host with this key, unless she knows another one of that name already."""
        known = subprocess.run(["ssh-keygen", "-F", name], capture_output=True, check=False)
        if known.returncode == 0 and known.stdout:
            return False
        self._add([f"{name} {host_key}"])
        return True

    def _add(self, lines):
        self._remember("lines", lines)
        with open(self._known_hosts, "a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)

    def forget(self):
        """Takes back exactly what was added."""
        if self._left["lines"] and self._known_hosts.exists():
            kept = [line for line in self._known_hosts.read_text().splitlines() if line not in self._left["lines"]]
            if kept:
                self._known_hosts.write_text("".join(f"{line}\n" for line in kept))
            else:
                self._known_hosts.unlink()
        for file in self._left["files"]:
            pathlib.Path(file).unlink(missing_ok=True)
        self._traces.unlink(missing_ok=True)
        self._left = {"lines": [], "files": []}

    def _remember(self, kind, things):
        self._left[kind] += things
        self._traces.write_text(json.dumps(self._left))
