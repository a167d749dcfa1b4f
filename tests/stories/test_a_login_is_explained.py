"""`explain` walks a login without its user: where it stops, it says what she would be told, and what the admin must know."""

import contextlib
import json
import re
import socket

import pytest

from lab import topology, until
from lab.greeter import Greeter

pytestmark = pytest.mark.bastion_only


def told_to(lab, user):
    """What somebody reads who logs in herself, in the bastion's words or in those of her ssh."""
    outcome = lab.ssh(user, "true", timeout=60)
    assert outcome.status == 255, outcome
    sentence = re.search(r"^bastion: (.*) \(id \w+\)$", outcome.stderr, re.MULTILINE)
    return sentence.group(1) if sentence else outcome.stderr.splitlines()[-1].partition(": ")[2]


def fails(lab, user, told, step, why="", options=()):
    """It fails at this step, and its user is told exactly this when she tries it herself."""
    said = lab.bastion.explained(user, *options)
    assert not said["succeeds"]
    assert said["user_sees"] == told
    assert why in said["why"]
    assert "your administrator" not in said["why"] + str(said["steps"])
    assert (said["steps"][-1]["step"], said["steps"][-1]["outcome"]) == (step, "failed")
    assert told_to(lab, user) == told
    return said


@contextlib.contextmanager
def silence(machine, address, port):
    """Somebody takes connections there and never says a word."""
    with machine.namespace.entered():
        listening = socket.create_server((address, port))
    with listening:
        yield


@contextlib.contextmanager
def chatter(machine, address, port):
    """Somebody is there who has never heard of SSH."""
    with Greeter("HTTP/1.0 400 Bad Request\r\n\r\n", namespace=machine.namespace, address=address, port=port):
        yield


STRANGERS = pytest.mark.parametrize("stranger", [silence, chatter])
ELSEWHERE = 2200
DENIED = "Permission denied (publickey)."


def topology_of(target):
    return next(each for each in topology.CONTAINERS if each.target == target)


def names(said):
    return [step["step"] for step in said["steps"]]


def test_a_login_that_works(lab):
    said = lab.bastion.explained("alice")
    assert said["succeeds"] and said["user_sees"] is None
    assert names(said) == ["user", "key", "options", "route", "hop be1", "container", "login"]
    assert all(step["outcome"] == "good" for step in said["steps"])
    assert "be1 > alice/web" in said["steps"][3]["what"]


def test_over_ssh_it_says_the_same(lab):
    remote = lab.client.run(*lab.client.ssh_line("root", "bastion", "admin", "-s"), "explain", "alice+db", "--json")
    assert names(json.loads(remote.succeeded().stdout)) == names(lab.bastion.explained("alice+db"))


def test_every_hop_is_tried(lab):
    assert [name for name in names(lab.bastion.explained("dave")) if name.startswith("hop")] == ["hop be2", "hop be3", "hop be4"]
    assert not [name for name in names(lab.bastion.explained("erin")) if name.startswith("hop")]


def test_who_is_not_let_in_is_told_nothing_but_the_admin_is(own_lab):
    lab = own_lab
    assert "no user nobody" in lab.bastion.explained("nobody")["why"]
    lab.bastion.admin("user", "add", "nina")
    assert "has no key" in lab.bastion.explained("nina")["why"]
    lab.bastion.admin("user", "disable", "bob")
    fails(lab, "bob", "Permission denied (publickey).", "user", "user bob is disabled")


def test_a_key_is_looked_at_with_its_options_and_the_address(own_lab):
    lab = own_lab
    fingerprint = lab.key("alice").fingerprint
    lab.bastion.admin("key", "set", "alice", fingerprint, "--options", 'from="10.1.0.0/24"')
    assert lab.bastion.explained("alice", "--from", "10.1.0.2", "--key", fingerprint)["succeeds"]
    assert "not accepted from 10.9.9.9" in lab.bastion.explained("alice", "--from", "10.9.9.9")["why"]
    assert "has no key SHA256:x" in lab.bastion.explained("alice", "--key", "SHA256:x")["why"]
    assert lab.bastion.tries("explain", "alice", "--from", "somewhere").status == 2


def test_a_key_that_has_expired_is_none(own_lab):
    fingerprint = own_lab.key("alice").fingerprint
    own_lab.bastion.admin("key", "set", "alice", fingerprint, "--options", 'expiry-time="20200101"')
    fails(own_lab, "alice", DENIED, "key", "its expiry-time is over")
    own_lab.bastion.admin("key", "set", "alice", fingerprint, "--options", "none", "--expires", "1s")
    until(lambda: not own_lab.bastion.explained("alice")["succeeds"], "the second is over")
    fails(own_lab, "alice", DENIED, "key", "it has expired")


