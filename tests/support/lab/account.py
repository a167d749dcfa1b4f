"""The people who exist on a machine of the lab, and only there: its own /etc/passwd and its own /home."""

import os
import shutil

_SYSTEM = {
    "root": "x:0:0:root:/root:/bin/bash",
    "sshd": "x:102:65534::/run/sshd:/usr/sbin/nologin",
    "nobody": "x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
}
_GROUPS = "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n"


class Accounts:
    """One login with a home, in `folder`; the machine mounts these files over its own."""

    def __init__(self, folder, login, shell):
        self.folder = folder
        self.home = folder / "home" / login
        self._login = login
        # A number that differs between logins, so that nothing works by accident of a shared one.
        self._uid = 20000 + sum(login.encode())
        self._shell = shell
        self._password = "*"

    def mounts(self):
        """Pairs (file, where the machine has it)."""
        files = [self.folder / name for name in ("passwd", "group", "shadow")]
        return [(file, f"/etc/{file.name}") for file in files if file.exists()]

    def create(self):
        self.give_shell(self._shell)
        (self.folder / "group").write_text(f"{_GROUPS}{self._login}:x:{self._uid}:\n")
        self.home.mkdir(parents=True)
        self._own(self.home)

    def give_shell(self, shell):
        """Counts at the next login."""
        self._shell = shell
        passwd = _SYSTEM | {self._login: f"{self._password}:{self._uid}:{self._uid}::/home/{self._login}:{shell}"}
        # Written in place: the machine has mounted this very file.
        (self.folder / "passwd").write_text("".join(f"{name}:{rest}\n" for name, rest in passwd.items()))

    def lock(self):
        """As useradd leaves an account: it has no password. Counts at the next login."""
        self._password = "!"
        self.give_shell(self._shell)

    def expire(self):
        """Long ago."""
        (self.folder / "shadow").write_text(f"{self._login}:*:1:0:99999:7::1:\n")

    def authorize(self, keys):
        """Replaces the public keys that may log in."""
        folder = self.home / ".ssh"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        file = folder / "authorized_keys"
        file.write_text("".join(f"{key}\n" for key in keys))
        self._own(folder)
        self._own(file)

    def put(self, name, content):
        """A file of hers."""
        file = self.home / name
        file.write_bytes(content)
        self._own(file)
        return file

    def _own(self, path):
        os.chown(path, self._uid, self._uid)
