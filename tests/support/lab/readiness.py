"""The receiving end of sd_notify: a service says READY=1 itself, so nobody has to guess when it is up.

Debian's sshd speaks it, and so does the bastion.
"""

import os
import socket
import time

from .deadline import PATIENCE


class Readiness:
    def __init__(self, path):
        self._path = str(path)
        if os.path.exists(self._path):
            os.unlink(self._path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self._path)
        os.chmod(self._path, 0o666)

    @property
    def environment(self):
        return {"NOTIFY_SOCKET": self._path}

    def wait(self, process, complain, seconds=PATIENCE):
        """Returns when the service is ready; when it dies or stays silent, fails with what complain() returns."""
        end = time.monotonic() + seconds
        self._socket.settimeout(0.1)
        while time.monotonic() < end:
            try:
                if b"READY=1" in self._socket.recv(4096).split(b"\n"):
                    return
            except TimeoutError:
                if process.poll() is not None:
                    raise AssertionError(f"exited with {process.returncode} before it was ready\n{complain()}") from None
        raise AssertionError(f"not ready within {seconds:g} s\n{complain()}")

    def told(self):
        """The next message that is no line of its status; waits for it."""
        self._socket.settimeout(PATIENCE)
        while (message := self._socket.recv(4096).decode()).startswith("STATUS="):
            pass
        return message

    def close(self):
        self._socket.close()
        if os.path.exists(self._path):
            os.unlink(self._path)