def test_from_somewhere_else_she_is_not_let_in(own_lab):
    lab = own_lab
    lab.bastion.admin("key", "set", "alice", lab.key("alice").fingerprint, "--options", 'from="10.9.0.0/16"')
    here = topology.CLIENT["front"]
    fails(lab, "alice", DENIED, "key", f"it is not accepted from {here}", ["--from", here])
    assert lab.bastion.explained("alice", "--from", "10.9.1.1")["succeeds"]


def test_there_is_no_container(own_lab):
    own_lab.bastion.admin("user", "add", "nina", "--key", own_lab.key("nina").public)
    fails(own_lab, "nina", "you have no container yet; ask your administrator for one", "route", "container add")


def test_where_a_menu_would_open_that_is_said_and_is_no_failure(own_lab):
    lab = own_lab
    lab.bastion.admin("container", "set", "alice/web", "--no-default")
    said = lab.bastion.explained("alice")
    assert said["succeeds"]
    assert said["user_sees"].startswith("at a terminal a menu of them, elsewhere: you have several containers; name one")
    assert (said["steps"][-1]["step"], said["steps"][-1]["outcome"]) == ("route", "asks")
    with lab.terminal("alice") as terminal:
        terminal.expect("db")


def test_what_it_advises_can_be_typed_as_it_stands(own_lab):
    lab = own_lab
    lab.bastion.admin("container", "share", "bob/web", "alice")
    for login, owner in [("alice+bob/web", "bob"), ("alice", "alice")]:
        lab.ssh(login, "true").succeeded()
        lab.container(owner).new_host_key()
        said = lab.bastion.explained(login)
        (advice,) = re.findall(r"container forget-host-key \S+(?=;)", said["why"])
        lab.bastion.admin(*advice.split())
        assert lab.ssh(login, "echo $BOX").stdout.endswith(f"/{owner}")


def test_there_is_no_container_of_that_name(lab):
    fails(lab, "alice+shop", "you have no container named shop", "route", "user show alice")


def test_the_backend_is_drained(own_lab):
    own_lab.bastion.admin("backend", "drain", "be1")
    fails(own_lab, "alice", "backend be1 is out of service; ask your administrator", "route", "backend resume be1")


def test_the_backend_is_switched_off(own_lab):
    own_lab.backend("be1").stop()
    fails(own_lab, "alice", "backend be1 is unreachable", "hop be1", "is its sshd running")


@STRANGERS
def test_what_is_there_is_no_backend(own_lab, stranger):
    address = topology.address_for_predecessor("be1")
    with stranger(own_lab.backend("be1"), address, ELSEWHERE):
        own_lab.bastion.admin("backend", "set", "be1", "--address", f"{address}:{ELSEWHERE}")
        fails(own_lab, "alice", "backend be1 is unreachable", "hop be1", "is its sshd running")


@STRANGERS
def test_what_is_there_is_no_container(own_lab, stranger):
    address = topology_of("alice").address
    with stranger(own_lab.container("alice"), address, ELSEWHERE):
        words = ["--backend", "be1", "--address", f"{address}:{ELSEWHERE}"]
        own_lab.bastion.admin("container", "move", "alice/web", *words)
        fails(own_lab, "alice", "container web is unreachable; is it running?", "login", "is it running")


def test_the_container_swallows_every_packet(own_lab):
    own_lab.container("alice").unplug()
    fails(own_lab, "alice", "container web is unreachable; is it running?", "container", "is it running")


@pytest.mark.lab_with(backends=("be1", "be2", "be3"))
def test_a_backend_in_the_middle_has_another_host_key(own_lab):
    own_lab.ssh("carol", "true").succeeded()
    own_lab.backend("be2").new_host_key()
    sentence = "the host key of backend be2 has changed; tell your administrator"
    fails(own_lab, "carol", sentence, "hop be2", "backend forget-host-key be2")


def test_the_backend_has_another_host_key(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    own_lab.backend("be1").new_host_key()
    sentence = "the host key of backend be1 has changed; tell your administrator"
    fails(own_lab, "alice", sentence, "hop be1", "backend forget-host-key be1")


def test_the_backend_does_not_accept_us(own_lab):
    own_lab.backend("be1").authorize()
    sentence = "backend be1 rejects the bastion's key; tell your administrator"
    fails(own_lab, "alice", sentence, "hop be1", "identity show")


def test_the_container_is_stopped(own_lab):
    own_lab.container("alice").stop()
    fails(own_lab, "alice", "container web is unreachable; is it running?", "container", "is it running")


def test_the_container_has_another_host_key(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    own_lab.container("alice").new_host_key()
    sentence = "the host key of container web has changed; tell your administrator"
    fails(own_lab, "alice", sentence, "login", "expected SHA256:")


def test_the_container_does_not_accept_us(own_lab):
    own_lab.container("alice").authorize(own_lab.key("alice").public)
    sentence = "container web rejects the bastion's key; tell your administrator"
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
