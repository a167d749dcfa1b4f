"""An account may need a one-time code beside a key: it is asked for when the key was shown, and to nobody else; each code is good once,
guesses are limited, and whoever has no codes is told whom to ask."""

import json
import pathlib
import re

import pytest

import codes
from fleet import Fleet
from lab import until
from lab.client import finish
from lab.key import Key
from lab.lab import PORT
from lab.process import run
from lab.security_key import Ecdsa, Ed25519, SecurityKey
from lab.topology import BASTION

pytestmark = [pytest.mark.bastion_only, pytest.mark.threaded]

_CLIENT = pathlib.Path(__file__).parent / "interactive_client.py"
_PROMPT = "One-time code: "
_DENIED = "failure keyboard-interactive"


@pytest.fixture
def alice(own_lab):
    own_lab.bastion.admin("user", "set", "alice", "--auth", "publickey+totp")
    return codes.enrolled(own_lab, "alice")


def login(lab, folder, *texts, options=(), host="bastion"):
    line = ["ssh", "-v", "-F", lab.client.config, "-o", "BatchMode=no", "-i", lab.key("alice").path, *options, f"alice@{host}", "echo $BOX"]
    return lab.client.run(*line, environment=codes.typing(folder, *texts))


def gets_in(lab, folder, text, **how):
    return login(lab, folder, text, options=["-o", "NumberOfPasswordPrompts=1"], **how).stdout == "be1/alice"


def said(lab, *steps, user="alice", key="alice"):
    line = ["/usr/bin/python3", _CLIENT, BASTION["front"], PORT, user, lab.key(key).path, *steps]
    return lab.client.run(*line).succeeded().stdout.splitlines()


def test_a_code_is_asked_for_when_the_key_was_shown(own_lab, alice, tmp_path):
    outcome = login(own_lab, tmp_path, alice.phone.code())
    assert outcome.stdout == "be1/alice"
    assert 'Authenticated using "publickey" with partial success' in outcome.stderr
    (asked,) = codes.asked(tmp_path)
    assert asked.replace(BASTION["front"], "bastion") == "(alice@bastion) One-time code: "
    shown = json.loads(own_lab.bastion.admin("totp", "show", "alice", "--json"))
    assert (shown["state"], shown["recovery_codes_left"]) == ("used", 10)


def test_without_a_code_nobody_gets_in(own_lab, alice, tmp_path):
    alone = own_lab.ssh("alice", "true")
    assert alone.status == 255
    assert "Permission denied (keyboard-interactive)" in alone.stderr
    wrong = login(own_lab, tmp_path, "000000", "", "word")
    assert wrong.status == 255
    assert len(codes.asked(tmp_path)) == 3
    # Nor with a code and another key.
    other = Key(tmp_path / "other")
    refused = own_lab.client.run("ssh", "-F", own_lab.client.config, "-o", "BatchMode=no", "-o", "IdentitiesOnly=yes", "-i", other.path, "alice@bastion", "true",
                                 environment=codes.typing(tmp_path / "not-asked", alice.phone.code()))  # fmt: skip
    assert "Permission denied (publickey)" in refused.stderr
    assert codes.asked(tmp_path / "not-asked") == []


def test_a_code_is_good_once(own_lab, alice, tmp_path):
    code = alice.phone.code()
    assert gets_in(own_lab, tmp_path, code)
    assert not gets_in(own_lab, tmp_path, code)
    later = alice.phone.code()
    assert gets_in(own_lab, tmp_path, f" {later[:3]} {later[3:]} ")
    # Those before it are over too.
    assert not gets_in(own_lab, tmp_path, alice.phone.code(steps=0))


def test_a_clock_may_be_one_step_away(own_lab, alice, tmp_path):
    assert not gets_in(own_lab, tmp_path, alice.phone.code(steps=3))
    assert not gets_in(own_lab, tmp_path, alice.phone.code(steps=-3))
    assert gets_in(own_lab, tmp_path, alice.phone.code(steps=1))


