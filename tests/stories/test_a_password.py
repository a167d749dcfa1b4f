"""An account may need a password: alone, beside a key, or before a code. Whoever must change it does so before they are in, strangers learn
nothing from it, and what rested on one that was changed or removed ends."""

import json
import pathlib

import pytest

import codes
from fleet import Fleet
from lab import until
from lab.client import finish
from lab.lab import PORT
from lab.process import run
from lab.terminal import Terminal
from lab.topology import BASTION

pytestmark = [pytest.mark.bastion_only, pytest.mark.threaded]

_CLIENT = pathlib.Path(__file__).parent / "interactive_client.py"
_SECRET = "correct horse battery"
_NEXT = "staple of another kind"
_BOTH = "keyboard-interactive,password"
_QUESTION = "question Password: False"
_DENIED = f"failure {_BOTH}"
_MUST_CHANGE = "Your password has to be changed before you can log in with it: choose another one, of 12 characters at least."
# Whoever has a key shows none here.
_NO_KEY = ["-o", "PubkeyAuthentication=no", "-o", "BatchMode=no"]


def give(lab, user, password=_SECRET, auth="password", *options):
    lab.bastion.admin("password", "set", user, "-", *options, input=password + "\n")
    lab.bastion.admin("user", "set", user, "--auth", auth)


@pytest.fixture
def alice(own_lab):
    give(own_lab, "alice", _SECRET, "password", "--keep")


def said(lab, *steps, user="alice"):
    line = ["/usr/bin/python3", _CLIENT, BASTION["front"], PORT, user, lab.key("alice").path, *steps]
    return lab.client.run(*line).succeeded().stdout.splitlines()


def sshpass(lab, password, *options, user="alice", host="bastion"):
    return lab.client.run("sshpass", "-p", password, "ssh", "-v", "-F", lab.client.config, *_NO_KEY, *options, f"{user}@{host}", "echo $BOX")


def gets_in(lab, password, *options, **how):
    return sshpass(lab, password, "-o", "NumberOfPasswordPrompts=1", *options, **how).stdout == "be1/alice"


def plink_line(lab, *options):
    lines = [run(["ssh-keygen", "-l", "-f", file]).split()[1] for file in (lab.bastion.state / "host_keys").iterdir() if file.suffix != ".pub"]
    known = [word for fingerprint in lines for word in ("-hostkey", fingerprint)]
    return ["plink", "-ssh", "-no-antispoof", *known, *options, "-P", PORT, "-l", "alice", BASTION["front"], "echo in $BOX"]


def plink(lab, *options):
    return lab.client.run(*plink_line(lab, *options))


def at_a_terminal(lab, *line):
    return Terminal(lab.client.namespace.command(*map(str, line)), lab.client.environment)


def paramiko(lab, body):
    program = f"""
import paramiko, socket
transport = paramiko.Transport(socket.create_connection(({BASTION["front"]!r}, {PORT})))
transport.start_client(timeout=15)
{body}
channel = transport.open_session()
channel.exec_command("echo $BOX")
print(channel.makefile().read().decode().strip())
"""
    return lab.client.run("/usr/bin/python3", "-c", program)


@pytest.mark.parametrize("method", ["password", "keyboard-interactive"])
def test_sshpass(own_lab, alice, method):
    outcome = sshpass(own_lab, _SECRET, "-o", f"PreferredAuthentications={method}")
    assert outcome.stdout == "be1/alice", outcome
    assert f'using "{method}"' in outcome.stderr
    assert not gets_in(own_lab, _SECRET + "x", "-o", f"PreferredAuthentications={method}")


def test_one_that_is_set_with_the_account(own_lab):
    """`user set` and `user add` give one as `password set` does."""
    own_lab.bastion.admin("user", "set", "alice", "--auth", "password", "--password", "-", input=_SECRET + "\n")
    assert said(own_lab, "none", f"password:{_SECRET}") == [_DENIED, f"change {_MUST_CHANGE}"]
    assert said(own_lab, "none", f"password:{_SECRET}", f"change:{_SECRET}:{_NEXT}")[-1] == "success"
    assert gets_in(own_lab, _NEXT)
    own_lab.bastion.admin("user", "add", "carla", "--auth", "password", "--password", "-", input=_SECRET + "\n")
    assert said(own_lab, "none", f"password:{_SECRET}", f"change:{_SECRET}:{_NEXT}", user="carla")[-1] == "success"


