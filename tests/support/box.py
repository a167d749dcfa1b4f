"""A container without an address: what leads to it is a command on a backend, here a real `sshd -i` that the account of the
hop runs, as it would run incus, docker or kubectl. Inside, everybody is `hop`."""

import os

from lab.key import Key
from lab.sshd import KEYS_ONLY

# In the home of that account, so that it needs no rights.
HOME = "/home/hop/box"
COMMAND = "reach box"
_CONFIG = f"""\
HostKey {HOME}.key
AuthorizedKeysFile {HOME}.keys
SetEnv BOX=box
{KEYS_ONLY}"""
SSHD = f"exec /usr/sbin/sshd -i -f {HOME}.config -E {HOME}.log"


class Box:
    def __init__(self, lab, backend="be1"):
        self.lab = lab
        self.backend = lab.backend(backend)
        self.backend.give_shell("/bin/bash")
        self.has_host_key("box")
        self.backend.put("box.config", _CONFIG.encode())
        self.accepts(*lab.bastion.identity())
        self.leads(SSHD)
        words = ["--owner", "alice", "--backend", backend, "--login", "hop", "--command", COMMAND]
        lab.bastion.admin("container", "add", "box", *words)

    def ssh(self, command, *options, **how):
        return self.lab.ssh("alice+box", command, *options, **how)

    def leads(self, script, shell="/bin/sh"):
        """From now on the command does this."""
        self.backend.install("reach", f'#!{shell}\n[ "$*" = box ] || exit 64\n{script}\n')

    def accepts(self, *lines):
        self.backend.put("box.keys", "".join(f"{line}\n" for line in lines).encode())

    def has_host_key(self, name):
        key = Key(self.lab.folder / "keys" / f"of-{name}")
        os.chmod(self.backend.put("box.key", key.path.read_bytes()), 0o600)

    def is_reached_by(self, command):
        self.lab.bastion.admin("container", "set", "alice/box", "--command", command)
