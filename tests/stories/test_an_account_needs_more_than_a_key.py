"""What an account needs to let somebody in, as an expression, such as two different keys; who has less is told to go on, and who has it gets in."""

import contextlib
import json

import pytest

from lab import until
from lab.client import finish
from lab.key import Key

pytestmark = pytest.mark.bastion_only


@contextlib.contextmanager
def needs(lab, user, expression):
    lab.bastion.admin("user", "set", user, "--auth", expression)
    try:
        yield
    finally:
        lab.bastion.admin("user", "set", user, "--auth", "default")


def login(lab, *how):
    return lab.client.run("ssh", "-v", "-F", lab.client.config, *how, "alice@bastion", "echo $BOX")


def test_two_keys(lab, tmp_path):
    second = Key(tmp_path / "second")
    with lab.enrolled("alice", second.public), needs(lab, "alice", "publickey+publickey"):
        both = login(lab, "-i", lab.key("alice").path, "-i", second.path)
        assert both.stdout == "be1/alice"
        assert 'Authenticated using "publickey" with partial success' in both.stderr
        alone = login(lab, "-i", second.path, "-o", "IdentitiesOnly=yes")
        assert alone.status == 255
        assert "partial success" in alone.stderr
        assert "Permission denied (publickey)" in alone.stderr


def test_the_same_key_does_not_count_twice(lab):
    with needs(lab, "alice", "publickey+publickey"):
        same = login(lab, "-i", lab.key("alice").path, "-i", lab.key("alice").path)
        assert same.status == 255


def test_an_alternative_is_enough(lab):
    with needs(lab, "alice", "publickey+publickey|publickey"):
        assert login(lab, "-i", lab.key("alice").path).stdout == "be1/alice"


def test_whoever_has_less_than_is_needed_now_has_to_go(lab):
    client = lab.client.start(*lab.client.ssh_line("alice", "bastion", "echo up; cat"))
    assert client.stdout.readline() == b"up\n"
    with needs(lab, "alice", "publickey+publickey"):
        until(lambda: client.poll() is not None, "the session ends")
        outcome = finish(client)
        assert "your account needs another way to log in now" in outcome.stderr
        lab.bastion.log_of(outcome.id, has="reason=more_is_needed")


def test_explain_says_what_is_needed_and_missing(lab):
    with needs(lab, "alice", "publickey+publickey"):
        explained = lab.bastion.tries("explain", "alice", "--json")
        answer = json.loads(explained.stdout)
        assert not answer["succeeds"]
        assert "needs publickey+publickey" in answer["steps"][0]["what"]
        assert "it needs publickey+publickey, and one publickey more is missing" in answer["why"]


def test_what_is_not_there_yet_is_refused(lab):
    for expression, why in [("oidc", "there is no oidc here yet"), ("totp", "totp alone lets nobody in"), ("publikey", "did you mean publickey?"), ("", "a word is missing")]:
        refused = lab.bastion.tries("user", "set", "alice", "--auth", expression)
        assert refused.status != 0
        assert why in refused.stderr


@pytest.mark.lab_with(settings={"auth": "publickey+publickey"})
def test_the_configuration_says_it_for_everybody(own_lab):
    alone = login(own_lab, "-i", own_lab.key("alice").path)
    assert alone.status == 255
    assert "partial success" in alone.stderr
    with needs(own_lab, "alice", "publickey"):
        assert login(own_lab, "-i", own_lab.key("alice").path).stdout == "be1/alice"
