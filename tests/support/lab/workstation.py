"""A user's own computer: every program on it runs as she would type it, with nothing but her home and the names of hosts.

Client (client.py) passes options so that a story sees what is at work; here is what she has instead: ~/.ssh with her key
and the host keys she has accepted, and no ~/.ssh/config.
"""

import copy
import shlex
import shutil

from .client import Client
from .mounts import bind, copy_of_etc
from .terminal import Terminal


class Workstation(Client):
    """`hosts` has addresses by name, `host_keys` the public keys by the same names. Its programs see the home and the
    names in the place of the machine's own."""

    def __init__(self, namespace, folder, key, hosts, host_keys):
        folder.mkdir(parents=True)
        self.home = folder / "home"
        self.host_keys = host_keys
        super().__init__(_Apartment(namespace, _furnish(folder, hosts)), self.home, None, None)
        del self.environment["XAUTHORITY"]
        self.key = self.home / ".ssh" / "id_ed25519"
        self.key.parent.mkdir(mode=0o700)
        for suffix in ("", ".pub"):
            shutil.copy(f"{key.path}{suffix}", f"{self.key}{suffix}")
        (self.home / ".ssh" / "known_hosts").write_text(_accepted(host_keys))

    def at_terminal(self, *argv, **size):
        return Terminal(self.namespace.command(*argv), self.environment, **size)

    def having(self, mounts):
        """The same computer with more files in the place of others."""
        other = copy.copy(self)
        other.namespace = self.namespace.having(mounts)
        return other


def _accepted(host_keys):
    """known_hosts as ssh leaves it: the key it prefers comes first, the ones it learns later behind it."""
    prefers = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"]
    lines = [(prefers.index(key.split()[0]), f"{host} {key}\n") for host, keys in host_keys.items() for key in keys]
    return "".join(line for _, line in sorted(lines))


def _furnish(folder, hosts):
    """What it sees in the place of the machine's own."""
    # ssh asks the password database, not $HOME, where her home is.
    files = {
        "passwd": f"root:x:0:0:root:{folder}/home:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
        "hosts": "".join(f"{address} {name}\n" for name, address in {"localhost": "127.0.0.1", **hosts}.items()),
    }
    for name, content in files.items():
        (folder / name).write_text(content)
    return [(copy_of_etc(folder), "/etc"), *((folder / name, f"/etc/{name}") for name in files)]


class _Apartment:
    """A namespace of namespace.py in which every command has mounts of its own."""

    def __init__(self, namespace, mounts):
        self._namespace = namespace
        self._mounts = mounts
        self.pids = namespace.pids
        self.entered = namespace.entered

    def command(self, *argv):
        script = f'set -e\n{bind(self._mounts)}\nexec {shlex.join(map(str, argv))}'
        return self._namespace.command("unshare", "--mount", "sh", "-c", script)

    def having(self, mounts):
        return _Apartment(self._namespace, [*self._mounts, *mounts])