def test_putty(own_lab, alice):
    assert plink(own_lab, "-pw", _SECRET).stdout.endswith("be1/alice")
    wrong = plink(own_lab, "-batch", "-pw", "not the right one")
    assert wrong.status != 0
    assert "be1/alice" not in wrong.stdout


def test_paramiko(own_lab, alice):
    assert paramiko(own_lab, f'assert transport.auth_password("alice", {_SECRET!r}) == []').succeeded().stdout == "be1/alice"
    asked = f'assert transport.auth_interactive("alice", lambda title, text, prompts: [{_SECRET!r}]) == []'
    assert paramiko(own_lab, asked).succeeded().stdout == "be1/alice"
    wrong = paramiko(own_lab, 'transport.auth_password("alice", "not the right one", fallback=False)')
    assert "AuthenticationException" in wrong.stderr


def test_a_password_is_off_until_an_account_needs_it(own_lab):
    own_lab.bastion.admin("password", "set", "alice", "-", "--keep", input=_SECRET)
    assert said(own_lab, "none", f"password:{_SECRET}", "interactive") == ["failure publickey"] * 3
    own_lab.bastion.admin("user", "set", "alice", "--auth", "publickey|password")
    assert said(own_lab, "none", f"password:{_SECRET}") == [f"failure publickey,{_BOTH}", "success"]


def test_a_key_first_and_then_the_password(own_lab):
    give(own_lab, "alice", _SECRET, "publickey+password", "--keep")
    partial = f"{_DENIED} partial"
    assert said(own_lab, "none", f"password:{_SECRET}", "interactive") == ["failure publickey"] * 3
    assert said(own_lab, "key", "password:wrong", f"password:{_SECRET}") == [partial, _DENIED, "success"]
    assert said(own_lab, "key", "interactive", f"answer:{_SECRET}") == [partial, _QUESTION, "success"]
    with_key = ["-i", own_lab.key("alice").path, "-o", "BatchMode=no"]
    both = own_lab.client.run("sshpass", "-p", _SECRET, "ssh", "-v", "-F", own_lab.client.config, *with_key, "alice@bastion", "echo $BOX")
    assert both.stdout == "be1/alice"
    assert 'Authenticated using "publickey" with partial success' in both.stderr
    own_lab.bastion.waits_for_log("password=yes")


def test_a_password_first_and_then_a_code(own_lab, tmp_path):
    give(own_lab, "alice", _SECRET, "password+totp", "--keep")
    phone = codes.enrolled(own_lab, "alice").phone
    partial, question = "failure keyboard-interactive partial", "question One-time code: False"
    assert said(own_lab, "interactive", f"answer:{_SECRET}", "interactive", f"answer:{phone.code()}") == [_QUESTION, partial, question, "success"]
    assert said(own_lab, f"password:{_SECRET}", "interactive", "answer:000000") == [partial, question, "failure keyboard-interactive"]
    # Nobody without the password learns whether a code was right.
    assert said(own_lab, "interactive", f"answer:{phone.code()}") == [_QUESTION, _DENIED]
    own_lab.bastion.admin("totp", "reset", "alice")
    phone = codes.enrolled(own_lab, "alice").phone
    typed = ["ssh", "-F", own_lab.client.config, *_NO_KEY, "alice@bastion", "echo $BOX"]
    assert own_lab.client.run(*typed, environment=codes.typing(tmp_path, _SECRET, phone.code())).stdout == "be1/alice"
    assert [asked.split(") ")[1] for asked in codes.asked(tmp_path)] == ["Password: ", "One-time code: "]
    with at_a_terminal(own_lab, *plink_line(own_lab)) as person:
        person.expect(r"Password: $")
        person.type(_SECRET + "\n")
        person.expect(r"One-time code: $")
        person.type(phone.code() + "\n")
        person.expect(r"in be1/alice")


