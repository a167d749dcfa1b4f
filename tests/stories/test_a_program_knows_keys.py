"""Where the directory has no key that lets somebody in, a program of root's may print some: once for a client that shows several, about users of the
directory only, and with options that bind. When it cannot answer, keys of the directory let in as before."""

import json
import time

import pytest

from lab import until
from lab.authority import Authority
from lab.client import finish
from lab.key import Key

pytestmark = [pytest.mark.bastion_only, pytest.mark.threaded]


class Program:
    """What an administrator has put there, and what it was asked."""

    def __init__(self, lab, arguments="%u", **settings):
        self.folder = lab.folder / "libexec"
        self.folder.mkdir(mode=0o755)
        self.keys = lab.folder / "printed"
        self.keys.mkdir(mode=0o755)
        self.told = lab.folder / "told"
        self.file = self.folder / "keys"
        self.does()
        self.lab = lab
        lab.bastion.configure(authorized_keys_command=f"{self.file} {arguments}", **settings)
        lab.bastion.hands_over()

    def does(self, script='cat "$keys/$1"'):
        self.file.write_text(f'#!/bin/sh\nkeys={self.keys}\necho "$@" >>{self.told}\n{script}\n')
        self.file.chmod(0o755)

    def prints(self, user, *lines):
        (self.keys / user).write_text("".join(f"{line}\n" for line in lines))

    def asked(self):
        return self.told.read_text().splitlines() if self.told.exists() else []


def comes(lab, key, *words, user="alice", options=()):
    return lab.client.run("ssh", "-F", lab.client.config, "-o", "IdentitiesOnly=yes", *options, "-i", key.path, f"{user}@bastion", *(words or ["echo $BOX"]))


def stays(lab, key):
    session = lab.client.start("ssh", "-F", lab.client.config, "-o", "IdentitiesOnly=yes", "-i", key.path, "alice@bastion", "echo up; cat")
    assert session.stdout.readline() == b"up\n"
    return session


def ends(session, sentence):
    until(lambda: session.poll() is not None, "the session ends")
    outcome = finish(session)
    assert sentence in outcome.stderr
    return outcome


@pytest.fixture
def key(tmp_path):
    return Key(tmp_path / "key")


def test_a_key_that_is_printed_lets_in(own_lab, key):
    program = Program(own_lab)
    program.prints("alice", "# of alice", key.public)
    assert comes(own_lab, key).stdout == "be1/alice"
    # Once, for the question and for the signature; and not at all for a key of the directory.
    assert program.asked() == ["alice"]
    assert comes(own_lab, own_lab.key("alice")).stdout == "be1/alice"
    assert program.asked() == ["alice"]
    own_lab.bastion.waits_for_log(key.fingerprint)


def test_a_client_that_shows_five_keys_asks_once(own_lab, key, tmp_path):
    program = Program(own_lab)
    program.prints("alice", key.public)
    others = [word for number in range(4) for word in ("-i", Key(tmp_path / f"other{number}").path)]
    assert comes(own_lab, key, options=others).stdout == "be1/alice"
    assert program.asked() == ["alice"]


def test_it_may_be_told_of_the_key(own_lab, key, tmp_path):
    program = Program(own_lab, "--for=%u %f %t %k %%")
    program.does(f'[ "$2" = {key.fingerprint} ] && echo "$3 $4"')
    assert comes(own_lab, Key(tmp_path / "other")).status == 255
    assert comes(own_lab, key).stdout == "be1/alice"
    kind, blob, *_ = key.public.split()
    assert program.asked()[-1] == f"--for=alice {key.fingerprint} {kind} {blob} %"


def test_options_of_its_lines_bind(own_lab, key):
    program = Program(own_lab, authorized_keys_cache=0)
    program.prints("alice", f'command="echo forced",no-pty {key.public}')
    assert comes(own_lab, key).stdout == "forced"
    program.prints("alice", f'from="192.0.2.0/24" {key.public}')
    assert comes(own_lab, key).status == 255
    program.prints("alice", f'expiry-time="20200101" {key.public}')
    assert comes(own_lab, key).status == 255
    program.prints("alice", f'environment="A=b" {key.public}')
    assert comes(own_lab, key).status == 255
    own_lab.bastion.waits_for_log("has printed lines that let nobody in: user=alice lines=1")
    program.prints("alice", key.public)
    own_lab.bastion.admin("user", "set", "alice", "--options", "command=\"echo of-the-user\"")
    assert comes(own_lab, key).stdout == "of-the-user"


def test_a_ca_that_is_printed_lets_in_by_certificates(own_lab, tmp_path):
    program = Program(own_lab)
    ca = Authority(tmp_path)
    program.prints("alice", f"cert-authority {ca.key.public}")
    assert comes(own_lab, ca.certified()).stdout == "be1/alice"
    assert comes(own_lab, ca.certified(names="bob")).status == 255
    assert comes(own_lab, ca.key).status == 255


