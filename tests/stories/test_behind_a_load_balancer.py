"""A connection that a load balancer passed on is from whom its PROXY header says, and nobody else may say so."""

import contextlib
import re
import socket

import pytest

import examples
from lab.deadline import until
from lab.process import start
from lab.topology import BASTION

_BALANCER = "10.1.0.3"
_ALICES, _BOBS = "10.1.0.4", "10.1.0.5"
_PORT = 2200
_FEW = 8

pytestmark = [
    pytest.mark.bastion_only,
    pytest.mark.lab_with(backends=("be1",), settings={"proxy_protocol": [_BALANCER], "max_startups_per_source": _FEW}),
]

_ADMIN = examples.REPOSITORY / "docs" / "ADMIN.md"


@contextlib.contextmanager
def haproxy(lab, options):
    """HAProxy in the network of the client, and two addresses more there for those who come through it."""
    namespace = lab.client.namespace
    namespace.ip(*(f"addr replace {address}/24 dev front" for address in (_BALANCER, _ALICES, _BOBS)))
    file = lab.folder / "haproxy.cfg"
    file.write_text(documented(options))
    process = start(namespace.command("haproxy", "-db", "-f", file))
    try:
        until(lambda: reached(lab, _ALICES) is not None, "HAProxy answers")
        yield
    finally:
        process.terminate()
        process.wait()


def documented(options):
    """What the page says, with the addresses of this place, and another way to say whose a connection is."""
    (example,) = [each for each in examples.examples(_ADMIN) if each.language == "haproxy"]
    text = example.text.replace("bind :22\n", f"bind {_BALANCER}:{_PORT}\n")
    text = re.sub(r"192\.0\.2\.\d+:2222", f"{BASTION['front']}:2222 source {_BALANCER}", text)
    return text.replace("send-proxy-v2 check", options)


def reached(lab, address):
    """A connection to HAProxy from there; None while nobody listens."""
    with lab.client.namespace.entered():
        connection = socket.socket()
        connection.bind((address, 0))
        try:
            connection.connect((_BALANCER, _PORT))
        except ConnectionRefusedError:
            connection.close()
            return None
    return connection


def through_it(lab, user, address, command="echo $BOX"):
    way = ["-b", address, "-o", f"HostName={_BALANCER}", "-p", str(_PORT), "-o", f"HostKeyAlias=[{BASTION['front']}]:2222"]
    return lab.ssh(user, command, *way)


@pytest.mark.parametrize("options", ["send-proxy-v2 check", "send-proxy-v2", "send-proxy check inter 100ms", "send-proxy"])
def test_a_login_is_from_whom_the_header_says(own_lab, options):
    with haproxy(own_lab, options):
        assert through_it(own_lab, "alice", _ALICES).stdout == "be1/alice"
        assert through_it(own_lab, "alice", _BOBS).stdout == "be1/alice"
    own_lab.waits_for_log(f"user=alice from={_BOBS} ")
    accepted = [line for line in own_lab.log.splitlines() if "login accepted" in line]
    assert [line.partition(" from=")[2].split()[0] for line in accepted] == [_ALICES, _BOBS]


def test_strangers_are_counted_by_their_own_addresses(own_lab):
    with haproxy(own_lab, "send-proxy-v2"), contextlib.ExitStack() as stack:
        for _ in range(_FEW):
            silent = stack.enter_context(reached(own_lab, _BOBS))
            assert silent.recv(8) == b"SSH-2.0-"
        assert through_it(own_lab, "alice", _ALICES).stdout == "be1/alice"
        assert "reason=made_room" not in own_lab.log
        assert through_it(own_lab, "alice", _BOBS).stdout == "be1/alice"
    own_lab.waits_for_log(f"connection let go from={_BOBS} ")


def test_whoever_is_no_balancer_cannot_say_so(own_lab):
    """A header is no version line of SSH."""
    with own_lab.client.namespace.entered(), socket.create_connection((BASTION["front"], 2222)) as forger:
        forger.sendall(b"PROXY TCP4 10.9.9.9 10.1.0.1 1 2222\r\nSSH-2.0-forger\r\n")
        answer = b"".join(iter(lambda: forger.recv(4096), b""))
    assert b"Invalid SSH identification string." in answer
    assert "10.9.9.9" not in own_lab.log
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


def test_a_balancer_that_says_nothing_is_refused_and_the_log_says_why(own_lab):
    with haproxy(own_lab, ""):
        refused = through_it(own_lab, "alice", _ALICES)
        assert refused.status == 255
    until(lambda: f"connection refused from={_BALANCER} " in own_lab.log, "the log says so")
    (line, *_) = [line for line in own_lab.log.splitlines() if f"connection refused from={_BALANCER} " in line]
    assert line.endswith(" reason=proxy_protocol")
