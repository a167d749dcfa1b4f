"""A backend that cannot be reached is dialled rarely, whoever asks; one that is back is in use again within seconds."""

import concurrent.futures
import contextlib
import re
import subprocess

import pytest

from lab import until
from lab.client import finish
from lab.process import run
from lab.topology import address_for_predecessor

pytestmark = pytest.mark.bastion_only

USERS = 20
TRIES = 3


def everybody_retries(lab, *users):
    """Each user tries again as soon as she has been told that it failed; returns all outcomes."""
    with concurrent.futures.ThreadPoolExecutor(len(users)) as pool:
        return [each for some in pool.map(lambda user: [lab.ssh(user, "true") for _ in range(TRIES)], users) for each in some]


def waits(lab, backend):
    """The milliseconds that were to pass after each failed dial, in order."""
    return [int(each) for each in re.findall(rf"hop failed backend={backend} .* next_dial_in_ms=(\d+)", lab.log)]


def dials_under_way(lab, backend):
    query = ["ss", "-Htn", "state", "syn-sent", "dst", address_for_predecessor(backend)]
    return len(run(lab.bastion.namespace.command(*query)).splitlines())


def session(lab, user):
    client = lab.client.start(*lab.client.ssh_line(user, "bastion", "echo up; cat"))
    assert client.stdout.readline() == b"up\n"
    return client


def still_alive(client):
    client.stdin.write(b"still here\n")
    client.stdin.flush()
    return client.stdout.readline() == b"still here\n"


@contextlib.contextmanager
def busy(lab, user):
    """A download that fills the user's hop, and has done so for a while when the block begins."""
    line = lab.client.ssh_line(user, "bastion", "cat /dev/zero")
    client = lab.client.start(*line, stdout=subprocess.DEVNULL)
    try:
        until(lambda: lab.log.count("hop busy") > 0, "the hop is known to be busy")
        yield
    finally:
        client.kill()
        client.communicate()


@pytest.mark.lab_with(settings={"workers": 1, "connect_timeout": 3})
@pytest.mark.parametrize("how", ["unplug", "stop"])
def test_many_users_who_retry_cause_few_dials(own_lab, how):
    """Whether it drops packets or refuses at once."""
    getattr(own_lab.backend("be1"), how)()
    with concurrent.futures.ThreadPoolExecutor(1) as other:
        outcomes = other.submit(everybody_retries, own_lab, *["alice"] * USERS)
        dials = []
        while not outcomes.done():
            dials.append(dials_under_way(own_lab, "be1"))
            assert own_lab.ssh("bob", "echo $BOX").stdout == "be2/bob"
    for outcome in outcomes.result():
        assert outcome.status == 255
        assert outcome.stderr == f"bastion: backend be1 is unreachable (id {outcome.id})"
    assert max(dials) <= 1
    # Everybody who waits hears the same dial fail.
    assert TRIES <= len(waits(own_lab, "be1")) <= 2 * TRIES
    for middle, wait in zip([500, 1000, 2000, 4000, 5000, 5000], waits(own_lab, "be1")):
        assert 0.74 * middle <= wait <= 1.25 * middle


@pytest.mark.threaded
@pytest.mark.lab_with(settings={"workers": 2, "connect_timeout": 1}, backends=("be1", "be2", "be3"))
def test_behind_it_nothing_is_dialled(own_lab):
    """be3 is behind be2: bob's dials are carol's too, and be2 is what both of them read about."""
    own_lab.backend("be2").unplug()
    outcomes = everybody_retries(own_lab, *["bob", "carol"] * 5)
    assert {outcome.stderr.partition(" (id")[0] for outcome in outcomes} == {"bastion: backend be2 is unreachable"}
    assert len(waits(own_lab, "be2")) <= 2 * 2 * TRIES
    assert waits(own_lab, "be3") == []
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


@pytest.mark.lab_with(settings={"workers": 1, "connect_timeout": 1})
def test_whoever_comes_during_the_wait_is_in_time_for_the_next_dial(own_lab):
    own_lab.backend("be1").stop()
    for _ in range(4):
        assert "backend be1 is unreachable" in own_lab.ssh("alice", "true").stderr
    own_lab.backend("be1").start()
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
    assert len(waits(own_lab, "be1")) == 4
    own_lab.backend("be1").stop()
    own_lab.ssh("alice", "true")
    until(lambda: len(waits(own_lab, "be1")) > 4, "the fifth dial failed")
    assert waits(own_lab, "be1")[4] <= 625


@pytest.mark.lab_with(settings={"workers": 1})
def test_a_dial_goes_on_when_whoever_asked_is_gone(own_lab):
    own_lab.backend("be1").unplug()
    client = own_lab.client.start(*own_lab.client.ssh_line("alice", "bastion", "true"))
    until(lambda: dials_under_way(own_lab, "be1") == 1, "be1 is dialled")
    client.kill()
    client.communicate()
    until(lambda: "reason=ok" in own_lab.log, "the login is over")
    own_lab.backend("be1").plug()
    until(lambda: own_lab.hop_connections("be1") == 1, "the hop is there")
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
    assert own_lab.log.count("hop connected backend=be1") == 1


@pytest.mark.lab_with(settings={"workers": 1})
def test_a_reboot_that_nobody_was_told_of(own_lab):
    """No FIN and no RST: the first to come finds the old connection dead, and is let in by a new one."""
    own_lab.ssh("alice", "true").succeeded()
    before = own_lab.bastion.descriptors()
    alice = session(own_lab, "alice")
    be1 = own_lab.backend("be1")
    be1.unplug()
    be1.stop()
    be1.forget_connections()
    be1.start()
    be1.plug()
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
    assert "the connection to backend be1 was lost" in finish(alice).stderr
    # One that has answered late looks far away, and to such a backend a spare one is dialled.
    hops = own_lab.hop_connections("be1")
    assert hops in (1, 2)
    until(lambda: own_lab.bastion.descriptors() <= before + hops - 1, "its descriptors are back")


@pytest.mark.lab_with(settings={"workers": 1, "keepalive_interval": 60})
def test_a_silent_hop_gets_no_newcomers_and_keeps_who_is_there(own_lab):
    """The keepalive has patience for a while; who logs in meanwhile need not have it."""
    alice = session(own_lab, "alice")
    own_lab.backend("be1").unplug()
    assert "backend be1 is unreachable" in own_lab.ssh("alice", "true").stderr
    own_lab.backend("be1").plug()
    assert still_alive(alice)
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
    assert still_alive(alice)
    assert finish(alice).status == 0


@pytest.mark.lab_with(settings={"workers": 1, "hop_idle_timeout": 1})
def test_whoever_comes_into_a_full_hop_gets_another_one(own_lab):
    with busy(own_lab, "alice"):
        assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
        assert own_lab.log.count("hop connected backend=be1") == 2
    until(lambda: own_lab.hop_connections("be1") == 0, "hops nobody needs are closed")


@pytest.mark.lab_with(settings={"workers": 1})
def test_when_there_cannot_be_another_one_the_full_hop_has_to_do(own_lab):
    with busy(own_lab, "alice"):
        own_lab.backend("be1").authorize()
        assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
    own_lab.waits_for_log("hop failed backend=be1 reason=backend_refused_identity")
