"""A subsystem of the bastion's own, `me`, in which everybody looks after what is theirs: keys, containers, sessions, one-time codes. What of
that they may change is the administrator's to say."""

import json
import re

import pytest

import codes
from lab import until
from lab.client import finish
from lab.key import Key
from lab.lab import PORT
from lab.topology import BASTION

pytestmark = [pytest.mark.bastion_only, pytest.mark.threaded]

ALL = ["container", "key", "password", "session", "share", "totp"]


@pytest.fixture
def lab_of_all(own_lab):
    own_lab.bastion.configure(me=ALL)
    own_lab.bastion.hands_over()
    return own_lab


def me(lab, words, user="alice", options=(), input=None):
    """`ssh -s alice@bastion me WORDS`"""
    return lab.client.run(*lab.client.ssh_line(user, "bastion", f"me {words}", "-s", *options), input=input)


def read(lab, words, user="alice"):
    return json.loads(me(lab, f"{words} --json", user=user).succeeded().stdout)


def refused(lab, words, why, user="alice", **how):
    outcome = me(lab, words, user=user, **how)
    assert (outcome.status, outcome.stdout) == (1, ""), outcome
    assert why in outcome.stderr, outcome
    row = json.loads(lab.bastion.admin("audit", "list", "--limit", "5", "--json"))
    assert any(one["user"] == user and one["outcome"] == "refused" and one["action"].startswith("me ") for one in row), row


def comes_in(lab, key, user="alice"):
    line = ["ssh", "-F", lab.client.config, "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-i", key.path, f"{user}@bastion", "echo $BOX"]
    return lab.client.run(*line)


def test_what_is_ones_own_is_read_whatever_is_switched_on(lab):
    assert me(lab, "whoami").succeeded().stdout.startswith("alice, from 10.1.0.2, with SHA256:")
    shown = read(lab, "show")
    assert (shown["name"], shown["lands_in"], shown["may_change"]) == ("alice", "alice/web", "container, password, session")
    assert [row["fingerprint"] for row in read(lab, "key list")] == [lab.key("alice").fingerprint]
    assert {"alice/web", "alice/db"} <= {row["container"] for row in read(lab, "container list")}
    # Nothing of where they are.
    assert "10.0.3" not in me(lab, "container list").succeeded().stdout
    assert "me key add" in me(lab, "help").succeeded().stdout
    assert "user add" not in me(lab, "help").succeeded().stdout


def test_nothing_else_is_a_command_there(lab):
    for words in ("user list", "me user list", "admin user list", "audit list", "--json session watch"):
        outcome = me(lab, words)
        assert (outcome.status, outcome.stdout) == (2, ""), outcome
        assert "there is no command" in outcome.stderr
    # Whoever may more elsewhere may no more here.
    assert "there is no command" in me(lab, "user list", user="root").stderr


def test_what_is_switched_off_is_refused_and_says_who_decides(lab, tmp_path):
    new = Key(tmp_path / "new")
    why = 'decided by the administrator of this bastion (`me` in bastion.toml, which has no "key")'
    refused(lab, "key add -", why, input=new.public)
    refused(lab, f"key remove {lab.key('alice').fingerprint} --yes", why)
    refused(lab, "share web bob", 'has no "share"')
    refused(lab, "totp enroll", 'has no "totp"')
    assert comes_in(lab, new).status == 255


