"""Whatever keeps a user from her container reaches her as one sentence with an id; the log has the id and the detail."""

import contextlib
import sqlite3

import pytest

from lab import until

pytestmark = pytest.mark.bastion_only


def refused(lab, user, sentence, reason, detail=""):
    """A login that fails, within the bound the client is given, with this sentence and nothing else."""
    outcome = lab.ssh(user, "echo arrived", timeout=30)
    assert (outcome.status, outcome.stdout) == (255, "")
    assert outcome.stderr == f"bastion: {sentence} (id {outcome.id})"
    assert detail in "\n".join(lab.bastion.log_of(outcome.id, has=reason))


def test_there_is_no_container(own_lab):
    own_lab.bastion.admin("user", "add", "nina", "--key", own_lab.key("nina").public)
    refused(own_lab, "nina", "you have no container yet; ask your administrator for one", "no_container")


@pytest.mark.parametrize(
    "command, how", [(None, ["-T"]), (None, ["-tt"]), ("id", []), ("sftp", ["-s"])], ids=["shell", "terminal", "exec", "subsystem"]
)
def test_without_a_container_there_is_no_shell_anywhere(lab, command, how):
    lab.bastion.admin("user", "add", "nora", "--key", lab.key("nora").public)
    try:
        outcome = lab.ssh("nora", command, *how, input="id\n")
        assert outcome.status == 255
        assert "bastion: you have no container yet; ask your administrator for one (id " in outcome.stderr
        assert "uid=" not in outcome.stdout
    finally:
        lab.bastion.admin("user", "remove", "nora", "--yes")


def test_there_is_no_container_of_that_name(lab):
    refused(lab, "alice+shop", "you have no container named shop", "container_not_found")


def test_the_backend_is_switched_off(own_lab):
    own_lab.backend("be1").stop()
    refused(own_lab, "alice", "backend be1 is unreachable", "backend_unreachable")


def test_the_backend_does_not_answer(own_lab):
    own_lab.backend("be1").unplug()
    refused(own_lab, "alice", "backend be1 is unreachable", "backend_unreachable")


def test_the_backend_accepts_but_says_nothing(own_lab):
    """Something is at its address and port, but no sshd: only a bound of ours can end this."""
    from lab.greeter import Greeter

    own_lab.backend("be1").stop()
    with Greeter("", namespace=own_lab.backend("be1").namespace, address="10.1.1.11", port=22):
        refused(own_lab, "alice", "backend be1 is unreachable", "backend_unreachable")


