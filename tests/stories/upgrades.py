"""Another program in the place of the one that serves, and who streams and logs in meanwhile: for stories about that."""

import hashlib
import json
import signal
import threading

from lab import until
from lab.client import finish

CRASHES = "#!/bin/sh\nkill -SEGV $$\n"
ENDS = "#!/bin/sh\nexit 3\n"
NO_PROGRAM = "this is no program\n"


def installed(lab):
    """The bastion, which runs from a file of its own from now on: that can be replaced."""
    lab.bastion.terminate()
    assert lab.bastion.ended() == 0
    lab.bastion.install()
    lab.bastion.start()
    return lab.bastion


def upgrade(bastion, content=None):
    """Installs it, and asks for it. Returns the process that serves now."""
    before = bastion.pid
    bastion.install(content)
    if content is None:
        bastion.hands_over()
        assert bastion.pid != before
    else:
        bastion.send(signal.SIGHUP)
    return bastion.pid


def listed(lab):
    """The sessions of all processes, by their ids."""
    return {row["id"]: row for row in json.loads(lab.bastion.admin("session", "list", "--json"))}


class Stream:
    """A session through which blocks come and go for as long as it is open, no two alike; what comes back is what was
    sent. With a pause between blocks it leaves others some of the machine."""

    def __init__(self, client, pause=0, size=65536):
        self._client, self._pause, self._size = client, pause, size
        self._sent, self._received = hashlib.sha256(), hashlib.sha256()
        self._enough = threading.Event()
        self.blocks = 0
        self._failed = None
        self._thread = threading.Thread(target=self._stream, daemon=True)
        self._thread.start()

    def _stream(self):
        try:
            while not self._enough.wait(self._pause):
                block = self.blocks.to_bytes(8, "big") * (self._size // 8)
                self._client.stdin.write(block)
                self._client.stdin.flush()
                self._sent.update(block)
                self._received.update(self._client.stdout.read(len(block)))
                self.blocks += 1
        except (OSError, ValueError) as failed:
            self._failed = failed

    def moves_on(self):
        before = self.blocks
        until(lambda: self.blocks > before + 1, "its blocks go on")

    def has_failed(self):
        """Its connection was lost: no more blocks come or go."""
        return self._failed is not None

    def ends_whole(self):
        self._enough.set()
        self._thread.join()
        outcome = finish(self._client)
        assert self._failed is None, (self._failed, outcome)
        assert outcome.status == 3, outcome
        assert self.blocks > 0 and self._sent.digest() == self._received.digest()


class Logins:
    """Somebody logs in again and again meanwhile, with a pause in between; each has to succeed."""

    def __init__(self, lab, users=("alice", "bob"), pause=0):
        self._lab, self._pause = lab, pause
        self._enough = threading.Event()
        self.count = 0
        self.failed = []
        self._threads = [threading.Thread(target=self._log_in, args=(user,), daemon=True) for user in users]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._enough.set()
        for thread in self._threads:
            thread.join()

    def _log_in(self, user):
        while not self._enough.wait(self._pause):
            outcome = self._lab.ssh(user, "echo here")
            self.count += 1
            if (outcome.status, outcome.stdout) != (0, "here"):
                self.failed.append(outcome)

    def more(self, count=2):
        before = self.count
        until(lambda: self.count >= before + count, "more people log in")
