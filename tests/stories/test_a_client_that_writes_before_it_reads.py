"""A client of one thread that writes from inside its reader (tests/hostile/blocking_client.h), as JSch, sshj, Go's
x/crypto/ssh and Paramiko do. With traffic both ways it does not read for as long as it is not read, and gets through
all the same: on every kind of channel, and through any number of hops."""

import re
import socket
import threading

import pytest
import siege
from lab import Lab
from lab.lab import PORT
from lab.service import Service
from lab.topology import BASTION, CONTAINERS

pytestmark = pytest.mark.bastion_only

_CHANNELS, _BYTES = 40, 512 * 1024
_HOPS = {"no hop": "erin", "one hop": "alice", "three hops": "dave"}


class Echo(Service):
    """Sends back what it is sent, to everybody at once."""

    def __init__(self, namespace, address):
        with namespace.entered():
            listening = socket.create_server((address, 0), backlog=100)
        self.port = listening.getsockname()[1]
        super().__init__(listening)

    def answer(self, peer):
        peer = peer.dup()  # the one we were given is closed when we return
        threading.Thread(target=self._echo, args=(peer,), daemon=True).start()

    @staticmethod
    def _echo(peer):
        with peer:
            while part := peer.recv(65536):
                peer.sendall(part)


@pytest.fixture(scope="module")
def lab():
    with Lab(("be1", "be2", "be3", "be4"), settings={"workers": 1, "log_level": "info"}) as lab:
        yield lab


def talk(lab, user, kind, what, channels=_CHANNELS, size=_BYTES, text="0123456789abcde\n"):
    """What the client says at its end: bytes received over all channels, and how many of these succeeded."""
    line = [siege.tool(), "blocking", f"{BASTION['front']}:{PORT}", user, lab.key(user).path, kind, what, channels, size, text]
    outcome = lab.client.run(*line, timeout=60).succeeded()
    return tuple(map(int, re.fullmatch(r"received (\d+), succeeded (\d+)", outcome.stdout).groups()))


@pytest.mark.parametrize("user", _HOPS.values(), ids=_HOPS)
def test_sessions(lab, user):
    assert talk(lab, user, "command", "cat") == (_CHANNELS * _BYTES, _CHANNELS)


@pytest.mark.parametrize("user", _HOPS.values(), ids=_HOPS)
def test_forwards_into_the_container(lab, user):
    with Echo(lab.container(user).namespace, "127.0.0.1") as echo:
        assert talk(lab, user, "forward", f"localhost:{echo.port}") == (_CHANNELS * _BYTES, 0)


@pytest.mark.parametrize("user", _HOPS.values(), ids=_HOPS)
def test_tunnels_to_the_container(lab, user):
    address = next(each.address for each in CONTAINERS if each.target == user)
    with Echo(lab.container(user).namespace, address) as echo:
        assert talk(lab, user, "forward", f"{address}:{echo.port}") == (_CHANNELS * _BYTES, 0)


def test_commands_of_an_administrator(lab):
    line = "user list\n"
    received, succeeded = talk(lab, "root", "subsystem", "admin", channels=10, size=200 * len(line), text=line)
    assert succeeded == 10
    assert received == 10 * 200 * len(lab.bastion.admin("user", "list") + "\n")
