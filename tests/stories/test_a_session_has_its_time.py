"""Limits in time: a login in which nothing happens ends, and so does one that has lasted long enough."""

import pytest

from lab import until
from lab.client import finish

pytestmark = pytest.mark.bastion_only

BUSY = "for i in $(seq 15); do echo $i; sleep 0.3; done"


def ends_by_itself(client, why):
    until(lambda: client.poll() is not None, "the session ends")
    outcome = finish(client)
    assert f"bastion: {why} (id " in outcome.stderr
    assert outcome.status == 255


@pytest.mark.lab_with(settings={"idle_timeout": 2})
def test_who_does_nothing_is_let_go_and_who_works_is_not(own_lab):
    busy = own_lab.client.start(*own_lab.client.ssh_line("bob", "bastion", BUSY))
    idle = own_lab.client.start(*own_lab.client.ssh_line("alice", "bastion", "sleep 60"))
    ends_by_itself(idle, "closed: idle for 2 seconds")
    outcome = finish(busy)
    assert (outcome.status, outcome.stdout.split()[-1]) == (0, "15")


@pytest.mark.lab_with(settings={"idle_timeout": 8})
def test_at_a_terminal_there_is_a_warning_and_a_key_is_enough(own_lab):
    warning = r"bastion: this session ends in 2 seconds if it stays idle"
    with own_lab.terminal("alice") as terminal:
        terminal.expect(r"\$ ")
        terminal.expect(warning)
        terminal.type("echo awa''ke\n")
        terminal.expect("awake")
        terminal.expect(warning)
        terminal.expect(r"bastion: closed: idle for 8 seconds")
        assert terminal.end()[0] == 255


@pytest.mark.lab_with(settings={"max_session": 3})
def test_the_longest_time_is_over_for_everybody(own_lab):
    with own_lab.terminal("alice", "-t", BUSY) as terminal:
        terminal.expect(r"bastion: this session ends in 1 second: session limit 3 seconds")
        terminal.expect(r"bastion: closed: session limit 3 seconds reached; log in again to go on")
        assert terminal.end()[0] == 255
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


@pytest.mark.lab_with(settings={"max_session": 2, "idle_timeout": 2})
def test_a_users_own_limits_go_first(own_lab):
    own_lab.bastion.admin("user", "set", "bob", "--max-session", "none", "--idle-timeout", "none")
    bob = own_lab.client.start(*own_lab.client.ssh_line("bob", "bastion", "echo up; cat"))
    assert bob.stdout.readline() == b"up\n"
    alice = own_lab.client.start(*own_lab.client.ssh_line("alice", "bastion", BUSY))
    ends_by_itself(alice, "closed: session limit 2 seconds reached; log in again to go on")
    bob.stdin.write(b"still here\n")
    bob.stdin.flush()
    assert bob.stdout.readline() == b"still here\n"
    own_lab.bastion.admin("user", "set", "bob", "--max-session", "1s")
    ends_by_itself(bob, "closed: session limit 1 second reached; log in again to go on")
