"""A removal that takes something else with it says so, and waits for a yes: typed at a terminal, `--yes` elsewhere."""

import json

import pytest

from lab.terminal import Terminal

pytestmark = pytest.mark.bastion_only

QUESTION = r"\(y/N\) "
INTERRUPT = "\x03"


def remote(lab, *words):
    return lab.client.terminal("root", "bastion", "-s", "-t", "-t", "admin", *words)


def local(lab, *words):
    line = lab.bastion.namespace.command(*lab.bastion.command_line().split(), *words)
    return Terminal(line, {"PATH": "/usr/bin:/bin", "TERM": "xterm-256color"})


def remote_script(lab, *words):
    return lab.client.run(*lab.client.ssh_line("root", "bastion", "admin", "-s"), *words)


def local_script(lab, *words):
    return lab.bastion.tries(*words)


TERMINALS = pytest.mark.parametrize("door", [remote, local], ids=["ssh", "local"])
SCRIPTS = pytest.mark.parametrize("door", [remote_script, local_script], ids=["ssh", "local"])


def outcomes(lab, action="user remove"):
    rows = json.loads(lab.bastion.admin("audit", "list", "--json"))
    return [row["outcome"] for row in rows if row["action"] == action]


def is_there(lab, user):
    return lab.bastion.tries("user", "show", user).status == 0


@TERMINALS
def test_a_yes_does_it(own_lab, door):
    with door(own_lab, "user", "remove", "bob") as terminal:
        terminal.expect("bob/web")
        terminal.expect(QUESTION)
        assert is_there(own_lab, "bob")
        terminal.type("y\r")
        terminal.expect("user bob removed, and bob/web with it")
        assert terminal.end()[0] == 0
    assert not is_there(own_lab, "bob")
    assert outcomes(own_lab) == ["done"]


@TERMINALS
@pytest.mark.parametrize("reply", ["n\r", "\r", "yeah\r"], ids=["no", "nothing", "nonsense"])
def test_anything_else_does_not(own_lab, door, reply):
    with door(own_lab, "user", "remove", "bob") as terminal:
        terminal.expect(QUESTION)
        terminal.type(reply)
        terminal.expect("Nothing was changed")
        assert terminal.end()[0] == 1
    assert is_there(own_lab, "bob")
    assert outcomes(own_lab) == ["refused"]


@TERMINALS
def test_what_takes_nothing_with_it_is_not_asked_about(own_lab, door):
    own_lab.bastion.admin("user", "add", "nina")
    with door(own_lab, "user", "remove", "nina") as terminal:
        terminal.expect("user nina removed")
        assert terminal.end()[0] == 0


def test_ctrl_c_is_no_yes(own_lab):
    with remote(own_lab, "user", "remove", "bob") as terminal:
        terminal.expect(QUESTION)
        terminal.type(INTERRUPT)
        assert terminal.end()[0] != 0
    assert is_there(own_lab, "bob")


@SCRIPTS
def test_without_a_terminal_yes_is_said_beforehand(own_lab, door):
    own_lab.bastion.admin("container", "share", "bob/web", "alice")
    for words, what in [
        (["user", "remove", "bob"], "bob/web"),
        (["container", "remove", "bob/web"], "alice"),
        (["backend", "remove", "be2"], "bob/web"),
    ]:
        refused = door(own_lab, *words)
        assert (refused.status, refused.stdout) == (1, "")
        assert what in refused.stderr and "--yes" in refused.stderr
        assert outcomes(own_lab, " ".join(words[:2])) == ["refused"]
    assert door(own_lab, "user", "remove", "bob", "--yes").succeeded().stdout == "user bob removed, and bob/web with it"