def test_the_backend_has_another_host_key(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    own_lab.backend("be1").new_host_key()
    sentence = "the host key of backend be1 has changed; tell your administrator"
    refused(own_lab, "alice", sentence, "backend_key_changed")


def test_the_backend_does_not_accept_us(own_lab):
    own_lab.backend("be1").authorize()
    sentence = "backend be1 rejects the bastion's key; tell your administrator"
    refused(own_lab, "alice", sentence, "backend_refused_identity")


@pytest.mark.parametrize("user, name", [("alice", "be1"), ("carol", "be3")])
@pytest.mark.parametrize("how", ["locked", "expired"])
@pytest.mark.lab_with(backends=("be1", "be2", "be3"))
def test_the_account_at_the_backend_is_closed(own_lab, how, user, name):
    """Its sshd says no more than that it does not let the bastion in, and why only in its own log."""
    backend = own_lab.backend(name)
    if how == "locked":
        backend.lock_account()
    else:
        backend.expire_account()
        backend.restart()
    sentence = f"backend {name} rejects the bastion's key; tell your administrator"
    refused(own_lab, user, sentence, "backend_refused_identity", "as hop")
    assert {"locked": "account is locked", "expired": "has expired"}[how] in backend.log


@pytest.mark.parametrize("line", ["AllowTcpForwarding no", "PermitOpen 10.0.3.250:22", "DisableForwarding yes"])
def test_the_backend_does_not_let_us_connect_to_containers(own_lab, line):
    own_lab.backend("be1").configure(line)
    own_lab.backend("be1").restart()
    sentence = "backend be1 does not let the bastion connect to what is behind it; tell your administrator"
    refused(own_lab, "alice", sentence, "backend_forbids_forwarding", "AllowTcpForwarding")
    tunnel = own_lab.client.run(*own_lab.client.ssh_line("alice", "bastion", None, "-W", "web:22"))
    assert sentence in tunnel.stderr


def test_the_bastion_has_no_descriptor_left(own_lab):
    def no_login_succeeds():
        # The user's connection gets the last one that is free. What others had may be closed only after that was counted.
        own_lab.bastion.leave_descriptors(1)
        return own_lab.ssh("erin", "true").status != 0

    own_lab.ssh("erin", "true").succeeded()
    until(no_login_succeeds, "no more than one is free")
    sentence = "the bastion has no file descriptors left; tell your administrator"
    refused(own_lab, "erin", sentence, "bastion_exhausted")


@pytest.mark.parametrize("user", ["erin", "alice"], ids=["directly", "through a backend"])
def test_whatever_needs_the_last_descriptor_it_is_the_bastion_that_lacks_it(own_lab, user):
    own_lab.ssh(user, "true").succeeded()
    outcomes = []
    for left in range(1, 6):
        own_lab.restart_middle()
        own_lab.bastion.leave_descriptors(left)
        outcomes.append(own_lab.ssh(user, "true", timeout=30))
    refused = [outcome.stderr for outcome in outcomes if outcome.status != 0]
    assert refused and outcomes[-1].status == 0
    for said in refused:
        assert "bastion: the bastion has no file descriptors left; tell your administrator" in said


def test_a_database_that_cannot_be_read_is_no_wrong_key(own_lab):
    with contextlib.closing(sqlite3.connect(own_lab.bastion.state / "bastion.db")) as database:
        database.execute("ALTER TABLE user_keys RENAME TO lost")
    outcome = own_lab.ssh("alice", "true")
    # A stranger learns nothing.
    assert outcome.stderr.endswith("alice@10.1.0.1: Permission denied (publickey).")
    until(lambda: "reason=database_unreadable" in own_lab.log, "the log says what is wrong")
    own_lab.waits_for_log("login ended")
    assert " user=alice " in own_lab.log, "and whom it concerns"
    assert "login failed" not in own_lab.log and "login denied" not in own_lab.log, "which nobody is banned for"
    own_lab.waits_for_log("no such table: user_keys")
    assert "the bastion's database cannot be read" in own_lab.bastion.tries("explain", "alice").stdout


def test_the_container_is_stopped(own_lab):
    own_lab.container("alice").stop()
    refused(own_lab, "alice", "container web is unreachable; is it running?", "container_unreachable")


def test_the_container_does_not_answer(own_lab):
    own_lab.container("alice").unplug()
    refused(own_lab, "alice", "container web is unreachable; is it running?", "container_unreachable")


def test_the_container_has_another_host_key(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    own_lab.container("alice").new_host_key()
    sentence = "the host key of container web has changed; tell your administrator"
    refused(own_lab, "alice", sentence, "container_key_changed")


def test_the_container_does_not_accept_us(own_lab):
    own_lab.container("alice").authorize(own_lab.key("alice").public)
    sentence = "container web rejects the bastion's key; tell your administrator"
    refused(own_lab, "alice", sentence, "container_refused_identity")


@pytest.mark.lab_with(backends=("be1", "be2", "be3"))
def test_a_backend_in_the_middle_is_named(own_lab):
    own_lab.backend("be3").stop()
    refused(own_lab, "carol", "backend be3 is unreachable", "backend_unreachable")


@pytest.mark.parametrize("how", [["-tt"], ["-s"]], ids=["terminal", "subsystem"])
def test_it_is_said_in_every_kind_of_session(own_lab, how):
    own_lab.container("alice").stop()
    outcome = own_lab.ssh("alice", "sftp", *how)
    assert outcome.status == 255
    assert "container web is unreachable" in outcome.stderr


def test_it_is_said_to_a_client_that_opens_no_session(own_lab):
    own_lab.container("alice").stop()
    outcome = own_lab.ssh("alice", None, "-N", "-R", "7099:localhost:9")
    assert outcome.status == 255
    assert "container web is unreachable" in outcome.stderr


def test_nobody_else_is_affected(own_lab):
    own_lab.container("alice").stop()
    own_lab.ssh("alice", "true")
    assert own_lab.ssh("bob", "echo $BOX").stdout == "be2/bob"
