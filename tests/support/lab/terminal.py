"""A person at a terminal: a real pty around a client, typed into and read from."""

import codecs
import fcntl
import os
import re
import select
import struct
import subprocess
import termios
import time

from .deadline import PATIENCE
from .process import start


class Terminal:
    def __init__(self, argv, environment, rows=24, columns=80, prepare=None):
        """`prepare` sees the file descriptor of the user's side before the client starts: for terminal modes."""
        self._master, user_side = os.openpty()
        self.resize(rows, columns)
        if prepare:
            prepare(user_side)
        self._process = start(
            ["setsid", "--ctty", *argv], env=environment, stdin=user_side, stdout=user_side, stderr=user_side
        )
        os.close(user_side)
        self._seen = ""
        # A character, or the end of a line, may come in two parts.
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.hang_up()

    def type(self, text):
        os.write(self._master, text.encode())

    def resize(self, rows, columns):
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def expect(self, pattern, seconds=PATIENCE):
        """Reads until the pattern has been printed; returns the match. What was read before it is gone."""
        end = time.monotonic() + seconds
        while not (found := re.search(pattern, self._seen)):
            if not self._read_more(end - time.monotonic()):
                raise AssertionError(f"{pattern!r} was not printed; what was: {self._seen!r}")
        self._seen = self._seen[found.end() :]
        return found

    def end(self, seconds=PATIENCE):
        """Reads until the client is gone; returns (exit status, the rest it printed)."""
        end = time.monotonic() + seconds
        while self._read_more(end - time.monotonic()):
            pass
        try:
            return self._process.wait(max(0.1, end - time.monotonic())), self._seen
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it has not ended; what was printed: {self._seen!r}") from None

    def kill(self):
        self._process.kill()
        self._process.wait()

    def hang_up(self):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
        if self._master is not None:
            os.close(self._master)
            self._master = None

    def _read_more(self, seconds):
        if seconds <= 0 or not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            some = os.read(self._master, 65536)
        except OSError:  # EIO: the other side of a pty is closed
            return False
        self._seen = (self._seen + self._decoder.decode(some)).replace("\r\n", "\n")
        return bool(some)
