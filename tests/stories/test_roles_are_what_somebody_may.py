"""Auditors read, operators look after users and containers, and neither touches an administrator."""

import json
import signal

import pytest

from lab import until
from lab.client import finish
from lab.key import Key

pytestmark = pytest.mark.bastion_only


def give(lab, user, line):
    return lab.client.run(*lab.client.ssh_line(user, "bastion", f"admin {line}", "-s"))


def refusals(lab, user):
    """The commands that were refused, the newest first."""
    rows = json.loads(lab.bastion.admin("audit", "list", "--user", user, "--json"))
    return [row["action"] for row in rows if row["outcome"] == "refused"]


def refused(lab, user, line, why):
    before = len(refusals(lab, user))
    outcome = give(lab, user, line)
    assert outcome.status == 1, outcome
    assert why in outcome.stderr
    # That of a command which only reads may be written a moment later.
    until(lambda: len(refusals(lab, user)) > before, f"{line} is written down")
    assert line.startswith(refusals(lab, user)[0])


def session(lab, user):
    client = lab.client.start(*lab.client.ssh_line(user, "bastion", "echo up; cat"))
    assert client.stdout.readline() == b"up\n"
    return client


def test_an_auditor_reads_everything_and_changes_nothing(own_lab):
    own_lab.bastion.admin("user", "set", "alice", "--role", "auditor")
    assert "bob" in give(own_lab, "alice", "user list").succeeded().stdout
    assert "alice" in give(own_lab, "alice", "session list").succeeded().stdout
    refused(own_lab, "alice", "user add mallory", "user add is for operators and administrators")
    refused(own_lab, "alice", "ban add 192.0.2.7", "ban add is for administrators")
    refused(own_lab, "alice", "explain bob --wake", "--wake of explain is for operators and administrators")
    # What is shown is what may be given; what is asked for by name is explained.
    shown = give(own_lab, "alice", "help user").succeeded().stdout
    assert "  user list" in shown and "  user add" not in shown
    assert "For operators and administrators." in give(own_lab, "alice", "user add --help").succeeded().stdout
    with own_lab.client.terminal("alice", "bastion", "-s", "-t", "-t", "admin") as terminal:
        terminal.expect("alice@bastion> ")
        terminal.type("user \t\t")
        terminal.expect("list +show")
        terminal.type("sh\tbo\t\r")
        terminal.expect(r"name +bob")
    # It is a user's account as well.
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


def test_an_operator_looks_after_users_and_leaves_administrators_alone(own_lab, tmp_path):
    admin = own_lab.bastion.admin
    admin("user", "set", "alice", "--role", "operator")
    stolen = Key(tmp_path / "stolen").public.strip()
    bob = session(own_lab, "bob")
    give(own_lab, "alice", "user disable bob").succeeded()
    until(lambda: bob.poll() is not None, "bob's session ends")
    assert "your account was disabled" in finish(bob).stderr
    give(own_lab, "alice", "user enable bob").succeeded()
    refused(own_lab, "alice", f"key add root '{stolen}'", "only an administrator may change the keys of root")
    refused(own_lab, "alice", "user disable root", "only an administrator may change user root")
    refused(own_lab, "alice", "user set bob --role admin", "--role of user set is for administrators")
    refused(own_lab, "alice", f"ca add corp '{stolen}'", "ca add is for administrators")
    # Not even the session of somebody with a role.
    admin("user", "set", "bob", "--role", "auditor")
    bob = session(own_lab, "bob")
    refused(own_lab, "alice", "session kill --user bob", "bob has a role")
    admin("user", "set", "bob", "--role", "user")
    give(own_lab, "alice", "session kill --user bob").succeeded()
    until(lambda: bob.poll() is not None, "bob's session ends")
    finish(bob)
    # What was given may be taken.
    admin("user", "set", "alice", "--role", "user")
    assert "this is for administrators" in give(own_lab, "alice", "user list").stderr


def test_a_role_may_need_more_than_a_key(own_lab):
    own_lab.bastion.configure(auth_operator="publickey+publickey")
    own_lab.bastion.send(signal.SIGHUP)
    until(lambda: "configuration read again" in own_lab.log, "the file is read")
    own_lab.bastion.admin("user", "set", "alice", "--role", "operator")
    until(lambda: own_lab.ssh("alice", "true").status == 255, "the configuration counts")
    assert own_lab.ssh("bob", "echo $BOX").stdout == "be2/bob"
    explained = json.loads(own_lab.bastion.tries("explain", "alice", "--json").stdout)
    assert any("publickey+publickey (as configured by auth_operator)" in step["what"] for step in explained["steps"])
    own_lab.bastion.admin("user", "set", "alice", "--role", "user")
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