def test_a_key_is_added_and_removed(lab_of_all, tmp_path):
    lab, new = lab_of_all, Key(tmp_path / "new")
    assert comes_in(lab, new).status == 255
    me(lab, "key add -", input=new.public).succeeded()
    assert comes_in(lab, new).succeeded().stdout == "be1/alice"
    # Its session ends with it.
    line = ["ssh", "-F", lab.client.config, "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-i", new.path, "alice@bastion", "echo up; cat"]
    process = lab.client.start(*line)
    assert process.stdout.readline() == b"up\n"
    me(lab, f"key remove {new.fingerprint}").succeeded()
    until(lambda: process.poll() is not None, "the session ends")
    assert "the key you logged in with was removed" in finish(process).stderr
    refused(lab, f"key remove {lab.key('alice').fingerprint}", "it is the last key that lets you in")
    refused(lab, f"key remove {lab.key('bob').fingerprint} --yes", "you have no key")
    rows = json.loads(lab.bastion.admin("audit", "list", "--user", "alice", "--json"))
    done = [(row["action"], row["subject"]) for row in rows if row["outcome"] == "done" and row["action"].startswith("me ")]
    assert done == [("me key remove", f"alice {new.fingerprint}"), ("me key add", f"alice {new.fingerprint}")]


def test_a_limited_key_makes_nothing_freer(lab_of_all, tmp_path):
    lab, new = lab_of_all, Key(tmp_path / "new")
    lab.bastion.admin("key", "set", "alice", lab.key("alice").fingerprint, "--options", "restrict,pty")
    refused(lab, "key add - --options pty", "has the same, and no others", input=new.public)
    refused(lab, "key add -", "only an administrator trusts one", input=f"cert-authority {new.public}")
    refused(lab, "share web bob", "limited by options")
    me(lab, "key add -", input=new.public).succeeded()
    (added,) = [row for row in read(lab, "key list") if row["fingerprint"] == new.fingerprint]
    assert added["options"] == "restrict,pty"


def test_a_key_that_is_bound_to_a_command_opens_no_door(lab_of_all):
    lab = lab_of_all
    lab.bastion.admin("key", "set", "alice", lab.key("alice").fingerprint, "--options", 'command="echo only this"')
    assert me(lab, "whoami").stdout == "only this"


def test_a_container_is_shared_and_no_longer(lab_of_all):
    lab = lab_of_all
    assert lab.ssh("bob+alice+web", "true").status == 255
    me(lab, "share web bob").succeeded()
    (mine,) = [row for row in read(lab, "container list") if row["container"] == "alice/web"]
    assert (mine["shared_with"], mine["login"]) == ("bob", "alice+web@")
    with lab.logged_in("bob+alice+web") as guest:
        me(lab, "unshare alice/web bob").succeeded()
        until(lambda: guest.poll() is not None, "the guest's session ends")
    refused(lab, "share bob/web alice", "you own no container bob/web")
    refused(lab, "unshare web bob", "is not shared with bob")


def test_where_one_lands_is_ones_own_to_say(lab):
    me(lab, "container default db").succeeded()
    assert read(lab, "show")["lands_in"] == "alice/db"
    refused(lab, "container default db", "you own no container db", user="carol")
    me(lab, "container default web").succeeded()


def test_ones_sessions_are_seen_and_ended(lab):
    with lab.logged_in("alice") as process, lab.logged_in("bob"):
        until(lambda: len(read(lab, "session list")) == 2, "there are this one and that one")
        (other,) = [row["id"] for row in read(lab, "session list") if not row["this_session"]]
        (bobs,) = [row["id"] for row in json.loads(lab.bastion.admin("session", "list", "--user", "bob", "--json"))]
        refused(lab, f"session kill {bobs}", f"you have no session {bobs}")
        me(lab, f"session kill {other}").succeeded()
        until(lambda: process.poll() is not None, "it ends")
        assert "you have ended this session from another one" in finish(process).stderr


def test_one_time_codes_are_got_and_replaced(lab_of_all):
    lab = lab_of_all
    first = codes.Enrolled(json.loads(me(lab, "totp enroll --json").succeeded().stdout))
    refused(lab, "totp enroll", "show that they are yours")
    refused(lab, "totp enroll --code 000000", "the code is wrong")
    code = first.phone.code()
    second = codes.Enrolled(json.loads(me(lab, f"totp enroll --code {code} --json").succeeded().stdout))
    refused(lab, f"totp reset --code {first.phone.code()}", "the code is wrong")
    me(lab, f"totp reset --code {second.recovery[0]}").succeeded()
    assert code not in lab.bastion.admin("audit", "list", "--json")


