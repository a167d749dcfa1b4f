"""A network namespace: a host of the lab as far as its network goes."""

import contextlib
import ctypes
import os
import subprocess

from .process import run

_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000


class Namespace:
    """Made by name, so that a later run can find and remove what a crashed one left behind."""

    def __init__(self, name):
        self.name = name
        self.handle = name  # what ip calls it
        self._file = f"/run/netns/{name}"

    def create(self):
        run(["ip", "netns", "add", self.name])
        self.ip("link set lo up")

    def delete(self):
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True, check=False)

    def pids(self):
        return [int(pid) for pid in run(["ip", "netns", "pids", self.name]).split()]

    def ip(self, *lines):
        run(["ip", "-n", self.name, "-batch", "-"], input="\n".join(lines))

    def command(self, *argv):
        """argv as it is run inside."""
        return ["nsenter", f"--net={self._file}", *argv]

    @contextlib.contextmanager
    def entered(self):
        """Sockets this thread makes meanwhile belong to this namespace, also after it has left."""
        with open("/proc/thread-self/ns/net", "rb") as home, open(self._file, "rb") as here:
            _set_namespace(here)
            try:
                yield
            finally:
                _set_namespace(home)


class HostNamespace:
    """The machine's own network, with the same words: where the quickstart runs its bastion and its client."""

    def __init__(self):
        self.name = "host"
        self.handle = os.getpid()

    def create(self):
        pass

    def delete(self):
        pass

    def pids(self):
        return []

    def ip(self, *lines):
        run(["ip", "-batch", "-"], input="\n".join(lines))

    def command(self, *argv):
        return list(argv)

    @contextlib.contextmanager
    def entered(self):
        yield


def _set_namespace(file):
    if _libc.setns(file.fileno(), _CLONE_NEWNET) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
