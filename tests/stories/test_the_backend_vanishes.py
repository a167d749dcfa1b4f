"""A backend dies under its users: they are told which, the others notice nothing, and it is used again when it is back."""

import pytest

from lab.client import finish


def session(lab, user):
    client = lab.client.start(*lab.client.ssh_line(user, "bastion", "echo up; cat"))
    assert client.stdout.readline() == b"up\n"
    return client


def still_alive(client):
    client.stdin.write(b"still here\n")
    client.stdin.flush()
    return client.stdout.readline() == b"still here\n"


@pytest.mark.bastion_only
def test_its_users_read_what_happened(own_lab):
    alice = session(own_lab, "alice")
    own_lab.backend("be1").stop()
    outcome = finish(alice)
    assert outcome.status != 0
    assert "bastion: the connection to backend be1 was lost" in outcome.stderr
    own_lab.bastion.log_of(outcome.id, has="backend_vanished")


def test_users_of_other_backends_notice_nothing(own_lab):
    alice, bob = session(own_lab, "alice"), session(own_lab, "bob")
    own_lab.backend("be1").stop()
    assert finish(alice).status != 0
    assert still_alive(bob)
    assert own_lab.ssh("bob", "echo $BOX").stdout == "be2/bob"
    assert finish(bob).status == 0


def test_when_it_is_back_so_are_its_users(own_lab):
    alice = session(own_lab, "alice")
    own_lab.backend("be1").stop()
    finish(alice)
    own_lab.backend("be1").start()
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


@pytest.mark.bastion_only
@pytest.mark.lab_with(settings={"keepalive_interval": 1, "keepalive_count_max": 2})
def test_one_that_falls_silent_is_noticed(own_lab):
    """Its packets vanish: no FIN, no RST. The keepalive of the hop finds out, and new logins say so too."""
    alice = session(own_lab, "alice")
    own_lab.backend("be1").unplug()
    outcome = finish(alice, seconds=30)
    assert outcome.status != 0
    own_lab.bastion.log_of(outcome.id, has="backend_vanished")
    assert "backend be1 is unreachable" in own_lab.ssh("alice", "true").stderr
    own_lab.backend("be1").plug()
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


@pytest.mark.bastion_only
@pytest.mark.lab_with(backends=("be1", "be2", "be3"))
def test_one_in_the_middle_of_a_chain_takes_only_its_branch(own_lab):
    alice, carol = session(own_lab, "alice"), session(own_lab, "carol")
    own_lab.backend("be2").stop()
    assert finish(carol).status != 0
    assert still_alive(alice)
    assert finish(alice).status == 0


@pytest.mark.bastion_only
def test_nothing_of_it_is_kept(own_lab):
    own_lab.ssh("bob", "true").succeeded()
    alices = [session(own_lab, "alice") for _ in range(5)]
    own_lab.backend("be1").stop()
    for alice in alices:
        finish(alice)
    assert own_lab.hop_connections("be1") == 0
