"""`explain` walks a login without its user: where it stops, it says what she would be told, and what the admin must know."""

import json

import pytest

pytestmark = pytest.mark.bastion_only


def explained(lab, *words):
    """(would it succeed, what it says)"""
    outcome = lab.bastion.tries("explain", *words, "--json")
    said = json.loads(outcome.stdout)
    assert outcome.status == (0 if said["succeeds"] else 1)
    return said


def fails(lab, user, told, step, why=""):
    """It fails at this step, and its user is told exactly this when she tries it herself."""
    said = explained(lab, user)
    assert not said["succeeds"]
    assert said["told"] == told
    assert why in said["why"]
    assert (said["steps"][-1]["step"], said["steps"][-1]["outcome"]) == (step, "failed")
    assert told in lab.ssh(user, "true", timeout=30).stderr
    return said


def names(said):
    return [step["step"] for step in said["steps"]]


def test_a_login_that_works(lab):
    said = explained(lab, "alice")
    assert said["succeeds"] and said["told"] is None
    assert names(said) == ["user", "key", "options", "route", "hop be1", "container", "login"]
    assert all(step["outcome"] == "good" for step in said["steps"])
    assert "be1 > alice/web" in said["steps"][3]["what"]


def test_over_ssh_it_says_the_same(lab):
    remote = lab.client.run(*lab.client.ssh_line("root", "bastion", "admin", "-s"), "explain", "alice+db", "--json")
    assert names(json.loads(remote.succeeded().stdout)) == names(explained(lab, "alice+db"))


def test_every_hop_is_tried(lab):
    assert [name for name in names(explained(lab, "dave")) if name.startswith("hop")] == ["hop be2", "hop be3", "hop be4"]
    assert not [name for name in names(explained(lab, "erin")) if name.startswith("hop")]


def test_who_is_not_let_in_is_told_nothing_but_the_admin_is(own_lab):
    lab = own_lab
    assert "no user nobody" in explained(lab, "nobody")["why"]
    lab.bastion.admin("user", "add", "nina")
    assert "has no key" in explained(lab, "nina")["why"]
    lab.bastion.admin("user", "disable", "bob")
    fails(lab, "bob", "Permission denied (publickey).", "user", "user bob is disabled")


def test_a_key_is_looked_at_with_its_options_and_the_address(own_lab):
    lab = own_lab
    fingerprint = lab.key("alice").fingerprint
    lab.bastion.admin("key", "set", "alice", fingerprint, "--options", 'from="10.1.0.0/24"')
    assert explained(lab, "alice", "--from", "10.1.0.2", "--key", fingerprint)["succeeds"]
    assert "not accepted from 10.9.9.9" in explained(lab, "alice", "--from", "10.9.9.9")["why"]
    assert "has no key SHA256:x" in explained(lab, "alice", "--key", "SHA256:x")["why"]
    assert lab.bastion.tries("explain", "alice", "--from", "somewhere").status == 2


def test_there_is_no_container(own_lab):
    own_lab.bastion.admin("user", "add", "nina", "--key", own_lab.key("nina").public)
    fails(own_lab, "nina", "you have no container yet; ask your administrator for one", "route", "container add")


def test_there_is_no_container_of_that_name(lab):
    fails(lab, "alice+shop", "you have no container named shop", "route", "user show alice")


def test_the_backend_is_drained(own_lab):
    own_lab.bastion.admin("backend", "drain", "be1")
    fails(own_lab, "alice", "backend be1 is out of service; ask your administrator", "route", "backend resume be1")


def test_the_backend_is_switched_off(own_lab):
    own_lab.backend("be1").stop()
    fails(own_lab, "alice", "backend be1 is unreachable", "hop be1", "is its sshd running")


def test_the_backend_has_another_host_key(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    own_lab.backend("be1").new_host_key()
    sentence = "backend be1 presents another host key than before; your administrator must look at this"
    fails(own_lab, "alice", sentence, "hop be1", "backend forget-host-key be1")


def test_the_backend_does_not_accept_us(own_lab):
    own_lab.backend("be1").authorize()
    sentence = "backend be1 does not accept the bastion; your administrator must look at this"
    fails(own_lab, "alice", sentence, "hop be1", "identity show")


def test_the_container_is_stopped(own_lab):
    own_lab.container("alice").stop()
    fails(own_lab, "alice", "container web is unreachable; is it running?", "container", "is it running")


def test_the_container_has_another_host_key(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    own_lab.container("alice").new_host_key()
    sentence = "container web presents another host key than before; your administrator must look at this"
    fails(own_lab, "alice", sentence, "login", "expected SHA256:")


def test_the_container_does_not_accept_us(own_lab):
    own_lab.container("alice").authorize(own_lab.key("alice").public)
    sentence = "container web does not accept the bastion; your administrator must look at this"
    fails(own_lab, "alice", sentence, "login", "as alice")


@pytest.mark.lab_with(backends=("be1", "be2", "be3"))
def test_a_backend_in_the_middle_is_named(own_lab):
    own_lab.backend("be3").stop()
    said = fails(own_lab, "carol", "backend be3 is unreachable", "hop be3")
    assert "hop be2" in names(said)


def test_without_a_server_nothing_is_tried(own_lab):
    own_lab.bastion.terminate()
    assert own_lab.bastion.ended() == 0
    refused = own_lab.bastion.tries("explain", "alice")
    assert refused.status == 1
    assert "route says what is planned" in refused.stderr
    own_lab.bastion.start()
