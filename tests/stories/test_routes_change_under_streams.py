"""Fifty changes of who is where, while twenty sessions carry data over just these routes: nothing is lost."""

import itertools
import os
import threading

import pytest

from lab.client import finish
from lab.deadline import until

pytestmark = pytest.mark.bastion_only

SESSIONS = 20
CHANGES = 50
BLOCK = 16 * 1024


class Stream(threading.Thread):
    """Sends through `cat` and compares what comes back, until it is told to stop."""

    def __init__(self, lab, user, enough):
        super().__init__()
        self._enough = enough
        self.client = lab.client.start(*lab.client.ssh_line(user, "bastion", "cat"))
        self.rounds = 0
        self.fault = None

    def run(self):
        while not self._enough.is_set() and not self.fault:
            sent = os.urandom(BLOCK)
            try:
                self.client.stdin.write(sent)
                self.client.stdin.flush()
                if self.client.stdout.read(BLOCK) != sent:
                    self.fault = "something else came back"
            except OSError as error:
                self.fault = str(error)
            self.rounds += 1


def changes():
    """Commands that move alice's and bob's containers away and back, and everything around them."""
    away = ["--backend", "spare", "--address", "10.0.3.200"]
    home = {"alice": ["--backend", "be1", "--address", "10.0.3.100"], "bob": ["--backend", "be2", "--address", "10.0.3.100"]}
    for number in itertools.count():
        yield "backend", "add", "spare", "10.1.1.99", "--login", "hop", "--via", "be1"
        for user in home:
            yield "container", "move", f"{user}/web", *away
            yield "container", "move", f"{user}/web", *home[user]
        yield "backend", "remove", "spare"
        yield "backend", "drain", "be1"
        yield "user", "add", f"guest{number}"
        yield "container", "share", "alice/web", f"guest{number}"
        yield "backend", "resume", "be1"
        yield "user", "remove", f"guest{number}", "--yes"


@pytest.mark.threaded
def test_nothing_drops_and_everything_arrives(own_lab):
    enough = threading.Event()
    streams = [Stream(own_lab, user, enough) for user in ("alice", "bob") for _ in range(SESSIONS // 2)]
    for stream in streams:
        stream.start()
    # Who comes only now may be led to where a container is not yet.
    until(lambda: all(stream.rounds or stream.fault for stream in streams), "every stream carries data")
    for words in itertools.islice(changes(), CHANGES):
        own_lab.bastion.admin(*words)
    enough.set()
    for stream in streams:
        stream.join()
    assert [stream.fault for stream in streams if stream.fault] == []
    assert min(stream.rounds for stream in streams) > 1
    assert [finish(stream.client).status for stream in streams] == [0] * SESSIONS
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