def test_a_recovery_code_is_good_once(own_lab, alice, tmp_path):
    first, second, *_ = alice.recovery
    assert gets_in(own_lab, tmp_path, first)
    assert not gets_in(own_lab, tmp_path, first)
    assert gets_in(own_lab, tmp_path, second.upper().replace("-", " "))
    assert json.loads(own_lab.bastion.admin("totp", "show", "alice", "--json"))["recovery_codes_left"] == 8


def test_who_has_no_codes_is_told_whom_to_ask(own_lab, tmp_path):
    own_lab.bastion.admin("user", "set", "alice", "--auth", "publickey+totp")
    sentence = "Your account needs a one-time code to log in, and has none set up: ask your administrator"
    outcome = login(own_lab, tmp_path, "123456")
    assert outcome.status == 255
    assert outcome.stderr.count(sentence) == 1
    explained = json.loads(own_lab.bastion.tries("explain", "alice", "--json").stdout)
    assert not explained["succeeds"]
    assert "has no one-time codes: `totp enroll alice` sets them up" in explained["why"]
    # Nobody else is: whoever has not shown the key.
    strangers = said(own_lab, "none", "interactive", key="bob")
    assert strangers == ["failure publickey", "failure publickey"]


def test_explain_says_that_a_code_is_needed(own_lab, alice):
    explained = json.loads(own_lab.bastion.admin("explain", "alice", "--json"))
    assert explained["succeeds"]
    (step,) = [step for step in explained["steps"] if step["step"] == "one-time code"]
    assert "10 recovery codes are left" in step["what"]


def test_guesses_are_limited_for_a_user_however_they_come(own_lab, alice, tmp_path):
    for _ in range(4):
        login(own_lab, tmp_path, "000000", "000001", "000002")
    own_lab.bastion.waits_for_log("no code is looked at user=alice")
    assert not gets_in(own_lab, tmp_path, alice.phone.code())
    # An administrator helps.
    own_lab.bastion.admin("totp", "reset", "alice")
    assert gets_in(own_lab, tmp_path, codes.enrolled(own_lab, "alice").phone.code())


def test_sessions_end_when_the_codes_are_reset(own_lab, alice, tmp_path):
    line = ["ssh", "-F", own_lab.client.config, "-o", "BatchMode=no", "-i", own_lab.key("alice").path, "alice@bastion", "echo up; cat"]
    client = own_lab.client.start(*line, environment=codes.typing(tmp_path, alice.phone.code()))
    assert client.stdout.readline() == b"up\n"
    own_lab.bastion.admin("totp", "reset", "alice")
    until(lambda: client.poll() is not None, "the session ends")
    outcome = finish(client)
    assert "your one-time codes were reset" in outcome.stderr
    own_lab.bastion.log_of(outcome.id, has="reason=second_factor_reset")


def test_a_code_is_not_used_again_by_another_process(own_lab, alice, tmp_path):
    code = alice.phone.code()
    assert gets_in(own_lab, tmp_path, code)
    own_lab.bastion.configure(workers=3)
    own_lab.bastion.hands_over()
    assert not gets_in(own_lab, tmp_path, code)
    assert gets_in(own_lab, tmp_path, alice.phone.code())


def test_a_code_is_used_up_in_the_whole_fleet(own_lab, tmp_path):
    with Fleet(own_lab) as fleet:
        two = fleet.add("two", fleet.begin())
        alice = codes.enrolled(own_lab, "alice")
        own_lab.bastion.admin("user", "set", "alice", "--auth", "publickey+totp")
        state = lambda: json.loads(two.admin("totp", "show", "alice", "--json"))["state"]
        until(lambda: state() == "never used", "the other one has her codes")
        code = alice.phone.code()
        assert gets_in(own_lab, tmp_path, code)
        until(lambda: state() == "used", "the other one knows that a code was used")
        assert not gets_in(own_lab, tmp_path, code, host="two")
        assert gets_in(own_lab, tmp_path, alice.phone.code(), host="two")
        assert gets_in(own_lab, tmp_path, alice.recovery[0])
        assert not gets_in(own_lab, tmp_path, alice.recovery[0], host="two")
        fleet.postgres.stop()
        assert not gets_in(own_lab, tmp_path, alice.recovery[1], host="two")
        fleet.postgres.start()
        assert alice.phone.bytes.hex() not in fleet.postgres.ask("SELECT encode(changeset, 'hex') FROM change_log")


