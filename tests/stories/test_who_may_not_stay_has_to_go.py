"""Somebody's permission ends while she is connected: her sessions end and say why, and nobody else notices.

Nina is a guest of alice's. What happens to her is undone again, so the stories share one lab.
"""

import contextlib

import pytest

from lab import until
from lab.client import finish

pytestmark = pytest.mark.bastion_only


def session(lab, user, *options):
    client = lab.client.start(*lab.client.ssh_line(user, "bastion", "echo up; cat", *options))
    assert client.stdout.readline() == b"up\n"
    return client


def still_alive(client):
    client.stdin.write(b"still here\n")
    client.stdin.flush()
    return client.stdout.readline() == b"still here\n"


def has_gone(client, why):
    """It ended by itself, and its user has read why."""
    status = until(lambda: client.poll() is not None and client, "the session ends").returncode
    outcome = finish(client)
    assert f"bastion: {why} (id " in outcome.stderr
    assert status == 255
    return outcome


@contextlib.contextmanager
def guest(lab):
    lab.bastion.admin("user", "add", "nina", "--key", lab.key("nina").public)
    lab.bastion.admin("container", "share", "alice/web", "nina")
    try:
        yield
    finally:
        if lab.bastion.tries("user", "show", "nina").status == 0:
            lab.bastion.admin("user", "remove", "nina", "--yes")


@pytest.fixture
def others(lab):
    """Sessions next to hers: her host's in the same container, and somebody's elsewhere."""
    clients = [session(lab, "alice"), session(lab, "bob")]
    yield
    for client in clients:
        assert still_alive(client)
        assert finish(client).status == 0


def test_a_disabled_user(lab, others):
    with guest(lab):
        ninas = [session(lab, "nina") for _ in range(4)]  # on every worker
        lab.bastion.admin("user", "disable", "nina")
        for client in ninas:
            outcome = has_gone(client, "your account was disabled")
            lab.bastion.log_of(outcome.id, has="reason=user_disabled")


def test_who_has_no_session_reads_it_as_she_is_let_go(lab, others):
    with guest(lab):
        nina = lab.client.start(*lab.client.ssh_line("nina", "bastion", None, "-N"))
        until(lambda: "nina" in lab.bastion.admin("session", "list", "--json"), "nina is in")
        lab.bastion.admin("user", "disable", "nina")
        has_gone(nina, "your account was disabled")


def test_a_removed_user(lab, others):
    with guest(lab):
        nina = session(lab, "nina")
        lab.bastion.admin("user", "remove", "nina", "--yes")
        has_gone(nina, "your account was removed")


def test_a_removed_key_and_not_the_users_other_one(lab, others):
    with guest(lab):
        laptop = lab.key("ninas-laptop")
        lab.bastion.admin("key", "add", "nina", laptop.public)
        desk = session(lab, "nina")
        away = lab.client.start(
            "ssh", "-F", lab.client.config, "-i", laptop.path, "nina@bastion", "echo up; cat"
        )
        assert away.stdout.readline() == b"up\n"
        lab.bastion.admin("key", "remove", "nina", laptop.fingerprint)
        has_gone(away, "the key you logged in with was removed")
        assert still_alive(desk)
        assert finish(desk).status == 0


def test_a_key_that_expires(lab, others):
    with guest(lab):
        nina = session(lab, "nina")
        lab.bastion.admin("key", "set", "nina", lab.key("nina").fingerprint, "--expires", "1s")
        has_gone(nina, "the key you logged in with has expired")


def test_a_container_that_is_not_shared_any_more(lab, others):
    with guest(lab):
        nina = session(lab, "nina")
        lab.bastion.admin("container", "unshare", "alice/web", "nina")
        has_gone(nina, "container alice/web is no longer shared with you")


def test_a_share_that_expires(lab, others):
    with guest(lab):
        nina = session(lab, "nina")
        lab.bastion.admin("container", "share", "alice/web", "nina", "--expires", "1s")
        has_gone(nina, "container alice/web is no longer shared with you")


def test_at_a_terminal_too(lab, others):
    with guest(lab), lab.terminal("nina") as terminal:
        terminal.expect(r"\$ ")
        lab.bastion.admin("user", "disable", "nina")
        terminal.expect(r"bastion: your account was disabled \(id \w+\)")
        assert terminal.end()[0] == 255


def test_a_tunnel(lab, others):
    """Nobody can write into it; its client says what the bastion said at the end."""
    with guest(lab):
        line = ["ssh", *lab.client.options("nina"), "-W", "web:22", "nina@bastion"]
        tunnel = lab.client.start(*line)
        assert tunnel.stdout.readline().startswith(b"SSH-2.0-")
        lab.bastion.admin("container", "unshare", "alice/web", "nina")
        has_gone(tunnel, "container alice/web is no longer shared with you")


def test_a_tunnel_and_not_the_session_beside_it(lab):
    lab.bastion.admin("container", "share", "carol/web", "alice")
    master = ["-M", "-S", str(lab.client.folder / "master")]
    with lab.logged_in("alice", *master) as session:
        tunnel = lab.client.start("ssh", *lab.client.options("alice"), *master[1:], "-W", "carol+web:22", "alice@bastion")
        assert tunnel.stdout.readline().startswith(b"SSH-2.0-")
        lab.bastion.admin("container", "unshare", "carol/web", "alice")
        until(lambda: tunnel.poll() is not None, "the tunnel ends")
        finish(tunnel)
        assert still_alive(session)


def test_a_removed_container(own_lab):
    web, db = session(own_lab, "alice"), session(own_lab, "alice+db")
    own_lab.bastion.admin("container", "remove", "alice/db")
    has_gone(db, "container db was removed")
    assert still_alive(web)
    assert finish(web).status == 0


def test_everybody_but_the_last_administrator_can_be_removed(own_lab):
    sessions = [session(own_lab, user) for user in ("alice", "bob", "erin")]
    for user in ("alice", "bob", "erin"):
        own_lab.bastion.admin("user", "remove", user, "--yes")
    assert own_lab.bastion.tries("user", "remove", "root", "--yes").stderr == "no administrator would be left"
    for client in sessions:
        has_gone(client, "your account was removed")
    assert own_lab.ssh("alice", "true").status == 255


def test_what_moves_or_rests_throws_nobody_out(own_lab):
    """A container that moves, a backend that is drained: whoever is in stays."""
    alice = session(own_lab, "alice")
    own_lab.bastion.admin("backend", "drain", "be1")
    own_lab.bastion.admin("container", "move", "alice/web", "--backend", "be2", "--address", "10.0.3.200")
    bob = session(own_lab, "bob")
    own_lab.bastion.admin("user", "disable", "bob")
    has_gone(bob, "your account was disabled")  # so the changes before have been looked at
    assert still_alive(alice)
    assert finish(alice).status == 0