def test_who_has_no_container_that_answers_looks_after_themselves(own_lab):
    own_lab.container("alice").stop()
    assert own_lab.ssh("alice", "true").status == 255
    assert me(own_lab, "whoami").succeeded().stdout.startswith("alice, ")


def test_it_goes_beside_a_session_of_the_same_connection(lab, tmp_path):
    shared = ("-o", f"ControlPath={tmp_path}/shared")
    master = lab.client.start(*lab.client.ssh_line("alice", "bastion", "echo up; cat", "-M", *shared))
    assert master.stdout.readline() == b"up\n"
    assert me(lab, "whoami", options=shared).succeeded().stdout.startswith("alice, ")
    assert lab.client.run(*lab.client.ssh_line("alice", "bastion", "echo $BOX", *shared)).stdout == "be1/alice"
    finish(master)


def test_at_a_terminal_there_is_a_console(lab_of_all):
    lab = lab_of_all
    with lab.client.terminal("alice", "bastion", "-s", "-t", "-t", "me", columns=100) as terminal:
        terminal.expect("Your own commands: help lists them")
        terminal.expect("alice@bastion> ")
        terminal.type("who\t\r")
        terminal.expect("alice, from 10.1.0.2")
        terminal.expect("alice@bastion> ")
        terminal.type("container default d\t\r")
        terminal.expect("you land in db from now on")
        terminal.expect("alice@bastion> ")
        terminal.type("key remove S\t\r")
        terminal.expect(r"it is the last key that lets you in\. \(y/N\) ")
        terminal.type("n\r")
        terminal.expect("Nothing was changed")
        terminal.expect("alice@bastion> ")
        terminal.type("user list\r")
        terminal.expect("there is no command")
        terminal.expect("alice@bastion> ")
        terminal.type("exit\r")
        assert terminal.end()[0] == 0
    assert comes_in(lab, lab.key("alice")).succeeded()


# Says when it has opened a session, and does what it reads then.
_OPENS_FIRST = """
import paramiko, socket, sys
transport = paramiko.Transport(socket.create_connection((sys.argv[1], int(sys.argv[2]))))
transport.start_client(timeout=15)
transport.auth_publickey("alice", paramiko.Ed25519Key.from_private_key_file(sys.argv[3]))
session = transport.open_session()
print("opened", flush=True)
for line in sys.stdin:
    what, _, words = line.strip().partition(" ")
    (session.invoke_subsystem if what == "subsystem" else session.exec_command)(words)
    print(session.makefile().read().decode().strip(), flush=True)
    session = transport.open_session()
"""


@pytest.mark.lab_with(settings={"workers": 1})
def test_the_way_to_the_container_is_begun_before_a_session_says_what_it_is_for(own_lab):
    """Up to its door: nobody is logged in there who turns to what is their own, and nothing that fails there is told."""
    lab, web = own_lab, own_lab.container("alice")
    line = ["/usr/bin/python3", "-c", _OPENS_FIRST, BASTION["front"], PORT, lab.key("alice").path]
    comes = lambda: web.log.count("Connection from ")
    enters = lambda: web.log.count("Accepted publickey")

    def opened():
        before = comes(), enters()
        client = lab.client.start(*line)
        assert client.stdout.readline() == b"opened\n"
        return client, before

    def says(client, what):
        client.stdin.write(what.encode() + b"\n")
        client.stdin.flush()
        return client.stdout.readline().decode().strip()

    client, (connections, logins) = opened()
    until(lambda: comes() == connections + 1, "the container is reached")
    assert enters() == logins
    assert says(client, "exec echo $BOX") == "be1/alice"
    # By that very connection.
    assert (comes(), enters()) == (connections + 1, logins + 1)
    client.kill()

    client, (connections, logins) = opened()
    until(lambda: comes() == connections + 1, "the container is reached")
    assert says(client, "subsystem me whoami").startswith("alice, from")
    until(lambda: web.log.count("[preauth]") > 0, "it is left again")
    assert enters() == logins
    # The same client may still go there.
    assert says(client, "exec echo $BOX") == "be1/alice"
    client.kill()

    # Who has just gone elsewhere is not led ahead: sshd counts who comes and does not log in.
    client, (connections, logins) = opened()
    assert says(client, "subsystem me whoami").startswith("alice, from")
    assert (comes(), enters()) == (connections, logins)
    client.kill()