def test_what_a_phone_reads_from_a_terminal_of_80_columns(own_lab, tmp_path):
    with own_lab.client.terminal("root", "bastion", "-s", "-t", "-t", "admin", rows=60, columns=80) as console:
        console.expect("root@bastion> ")
        console.type("totp enroll alice\r")
        page = console.expect(r"(?s)(.*)Nothing of this is shown again\.").group(1)
    lines = [line.rstrip("\r") for line in page.split("\n")]
    drawn = [line for line in lines if re.search("[▀▄█]", line)]
    assert max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in drawn) <= 80
    uri = codes.read_by_a_camera(drawn, tmp_path / "screen.pgm")
    assert uri.startswith("otpauth://totp/bastion:alice?secret=")
    assert uri in page
    own_lab.bastion.admin("user", "set", "alice", "--auth", "publickey+totp")
    assert gets_in(own_lab, tmp_path, codes.Phone(codes.secret_in(uri)).code())


def test_the_secret_is_nowhere_but_where_it_was_shown(own_lab, alice, tmp_path):
    assert gets_in(own_lab, tmp_path, alice.phone.code())
    assert gets_in(own_lab, tmp_path, alice.recovery[0])
    secret = alice.phone.secret
    written = own_lab.log + own_lab.bastion.admin("export") + own_lab.bastion.admin("audit", "list", "--json")
    files = b"".join(file.read_bytes() for file in own_lab.bastion.state.rglob("*") if file.is_file())
    for text in [secret, *alice.recovery]:
        assert text not in written
        assert text.encode() not in files
    assert alice.phone.bytes not in files


def test_the_last_administrator_is_not_locked_out(own_lab):
    refused = own_lab.bastion.tries("user", "set", "root", "--auth", "publickey+totp")
    assert "no administrator could log in any more" in refused.stderr
    own_lab.bastion.admin("totp", "enroll", "root", "--json")
    own_lab.bastion.admin("user", "set", "root", "--auth", "publickey+totp")
    assert "no administrator could log in any more" in own_lab.bastion.tries("totp", "reset", "root").stderr


def test_an_export_says_who_has_codes(own_lab, alice):
    users = json.loads(own_lab.bastion.admin("export", "--json"))["users"]
    assert [user["name"] for user in users if user.get("totp")] == ["alice"]
    own_lab.bastion.admin("apply", "-", input=own_lab.bastion.admin("export"))
    assert json.loads(own_lab.bastion.admin("totp", "list", "--json"))[0]["user"] == "alice"


def test_putty(own_lab, alice, tmp_path):
    key = tmp_path / "alice.ppk"
    run(["puttygen", own_lab.key("alice").path, "-O", "private", "-o", key])
    lines = [run(["ssh-keygen", "-l", "-f", file]).split()[1] for file in (own_lab.bastion.state / "host_keys").iterdir() if file.suffix != ".pub"]
    known = [word for fingerprint in lines for word in ("-hostkey", fingerprint)]
    line = ["plink", "-ssh", "-no-antispoof", *known, "-i", key, "-P", PORT, "-l", "alice", BASTION["front"], "echo $BOX"]
    outcome = own_lab.client.run(*line, input=f"{alice.phone.code()}\n")
    assert outcome.stdout.endswith("be1/alice"), outcome


def test_paramiko(own_lab, alice):
    program = f"""
import paramiko, socket
transport = paramiko.Transport(socket.create_connection(({BASTION["front"]!r}, {PORT})))
transport.start_client(timeout=15)
key = paramiko.Ed25519Key.from_private_key_file({str(own_lab.key("alice").path)!r})
assert transport.auth_publickey("alice", key) == ["keyboard-interactive"]
asked = []
def answer(title, instructions, prompts):
    asked.extend(prompts)
    return [{alice.phone.code()!r}]
assert transport.auth_interactive("alice", answer) == []
assert asked == [({_PROMPT!r}.strip(), False)] or asked == [({_PROMPT!r}, False)], asked
channel = transport.open_session()
channel.exec_command("echo $BOX")
print(channel.makefile().read().decode().strip())
"""
    assert own_lab.client.run("/usr/bin/python3", "-c", program).succeeded().stdout == "be1/alice"


