"""What other processes send ends neither the bastion nor a session; only SIGTERM and SIGINT are meant to."""

import signal

import pytest

from lab import until
from lab.client import echoes, finish

pytestmark = pytest.mark.bastion_only

# Whose default is to end a process, and which are no fault of it.
HARMLESS = [
    signal.SIGHUP,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGALRM,
    signal.SIGQUIT,
    signal.SIGPIPE,
    signal.SIGVTALRM,
    signal.SIGPROF,
    signal.SIGIO,
    signal.SIGPWR,
    signal.SIGSTKFLT,
    signal.SIGXCPU,
    signal.SIGXFSZ,
    signal.SIGRTMIN,
    signal.SIGRTMIN + 1,
    signal.SIGRTMAX,
]


def test_neither_a_session_nor_a_newcomer_notices(own_lab):
    alice = own_lab.session()
    for number in HARMLESS:
        own_lab.bastion.send(number)
        echoes(alice)
    assert own_lab.ssh("bob", "echo $BOX").stdout == "be2/bob"
    assert finish(alice).status == 3


@pytest.mark.threaded
def test_many_of_them_flood_nothing(own_lab):
    alice = own_lab.session()
    before = own_lab.log.count("\n")
    for _ in range(2000):
        for number in HARMLESS:
            own_lab.bastion.send(number)
    until(lambda: "signal ignored name=SIGUSR2" in own_lab.log, "a signal that does nothing is in the log")
    echoes(alice)
    assert own_lab.ssh("bob", "echo $BOX").stdout == "be2/bob"
    assert own_lab.log.count("signal ignored name=SIGUSR2") == 1
    assert own_lab.log.count("\n") - before < 200
    assert finish(alice).status == 3


def test_one_that_comes_while_it_starts_is_no_end(own_lab):
    bastion = own_lab.bastion
    bastion.terminate()
    assert bastion.ended() == 0
    bastion.launch()
    until(lambda: bastion.catches(signal.SIGHUP), "it has begun to serve")
    for number in HARMLESS:
        bastion.send(number)
    bastion.becomes_ready()
    until(lambda: "configuration read again" in bastion.log, "the reload that was asked for meanwhile")
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


@pytest.mark.threaded
@pytest.mark.lab_with(settings={"drain_timeout": 60})
def test_while_it_drains_they_change_nothing(own_lab):
    alice = own_lab.session()
    own_lab.bastion.terminate()
    until(lambda: "stopping: " in own_lab.log, "it drains")
    for number in [*HARMLESS, signal.SIGTERM, signal.SIGINT]:
        own_lab.bastion.send(number)
        echoes(alice)
    assert finish(alice).status == 3
    assert own_lab.bastion.ended() == 0
    assert own_lab.log.endswith("stopped\n")


@pytest.mark.lab_with(settings={"drain_timeout": 0})
def test_to_its_very_last_moment(own_lab):
    """A signal may come at any time until the process is gone."""
    for _ in range(5):
        own_lab.bastion.terminate()
        while own_lab.bastion.is_running():
            for number in [*HARMLESS, signal.SIGTERM, signal.SIGINT]:
                own_lab.bastion.send(number)
        assert own_lab.bastion.ended() == 0
        own_lab.bastion.start()