def test_it_is_changed_at_the_first_login(own_lab):
    give(own_lab, "alice")
    line = ["ssh", "-F", own_lab.client.config, *_NO_KEY, "-o", "PreferredAuthentications=keyboard-interactive", "alice@bastion", "echo in $BOX"]
    with at_a_terminal(own_lab, *line) as person:
        person.expect(r"Password: $")
        person.type(_SECRET + "\n")
        person.expect(r"has to be changed")
        person.expect(r"New password: $")
        person.type("short\n")
        person.expect(r"New password, again: $")
        person.type("short\n")
        person.expect(r"A password has 12 characters at least")
        person.expect(r"New password: $")
        person.type(_NEXT + "\n")
        person.expect(r"New password, again: $")
        person.type(_NEXT + "x\n")
        person.expect(r"The two differ")
        person.expect(r"New password: $")
        person.type(_NEXT + "\n")
        person.expect(r"New password, again: $")
        person.type(_NEXT + "\n")
        person.expect(r"in be1/alice")
        status, _ = person.end()
    assert status == 0
    assert not gets_in(own_lab, _SECRET)
    assert gets_in(own_lab, _NEXT)
    (row,) = [row for row in json.loads(own_lab.bastion.admin("audit", "list", "--json")) if row["action"] == "password change"]
    assert (row["user"], row["outcome"]) == ("alice", "done")


def test_what_somebody_is_asked(own_lab, tmp_path):
    give(own_lab, "alice")
    line = ["ssh", "-F", own_lab.client.config, *_NO_KEY, "alice@bastion", "echo $BOX"]
    assert own_lab.client.run(*line, environment=codes.typing(tmp_path, _SECRET, _NEXT, _NEXT)).stdout == "be1/alice"
    assert [asked.replace(BASTION["front"], "bastion") for asked in codes.asked(tmp_path)] == [
        "(alice@bastion) Password: ",
        "(alice@bastion) New password: ",
        "(alice@bastion) New password, again: ",
    ]


def test_openssh_changes_it_by_the_method_of_that_name(own_lab):
    give(own_lab, "alice")
    line = ["ssh", "-F", own_lab.client.config, *_NO_KEY, "-o", "PreferredAuthentications=password", "alice@bastion", "echo in $BOX"]
    with at_a_terminal(own_lab, *line) as person:
        person.expect(r"password: $")
        person.type(_SECRET + "\n")
        person.expect(r"has to be changed")
        person.expect(r"old password: $")
        person.type(_SECRET + "\n")
        person.expect(r"new password: $")
        person.type(_NEXT + "\n")
        person.expect(r"new password: $")
        person.type(_NEXT + "\n")
        person.expect(r"in be1/alice")
        status, _ = person.end()
    assert status == 0
    assert gets_in(own_lab, _NEXT)


def test_every_message_of_a_change(own_lab):
    give(own_lab, "alice")
    short = "change A password has 12 characters at least: choose another one."
    same = "change The new password is the old one: choose another one."
    assert said(own_lab, f"password:{_SECRET}", "change:wrong:short", f"change:{_SECRET}:short", f"change:{_SECRET}:{_SECRET}", "password:wrong") == [
        f"change {_MUST_CHANGE}", _DENIED, short, same, _DENIED,
    ]  # fmt: skip
    # Three times nothing that would do, and one that was given up.
    wrong = ["answers:2:short:short"] * 3
    new = "question New password: False|New password, again: False"
    assert said(own_lab, "interactive", f"answer:{_SECRET}", *wrong) == [_QUESTION, new, new, new, _DENIED]
    assert said(own_lab, "interactive", f"answer:{_SECRET}", "none") == [_QUESTION, new, _DENIED]
    assert said(own_lab, f"change:{_SECRET}:{_NEXT}") == ["success"]
    # One that need not be changed is not, by whoever knows it.
    assert said(own_lab, f"change:{_NEXT}:{_SECRET}", f"password:{_NEXT}") == [_DENIED, "success"]
    assert said(own_lab, "raw:32" + "00000005616c696365" + "0000000e7373682d636f6e6e656374696f6e" + "0000000870617373776f7264" + "01", f"password:{_NEXT}") == [_DENIED, "success"]


@pytest.mark.lab_with(settings={"auth": "publickey|password"})
def test_strangers_learn_nothing(own_lab):
    """What is answered, and how much is computed for it, is the same for every name."""
    give(own_lab, "alice", _SECRET, "default", "--keep")
    own_lab.bastion.admin("user", "disable", "bob")
    steps = ["none", "password:wrong", "interactive", "answer:wrong", "change:wrong:wrong as well", "password:", "password:" + "x" * 1025]
    offered = f"failure publickey,{_BOTH}"
    heard = {user: said(own_lab, *steps, user=user) for user in ("alice", "bob", "nobdy", "root")}
    assert set(map(tuple, heard.values())) == {(offered, offered, _QUESTION, offered, offered, offered, offered)}


