"""A container is shared with a group: whoever is in it gets in, for as long as they are, on every bastion."""

import json

import pytest

from fleet import Fleet
from lab import until
from lab.client import finish

pytestmark = pytest.mark.bastion_only


def session(lab, user):
    client = lab.client.start(*lab.client.ssh_line(user, "bastion", "echo up; cat"))
    assert client.stdout.readline() == b"up\n"
    return client


def has_gone(client, why):
    status = until(lambda: client.poll() is not None and client, "the session ends").returncode
    assert status == 255
    assert why in finish(client).stderr


def box(lab, user):
    return lab.ssh(user, "echo $BOX").stdout


@pytest.fixture
def ops(own_lab):
    """bob is in ops, with which alice's db is shared."""
    admin = own_lab.bastion.admin
    admin("group", "add", "ops")
    admin("group", "join", "ops", "bob")
    admin("container", "share", "alice/db", "--group", "ops")
    return own_lab


def test_each_way_to_take_it_away_ends_what_rests_on_it(ops):
    admin = ops.bastion.admin
    no_longer = "container alice/db is no longer shared with you"
    assert box(ops, "bob+alice/db") == "be2/alice-db"
    bob = session(ops, "bob+alice/db")
    admin("group", "leave", "ops", "bob")
    has_gone(bob, no_longer)
    assert "you have no container named alice/db" in ops.ssh("bob+alice/db", "true").stderr

    admin("group", "join", "ops", "bob")
    bob = session(ops, "bob+alice/db")
    admin("container", "unshare", "alice/db", "--group", "ops")
    has_gone(bob, no_longer)

    admin("container", "share", "alice/db", "--group", "ops")
    bob, alice = session(ops, "bob+alice/db"), session(ops, "alice+db")
    admin("group", "remove", "ops", "--yes")
    has_gone(bob, no_longer)
    alice.stdin.write(b"still here\n")
    alice.stdin.flush()
    assert alice.stdout.readline() == b"still here\n"
    finish(alice)


def test_a_backend_that_serves_a_group_has_nobody_elses(ops):
    admin = ops.bastion.admin
    alice = session(ops, "alice+db")
    assert "alice/db" in ops.bastion.tries("backend", "set", "be2", "--groups", "ops").stderr
    has_gone(alice, "backend be2 serves groups of which the container's owner is in none")
    assert "ask your administrator" in ops.ssh("alice+db", "true").stderr
    # bob is in it, and so is what is his; what is alice's he does not enter there either.
    assert box(ops, "bob") == "be2/bob"
    assert "serves groups" in ops.ssh("bob+alice/db", "true").stderr
    admin("group", "join", "ops", "alice")
    assert box(ops, "alice+db") == "be2/alice-db"
    # It is where owners of the group are placed, and nobody else.
    admin("user", "add", "carol")
    for backend in json.loads(admin("backend", "list", "--json")):
        if backend["name"] != "be2":
            admin("backend", "drain", backend["name"])
    refusal = ops.bastion.tries("container", "add", "new", "--owner", "carol", "--auto-place", "--address", "10.0.3.60")
    assert "no active backend serves carol; for other groups: be2" in refusal.stderr
    admin("container", "add", "new", "--owner", "alice", "--auto-place", "--address", "10.0.3.60")
    assert "be2" in admin("container", "show", "alice/new")


def test_explain_names_the_group(ops):
    explained = json.loads(ops.bastion.admin("explain", "bob+alice/db", "--json"))
    assert explained["succeeds"]
    assert any("it is shared with group ops" in step["what"] for step in explained["steps"])


def test_what_a_group_has_ends_on_every_bastion(own_lab):
    with Fleet(own_lab) as fleet:
        one = own_lab.bastion
        fleet.add("two", fleet.begin())
        one.admin("group", "add", "ops")
        one.admin("group", "join", "ops", "bob")
        one.admin("container", "share", "alice/web", "--group", "ops")
        until(lambda: fleet.ssh("two", "bob+alice/web", "true").status == 0, "the other one knows of it")
        client = fleet.session("two", "bob+alice/web")
        one.admin("group", "leave", "ops", "bob")
        assert client.wait(20) == 255
        assert b"is no longer shared with you" in client.communicate()[1]