def test_commands_come_on_standard_input_too(lab):
    outcome = lab.client.run(*lab.client.ssh_line("alice", "bastion", "me", "-s"), input="# mine\nwhoami\nkey list\nuser list\nwhoami\n")
    assert outcome.status == 2
    assert outcome.stdout.count("alice, from") == 1
    assert re.search(r'line 4: there is no command "me user list"', outcome.stderr)


def test_a_password_is_changed(own_lab):
    """At a terminal, where nothing of it is shown, and from standard input."""
    lab, before, after = own_lab, "correct horse battery", "staple of another kind"
    refused(lab, "password -", "your account takes no password: it needs publickey", input=f"{before}\n{after}\n")
    lab.bastion.admin("user", "set", "alice", "--auth", "publickey|password")
    refused(lab, "password -", "ask your administrator for the first one", input=f"{before}\n{after}\n")
    lab.bastion.admin("password", "set", "alice", "-", "--keep", input=before)
    by_password = ["sshpass", "-p", before, "ssh", "-F", lab.client.config, "-o", "PubkeyAuthentication=no", "-o", "BatchMode=no"]
    other = lab.client.start(*by_password, "-o", "NumberOfPasswordPrompts=1", "alice@bastion", "echo up; cat")
    assert other.stdout.readline() == b"up\n"
    refused(lab, "password -", "this is not the password you have", input=f"wrong\n{after}\n")
    with lab.terminal("alice", "-t", "-s", "me") as terminal:
        terminal.expect("alice@bastion> ")
        terminal.type("password\r")
        terminal.expect("The password you have: ")
        terminal.type(before + "\r")
        terminal.expect("New password: ")
        terminal.type(after + "\r")
        terminal.expect("New password, again: ")
        terminal.type(after + "\r")
        shown = terminal.expect(r"(?s)(.*)you have the new password now").group(1)
        assert before not in shown and after not in shown
        terminal.expect("alice@bastion> ")
        terminal.type("exit\r")
        assert terminal.end()[0] == 0
    until(lambda: other.poll() is not None, "the other session ends")
    assert lab.client.run(*by_password, "-o", "NumberOfPasswordPrompts=1", "alice@bastion", "true").status == 5
    by_password[2] = after
    assert lab.client.run(*by_password, "alice@bastion", "echo $BOX").succeeded().stdout == "be1/alice"
    # One command, at a terminal and without one.
    with lab.terminal("alice", "-t", "-s", "me password") as terminal:
        terminal.expect("The password you have: ")
        terminal.type("\x03")
        assert terminal.end()[0] == 130
    me(lab, "password -", input=f"{after}\n{before}\n").succeeded()
    assert "changed with the subsystem me: ssh -t -s ... me password" in lab.client.run(*lab.client.ssh_line("alice", "bastion", "passwd"), input="").stderr
    assert before not in lab.log and after not in lab.log


def test_habits_are_told_where_they_have_led(lab_of_all):
    lab = lab_of_all
    said = lab.client.run(*lab.client.ssh_line("alice", "bastion", "passwd"), input="").stderr
    assert "bastion: this is the password of your account in the container" in said
    copied = lab.ssh("alice", "mkdir -p .ssh; cat >> .ssh/authorized_keys", input="")
    assert "ssh -s ... me key add - < key.pub" in copied.stderr