def test_every_message_that_can_come_in_between(own_lab, alice):
    question = f"question {_PROMPT}False"
    partial = f"{_DENIED} partial"
    # Whoever has shown no key is not asked, and gets the answer of a name that nobody has.
    for user in ("alice", "nobdy"):
        assert said(own_lab, "interactive", "none", user=user) == ["failure publickey", "failure publickey"]
    assert said(own_lab, "key", "interactive", "answer:000000") == [partial, question, _DENIED]
    # No answer, more than one, and one that is none.
    assert said(own_lab, "key", "interactive", "answers:0", "interactive", "answers:2:1:2", "interactive", "raw:3d00000001ffffffff") == [
        partial, question, _DENIED, question, _DENIED, question, _DENIED,
    ]  # fmt: skip
    # An answer that nobody has asked for.
    assert said(own_lab, "answer:1", "key", "answer:2") == ["unimplemented", partial, "unimplemented"]
    # Another request in the place of the answer: the one that has asked is not answered any more.
    assert said(own_lab, "key", "interactive", "interactive", "answer:000000") == [partial, question, question, _DENIED]
    assert said(own_lab, "key", "interactive", "none") == [partial, question, _DENIED]
    # What was shown for one name is gone with another.
    assert said(own_lab, "key", "interactive", f"answer:{alice.phone.code()}") == [partial, question, "success"]


@pytest.mark.lab_with(settings={"max_auth_tries": 3})
def test_attempts_are_counted(own_lab, alice):
    tries = [step for _ in range(3) for step in ("interactive", "answer:000000")]
    heard = said(own_lab, "key", *tries)
    assert heard[-1] == "gone"
    assert heard.count(_DENIED) == 2
    own_lab.bastion.waits_for_log("reason=too_many_attempts")


@pytest.mark.lab_with(settings={"auth": "publickey+totp"})
def test_the_configuration_says_it_for_everybody(own_lab, tmp_path):
    assert said(own_lab, "none", "interactive", user="nobdy") == ["failure publickey", "failure publickey"]
    assert gets_in(own_lab, tmp_path, codes.enrolled(own_lab, "alice").phone.code())


@pytest.mark.parametrize("algorithm", [Ed25519, Ecdsa])
@pytest.mark.parametrize("whose", ["the user's", "the key's"])
def test_a_security_key_asks_for_its_pin_where_an_option_says_so(own_lab, tmp_path, algorithm, whose):
    touched, verified = 1, 5
    device = algorithm()
    public = tmp_path / "device.pub"

    def gets_in_with(flags):
        with SecurityKey(tmp_path / "agent", device, flags=flags) as key:
            public.write_text(key.public + "\n")
            how = ["-o", f"IdentityAgent={key.socket}", "-o", "IdentitiesOnly=yes", "-i", public]
            return own_lab.client.run("ssh", "-F", own_lab.client.config, *how, "alice@bastion", "echo $BOX").stdout == "be1/alice"

    with SecurityKey(tmp_path / "agent", device, flags=touched) as key:
        option = "verify-required " if whose == "the key's" else ""
        own_lab.bastion.admin("key", "add", "alice", option + key.public)
    assert gets_in_with(touched) is not (whose == "the key's")
    if whose == "the user's":
        own_lab.bastion.admin("user", "set", "alice", "--options", "verify-required")
        # A key that cannot ask for one is none then.
        assert own_lab.ssh("alice", "true").status == 255
        assert "only a security key can ask for a PIN" in own_lab.bastion.tries("explain", "alice", "--key", own_lab.key("alice").fingerprint).stdout
    assert not gets_in_with(touched)
    assert not gets_in_with(verified & ~touched)
    assert gets_in_with(verified)
