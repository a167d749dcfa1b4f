"""Bad peers at work: the hostile peer (tests/hostile) in front of the bastion or in the place of a container, and an
innocent user who shares their worker and their hop."""

import contextlib
import dataclasses
import pathlib
import re
import select
import subprocess

from lab import Lab, until
from lab.bastion import binary
from lab.client import finish
from lab.deadline import PATIENCE
from lab.lab import PORT
from lab.process import run, start
from lab.topology import BASTION, CONTAINERS

_MIB = 1024 * 1024

# What a bad peer may cost while she does her worst: the backlogs and windows of both her legs, twice over for buffers
# that grow, and the sanitizers' share.
_BOUND = 64 * _MIB

# Little room in the kernel, so that what nobody reads lies in the bastion, where its bounds are looked at.
_SMALL_BUFFERS = ["net.ipv4.tcp_rmem=4096 16384 65536", "net.ipv4.tcp_wmem=4096 16384 65536"]

# Their containers are behind one backend.
ATTACKER = "alice+db"
_INNOCENT = "bob"

_ADDRESS = f"{BASTION['front']}:{PORT}"
_CONTAINER = next(f"{each.address}:22" for each in CONTAINERS if each.target == ATTACKER)
_PIPES = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}


@dataclasses.dataclass(frozen=True)
class Fate:
    outcome: str  # as the bad peer saw it: "cut off", "held up" (nobody takes more), "heard out"
    reason: str  # as the log has it
    was_cut_off: bool  # before she left


@contextlib.contextmanager
def _ended(peer):
    try:
        yield peer
    finally:
        finish(peer)


def tool():
    """Built beside the bastion that is tested."""
    return pathlib.Path(binary()).parents[1] / "tests" / "hostile" / "hostile_peer"


def behaviours(role):
    return run([tool(), "list", role]).split()


@contextlib.contextmanager
def laid(settings=None):
    """A lab with one worker, and the innocent logged in."""
    settings = {"workers": 1, "log_level": "info", "keepalive_interval": 2} | (settings or {})
    with Lab(["be2"], settings=settings) as lab:
        for line in _SMALL_BUFFERS:
            run(lab.bastion.namespace.command("sysctl", "-qw", line))
            run(lab.client.namespace.command("sysctl", "-qw", line))
        with lab.logged_in(_INNOCENT) as innocent:
            yield Siege(lab, innocent)


class Siege:
    def __init__(self, lab, innocent):
        self.lab = lab
        self._innocent = innocent

    def client(self, behaviour, user=ATTACKER):
        """A user who misbehaves once she is logged in."""
        return self._peer("client", _ADDRESS, user, self.lab.key(user).path, behaviour)

    def stranger(self, behaviour):
        """Somebody who misbehaves instead of logging in."""
        return self._peer("stranger", _ADDRESS, behaviour)

    @contextlib.contextmanager
    def empty_container(self, behaviour):
        """A container that misbehaves with whoever comes into it."""
        machine = self.lab.container(ATTACKER)
        line = [tool(), "container", _CONTAINER, machine.host_key_file, behaviour]
        peer = start(machine.namespace.command(*line), **_PIPES)
        with _ended(peer):
            assert peer.stdout.readline() == b"ready\n"
            yield peer

    @contextlib.contextmanager
    def container(self, behaviour, command, *options, input="/dev/null"):
        """The same with its user in it; what the client reads comes from a file."""
        with self.empty_container(behaviour) as peer:
            with open(input, "rb") as typed:
                ssh = self.lab.client.ssh_line(ATTACKER, "bastion", command, *options)
                user = self.lab.client.start(*ssh, stdin=typed, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                yield peer
            finally:
                user.kill()
                user.wait()

    def endure(self, attack):
        """Everything that has to be so while somebody misbehaves; returns what became of her."""
        self._echo()
        before, logged = self.lab.bastion.resident_bytes(), len(self.lab.log)
        ended = lambda: re.findall(r"login (?:ended|failed) .*reason=(\w+)", self.lab.log[logged:])
        with attack as peer:
            outcome = self._typing_until(peer)
            assert self.lab.bastion.resident_bytes() - before < _BOUND
            if outcome == "cut off":
                until(ended, "the log says that it was cut off")
            cut = ended()
        until(ended, "the log says why it ended")
        self._echo()
        assert len(ended()) == 1, "one login ended, with one line"
        return Fate(outcome, ended()[0], was_cut_off=bool(cut))

    @contextlib.contextmanager
    def _peer(self, *words):
        """Begins when the block does: what was logged until then is not of its doing."""
        with _ended(self.lab.client.start(tool(), *words, stderr=subprocess.STDOUT)) as peer:
            yield peer

    def _typing_until(self, peer):
        """The innocent types until the bad peer says how she fared."""
        def said():
            self._echo()
            return select.select([peer.stdout], [], [], 0)[0]

        until(said, "the bad peer is done", 2 * PATIENCE)
        line = peer.stdout.readline().decode()
        found = re.match(r"outcome: (.*) \(", line)
        assert found, f"the hostile peer failed: {line}{peer.stdout.read().decode()}"
        return found[1]

    def _echo(self):
        self._innocent.stdin.write(b"still here\n")
        self._innocent.stdin.flush()
        assert self._innocent.stdout.readline() == b"still here\n"