def test_nobody_else_is_asked_about(own_lab, key):
    program = Program(own_lab)
    for user in ["nobody", "bob"]:
        program.prints(user, key.public)
    own_lab.bastion.admin("user", "disable", "bob")
    for user in ["nobody", "bob", "root+web", "be1"]:
        assert comes(own_lab, key, user=user).status == 255, user
    assert program.asked() == ["root"]


def test_an_unknown_name_takes_as_long(own_lab, key):
    program = Program(own_lab)
    program.does("sleep 2")

    def takes(user):
        before = time.monotonic()
        assert comes(own_lab, key, user=user).status == 255
        return time.monotonic() - before

    takes("alice")
    assert takes("nobody") > 2
    assert program.asked() == ["alice"]


def test_when_it_fails_keys_of_the_directory_let_in(own_lab, key):
    program = Program(own_lab, authorized_keys_cache=0, authorized_keys_timeout=1)
    program.prints("alice", key.public)
    for script, why in [("echo no directory >&2; exit 3", "ended with status 3: no directory"), ("exec sleep 60", "has not ended within"), ("yes", "prints more than")]:
        program.does(script)
        refused = comes(own_lab, key)
        assert refused.status == 255
        assert "Permission denied (publickey)" in refused.stderr
        assert comes(own_lab, own_lab.key("alice")).stdout == "be1/alice"
        own_lab.bastion.waits_for_log(why)
        explained = json.loads(own_lab.bastion.admin("explain", "alice", "--json"))
        assert explained["succeeds"]
        (step,) = [step for step in explained["steps"] if step["step"] == "authorized_keys_command"]
        assert why in step["what"]
    own_lab.bastion.waits_for_log("reason=keys_not_printed")


def test_it_has_to_be_root_s(own_lab, key):
    program = Program(own_lab, authorized_keys_cache=0)
    program.prints("alice", key.public)
    program.file.chmod(0o777)
    assert comes(own_lab, key).status == 255
    own_lab.bastion.waits_for_log("keys can be written by others than root")
    assert program.asked() == []
    program.file.chmod(0o755)
    assert comes(own_lab, key).stdout == "be1/alice"


def test_it_cannot_read_the_private_keys(own_lab, key):
    program = Program(own_lab, authorized_keys_cache=0)
    program.prints("alice", key.public)
    identity = own_lab.bastion.state / "identity"
    program.does(f'cat {identity}/* >/dev/null 2>&1 && exit 7; cat "$keys/$1"')
    assert comes(own_lab, key).stdout == "be1/alice"


def test_sessions_end_with_what_they_rest_on(own_lab, key):
    program = Program(own_lab, authorized_keys_cache=0, authorized_keys_again=1)
    program.prints("alice", key.public)
    session = stays(own_lab, key)
    until(lambda: len(program.asked()) > 4, "it is asked again")
    program.does("exit 1")
    before = len(program.asked())
    until(lambda: len(program.asked()) > before + 1, "it fails, and is asked again")
    assert session.poll() is None
    program.does("true")
    own_lab.bastion.log_of(ends(session, "the key you logged in with was removed").id, has="reason=key_removed")
    program.does()
    session = stays(own_lab, key)
    own_lab.bastion.admin("revoke", key.fingerprint)
    ends(session, "was revoked")
    assert comes(own_lab, key).status == 255
    own_lab.bastion.admin("revoke", "lift", key.fingerprint)
    session = stays(own_lab, key)
    own_lab.bastion.admin("user", "disable", "alice")
    ends(session, "your account was disabled")


def test_administrators_see_that_it_is_asked(own_lab, key):
    program = Program(own_lab)
    program.prints("alice", f"restrict {key.public}", "nonsense")
    assert f"authorized_keys_command is asked too, for keys that are not here: {program.file} %u" in own_lab.bastion.tries("key", "list", "alice").stderr
    assert json.loads(own_lab.bastion.admin("user", "show", "alice", "--json"))["authorized_keys_command"] == f"{program.file} %u"
    explained = json.loads(own_lab.bastion.admin("explain", "alice", "--key", key.fingerprint, "--json"))
    steps = {step["step"]: step["what"] for step in explained["steps"]}
    assert steps["authorized_keys_command"].startswith("prints 1 key, and 1 that cannot be used: ")
    assert steps["options"] == "of the key: restrict"


def test_a_second_factor_comes_behind_it(own_lab, key):
    program = Program(own_lab)
    program.prints("alice", key.public)
    own_lab.bastion.admin("user", "set", "alice", "--auth", "publickey+publickey")
    assert comes(own_lab, key).status == 255
    assert comes(own_lab, key, options=["-i", own_lab.key("alice").path]).stdout == "be1/alice"
