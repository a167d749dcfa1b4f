"""A connection that a load balancer passed on is from whom its PROXY header says, and nobody else may say so."""

import contextlib
import socket

import pytest

import balancer
from balancer import reached
from lab.deadline import until
from lab.topology import BASTION
from scrapes import SETTINGS, figures

_BALANCER = balancer.ADDRESS
_ALICES, _BOBS = "10.1.0.4", "10.1.0.5"
_FEW = 8

pytestmark = [
    pytest.mark.bastion_only,
    pytest.mark.lab_with(backends=("be1",), settings={"proxy_protocol": [_BALANCER], "max_startups_per_source": _FEW}),
]

@contextlib.contextmanager
def haproxy(lab, options=None):
    with balancer.haproxy(lab, (_ALICES, _BOBS), options=options):
        yield


def through_it(lab, user, address, command="echo $BOX"):
    return lab.ssh(user, command, *balancer.way(address))


@pytest.mark.parametrize("options", [None, "send-proxy-v2", "send-proxy check inter 100ms", "send-proxy"])
def test_a_login_is_from_whom_the_header_says(own_lab, options):
    with haproxy(own_lab, options):
        assert through_it(own_lab, "alice", _ALICES).stdout == "be1/alice"
        assert through_it(own_lab, "alice", _BOBS).stdout == "be1/alice"
    own_lab.waits_for_log(f"user=alice from={_BOBS} ")
    accepted = [line for line in own_lab.log.splitlines() if "login accepted" in line]
    assert [line.partition(" from=")[2].split()[0] for line in accepted] == [_ALICES, _BOBS]


@pytest.mark.lab_with(backends=("be1",), settings={"proxy_protocol": [_BALANCER], "log_level": "info", "exempt": []} | SETTINGS)
@pytest.mark.parametrize("options, often", [(None, 3), ("send-proxy check inter 20ms", 40)])
def test_a_check_is_nobody(own_lab, options, often):
    """However often it comes: no line of the log, no penalty."""
    with haproxy(own_lab, options):
        checks = lambda: figures(own_lab)["bastion_connections_accepted_total"]
        before = checks()
        until(lambda: checks() > before + often, "it has looked often enough")
        assert own_lab.bastion.admin("ban", "list").count(_BALANCER) == 0
    assert _BALANCER not in own_lab.log


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
