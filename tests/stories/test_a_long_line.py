"""The line that stories and benchmarks of distance are told on: it is at least as long as it says, loses what it is told to
lose, and carries the rest unharmed and in order."""

import contextlib
import os
import socket
import time

import pytest

from lab.cable import Bridge, Cable
from lab.long_line import LongLine
from lab.namespace import Namespace

pytestmark = pytest.mark.bastion_only

_HERE, _THERE = "10.9.0.1", "10.9.0.2"

_SO_RCVBUFFORCE = 33  # SO_RCVBUF without the bound of net.core.rmem_max, which is 208 KiB on Debian 12


@pytest.fixture
def line():
    """A line between two hosts, here and there."""
    hosts = {name: Namespace(f"line{os.getpid()}-{name}") for name in ("here", "there", "between")}
    with contextlib.ExitStack() as stack:
        for host in hosts.values():
            host.create()
            stack.callback(host.delete)
        bridge = Bridge(hosts["between"], "bridge")
        line = LongLine("one", hosts["here"], "eth0", _HERE, bridge)
        stack.callback(line.remove)
        Cable("two", hosts["there"], "eth0", _THERE, bridge)
        line.hosts = hosts
        yield line


@contextlib.contextmanager
def datagrams(line):
    """A pair of sockets; what is sent by the first arrives at the second."""
    with contextlib.ExitStack() as stack:
        pair = []
        for name, address in (("here", _HERE), ("there", _THERE)):
            with line.hosts[name].entered():
                pair.append(stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))
            pair[-1].bind((address, 5000))
            pair[-1].settimeout(10)
            pair[-1].setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 1024 * 1024)
        pair[0].connect((_THERE, 5000))
        pair[1].connect((_HERE, 5000))
        yield pair


def round_trip(here, there, word=b"x"):
    began = time.monotonic()
    here.send(word)
    there.send(there.recv(2000))
    assert here.recv(2000) == word
    return time.monotonic() - began


def test_it_is_as_long_as_it_says_and_may_become_longer_and_shorter(line):
    with datagrams(line) as (here, there):
        round_trip(here, there)
        for told in (0.03, 0.1, 0.02):
            line.becomes(round_trip=told)
            assert round_trip(here, there) >= told


def test_it_loses_the_part_it_is_told_to_lose(line):
    with datagrams(line) as (here, there):
        round_trip(here, there)
        line.becomes(loss=0.1)
        for number in range(1000):
            here.send(number.to_bytes(4, "big"))
        for _ in range(20):
            here.send(b"last")  # one of them arrives
        came = list(iter(lambda: there.recv(2000), b"last"))
        assert came == sorted(came)
        assert 850 <= len(came) <= 950


def test_a_frame_that_is_too_large_vanishes(line):
    with datagrams(line) as (here, there):
        round_trip(here, there)
        line.becomes(largest=1000)
        for size in (1400, 900, 1200, 100):
            here.send(b"." * size)
        assert [len(there.recv(2000)) for _ in range(2)] == [900, 100]


def test_a_stream_arrives_as_it_was_sent(line):
    """Nothing is left to a network card that is not there: every segment has its checksum, and none is too large."""
    content = bytes(range(256)) * 16 * 1024
    line.becomes(round_trip=0.01, loss=0.01)
    with contextlib.ExitStack() as stack:
        with line.hosts["there"].entered():
            listener = stack.enter_context(socket.create_server((_THERE, 5001)))
        with line.hosts["here"].entered():
            here = stack.enter_context(socket.create_connection((_THERE, 5001), timeout=30))
        there = stack.enter_context(listener.accept()[0])
        there.settimeout(30)
        here.setblocking(False)
        came, sent = bytearray(), 0
        while len(came) < len(content):
            with contextlib.suppress(BlockingIOError):
                sent += here.send(content[sent:])
            came += there.recv(1024 * 1024)
        assert bytes(came) == content