@pytest.mark.lab_with(settings={"max_auth_tries": 3})
def test_attempts_are_counted(own_lab, alice):
    heard = said(own_lab, "password:wrong", "interactive", "answer:wrong", "password:wrong")
    assert heard[0] == _DENIED
    assert heard[-1] == "gone"
    own_lab.bastion.waits_for_log("reason=too_many_attempts")


@pytest.mark.parametrize("command", [["password", "remove", "alice"], ["password", "set", "alice"]])
def test_sessions_end_with_the_password_they_were_begun_with(own_lab, alice, command):
    line = ["sshpass", "-p", _SECRET, "ssh", "-F", own_lab.client.config, *_NO_KEY, "alice@bastion", "echo up; cat"]
    client = own_lab.client.start(*line)
    assert client.stdout.readline() == b"up\n"
    own_lab.bastion.admin(*command)
    until(lambda: client.poll() is not None, "the session ends")
    outcome = finish(client)
    assert "the password you logged in with was changed or removed" in outcome.stderr
    own_lab.bastion.log_of(outcome.id, has="reason=password_changed")


def test_who_has_none_is_told_whom_to_ask_once_the_key_was_shown(own_lab):
    own_lab.bastion.admin("user", "set", "alice", "--auth", "publickey+password")
    with_key = ["-i", own_lab.key("alice").path, "-o", "BatchMode=no", "-o", "NumberOfPasswordPrompts=1"]
    outcome = own_lab.client.run("sshpass", "-p", _SECRET, "ssh", "-F", own_lab.client.config, *with_key, "alice@bastion", "true")
    assert outcome.status != 0
    assert outcome.stderr.count("Your account needs a password to log in, and has none set: ask your administrator") == 1
    explained = json.loads(own_lab.bastion.tries("explain", "alice", "--json").stdout)
    assert not explained["succeeds"]
    assert "no password is set: `password set alice` sets one" in explained["why"]
    own_lab.bastion.admin("password", "set", "alice", "--json")
    explained = json.loads(own_lab.bastion.admin("explain", "alice", "--json"))
    assert explained["succeeds"]
    (step,) = [step for step in explained["steps"] if step["step"] == "password"]
    assert "has to be changed at the first login" in step["what"]


def test_it_is_written_nowhere(own_lab, alice):
    give(own_lab, "bob")
    assert gets_in(own_lab, _SECRET)
    assert said(own_lab, "password:a wrong one that is long", f"change:{_SECRET}:x") != []
    made = json.loads(own_lab.bastion.admin("password", "set", "bob", "--json"))["password"]
    misused = own_lab.bastion.tries("password", "set", "bob", "typed in the command")
    assert misused.status != 0
    written = own_lab.log + own_lab.bastion.admin("export") + own_lab.bastion.admin("audit", "list", "--json") + misused.stderr
    files = b"".join(file.read_bytes() for file in own_lab.bastion.state.rglob("*") if file.is_file())
    for text in [_SECRET, made, "a wrong one that is long", "typed in the command"]:
        assert text not in written
        assert text.encode() not in files


def test_it_is_the_same_in_the_whole_fleet(own_lab):
    with Fleet(own_lab) as fleet:
        two = fleet.add("two", fleet.begin())
        give(own_lab, "alice")
        state = lambda: json.loads(two.admin("password", "show", "alice", "--json"))["state"]
        until(lambda: state() == "has to be changed", "the other one has her password")
        line = ["ssh", "-F", own_lab.client.config, *_NO_KEY, "-o", "PreferredAuthentications=keyboard-interactive", "alice@two", "echo in $BOX"]
        with at_a_terminal(own_lab, *line) as person:
            person.expect(r"Password: $")
            person.type(_SECRET + "\n")
            person.expect(r"New password: $")
            person.type(_NEXT + "\n")
            person.expect(r"New password, again: $")
            person.type(_NEXT + "\n")
            person.expect(r"in be1/alice")
            person.end()
        until(lambda: json.loads(own_lab.bastion.admin("password", "show", "alice", "--json"))["state"] == "set", "the first one has the new one")
        assert gets_in(own_lab, _NEXT)
        # Logins go on when the fleet's database is away; a change waits for it.
        fleet.postgres.stop()
        assert gets_in(own_lab, _NEXT)
        fleet.postgres.start()
