"""A client that takes nothing more holds up its own session, and neither memory nor anybody else."""

import os
import signal

import pytest
from lab import until
from lab.client import finish
from lab.topology import CLIENT

_MIB = 1024 * 1024

# What may lie on the way: a window of each of the two transports, the backlog of each leg, and the sanitizers' share.
_BOUND = 32 * _MIB


def stopped(lab, user, command):
    """A session that has begun to receive, and whose client then stands still."""
    client = lab.client.start(*lab.client.ssh_line(user, "bastion", command))
    client.stdout.read(_MIB)
    os.kill(client.pid, signal.SIGSTOP)
    return client


def resume(client):
    os.kill(client.pid, signal.SIGCONT)


def stalls(lab, user):
    """Waits until nothing is produced any more: everything on the way is full."""
    seen = []

    def is_still():
        seen.append(lab.direct(user, "cat /tmp/produced").stdout)
        return len(seen) > 3 and len(set(seen[-3:])) == 1

    until(is_still, "the producer stands still")


# Writes for as long as it may, and says how far it got.
_PRODUCER = "i=0; while head -c 1048576 /dev/zero; do i=$((i + 1)); echo $i >/tmp/produced; done"


@pytest.mark.bastion_only
@pytest.mark.lab_with(settings={"log_level": "info"})
def test_it_costs_no_more_than_the_windows(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    before = own_lab.bastion.resident_bytes()
    client = stopped(own_lab, "alice", _PRODUCER)
    stalls(own_lab, "alice")
    assert own_lab.bastion.resident_bytes() - before < _BOUND
    resume(client)
    client.kill()
    client.wait()


def test_others_on_the_same_hop_do_not_notice(own_lab):
    client = stopped(own_lab, "alice", _PRODUCER)
    stalls(own_lab, "alice")
    assert own_lab.ssh("alice", "head -c 10000000 /dev/zero | wc -c; echo $BOX").stdout.split()[-1] == "be1/alice"
    resume(client)
    client.kill()
    client.wait()


def test_it_goes_on_where_it_stopped(own_lab):
    client = stopped(own_lab, "alice", "head -c 30000000 /dev/zero")
    resume(client)
    outcome = finish(client, seconds=60)
    assert (outcome.status, len(outcome.raw)) == (0, 30_000_000 - _MIB)


@pytest.mark.bastion_only
@pytest.mark.parametrize("user", ["alice", "erin"])  # behind a hop, and without one
@pytest.mark.lab_with(settings={"keepalive_interval": 1, "keepalive_count_max": 1})
def test_it_may_stand_still_for_longer_than_anything_may_be_silent(own_lab, user):
    """Its machine is alive and says so; and its container is not heard only because nobody listens to it."""
    size, socket = 5_000_000, own_lab.client.folder / "master"
    with own_lab.logged_in(user, "-M", "-S", str(socket)) as master:
        # Enough downloads at once to fill every buffer on the way, so that the bastion has to stop reading too.
        command = f"echo up; until [ -e /tmp/go ]; do sleep 0.05; done; head -c {size} /dev/zero"
        line = own_lab.client.ssh_line(user, "bastion", command, "-S", str(socket))
        downloads = [own_lab.client.start(*line, bufsize=0) for _ in range(10)]
        for download in downloads:
            assert download.stdout.readline() == b"up\n"
        os.kill(master.pid, signal.SIGSTOP)
        own_lab.direct(user, "touch /tmp/go").succeeded()
        until(lambda: own_lab.bastion.silence_of(CLIENT["front"]) > 8, "it has stood still for long")
        resume(master)
        for outcome in [finish(download, seconds=60) for download in downloads]:
            assert (outcome.status, len(outcome.raw)) == (0, size)
