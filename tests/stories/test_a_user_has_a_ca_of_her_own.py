"""A line with cert-authority among the keys of a user, as in her authorized_keys: certificates of that CA let her in, and
nobody else; what stands in the line binds them, and what is taken from it ends their sessions."""

import json

import pytest

from lab.authority import Authority, gets_in, has_gone, login, session
from lab.client import finish

pytestmark = pytest.mark.bastion_only


@pytest.fixture
def ca(own_lab, tmp_path):
    made = Authority(tmp_path)
    own_lab.bastion.admin("key", "add", "alice", f"cert-authority {made.key.public}")
    return made


def options(lab, ca, text):
    lab.bastion.admin("key", "set", "alice", ca.key.fingerprint, "--options", text)


def test_it_lets_in_this_user_alone(own_lab, ca):
    assert gets_in(own_lab, ca.certified())
    own_lab.bastion.waits_for_log(f"ca={ca.key.fingerprint} serial=0 certificate=alice@corp")
    assert login(own_lab, ca.certified(names="alice,bob"), user="bob").status == 255
    listed = json.loads(own_lab.bastion.admin("key", "list", "alice", "--json"))
    line = next(key for key in listed if key["fingerprint"] == ca.key.fingerprint)
    assert line["options"] == "cert-authority"
    assert line["last_used"]


def test_each_mistake_lets_nobody_in(own_lab, ca, tmp_path):
    mistakes = {
        "the key of the CA itself": ca.key,
        "expired": ca.certified("-V", "20200101:20200102"),
        "not yet valid": ca.certified("-V", "20380101:20380102"),
        "another principal": ca.certified(names="bob"),
        "no principal": ca.certified(names=None),
        "a certificate of a host": ca.certified("-h"),
        "another CA": Authority(tmp_path / "other").certified(),
        "from elsewhere": ca.certified("-O", "source-address=192.0.2.0/24"),
        "an unknown critical option": ca.certified("-O", "critical:new-rule@example.com=yes"),
    }
    for what, key in mistakes.items():
        assert login(own_lab, key).status == 255, what
    assert gets_in(own_lab, ca.certified())


def test_a_key_that_is_no_ca_signs_for_nobody(own_lab, tmp_path):
    ca = Authority(tmp_path)
    own_lab.bastion.admin("key", "add", "alice", ca.key.public)
    assert login(own_lab, ca.certified()).status == 255
    assert gets_in(own_lab, ca.key)


def test_the_line_says_which_principals(own_lab, ca):
    options(own_lab, ca, 'cert-authority,principals="ops,night shift"')
    assert gets_in(own_lab, ca.certified(names="night shift"))
    assert gets_in(own_lab, ca.certified(names="x,ops"))
    assert login(own_lab, ca.certified(names="alice")).status == 255


def test_what_else_stands_in_the_line_binds(own_lab, ca):
    options(own_lab, ca, "cert-authority,restrict")
    assert "PTY allocation request failed" in login(own_lab, ca.certified(), "-tt").stderr
    options(own_lab, ca, 'cert-authority,command="echo hers"')
    assert login(own_lab, ca.certified()).stdout == "hers"
    assert login(own_lab, ca.certified("-O", "force-command=echo other")).status == 255
    options(own_lab, ca, 'cert-authority,from="192.0.2.0/24"')
    assert login(own_lab, ca.certified()).status == 255
    options(own_lab, ca, 'cert-authority,expiry-time="20200101"')
    assert login(own_lab, ca.certified()).status == 255


@pytest.mark.parametrize(
    "change, sentence, reason",
    [
        (["key", "remove", "alice", "CA"], "the certificate you logged in with is no longer accepted", "certificate_refused"),
        (["key", "set", "alice", "CA", "--options", 'cert-authority,principals="ops"'], "the certificate you logged in with is no longer accepted", "certificate_refused"),
        (["key", "set", "alice", "CA", "--options", 'cert-authority,from="192.0.2.0/24"'], "", "source_refused"),
        (["key", "set", "alice", "CA", "--options", "none"], "the certificate you logged in with is no longer accepted", "certificate_refused"),
        (["revoke", "CA"], "was revoked", "credential_revoked"),
        (["revoke", "--ca", "CA", "--serial", "7"], "was revoked", "credential_revoked"),
        (["revoke", "--ca", "CA", "--key-id", "alice@corp"], "was revoked", "credential_revoked"),
    ],
)
def test_what_is_taken_from_it_ends_its_sessions(own_lab, ca, change, sentence, reason):
    key = ca.certified("-z", "7")
    client = session(own_lab, key)
    own_lab.bastion.admin(*[ca.key.fingerprint if word == "CA" else word for word in change])
    has_gone(own_lab, client, sentence, reason)
    assert login(own_lab, key).status == 255


def test_a_ca_that_is_trusted_for_everybody_too_goes_on(own_lab, ca):
    own_lab.bastion.admin("ca", "add", "corp", ca.key.public)
    client = session(own_lab, ca.certified())
    own_lab.bastion.admin("key", "remove", "alice", ca.key.fingerprint)
    assert gets_in(own_lab, ca.certified())
    assert client.poll() is None
    finish(client)


def test_the_line_goes_through_a_document_and_comes_from_a_file(own_lab, ca, tmp_path):
    document = own_lab.bastion.admin("export")
    own_lab.bastion.admin("key", "remove", "alice", ca.key.fingerprint)
    assert login(own_lab, ca.certified()).status == 255
    (tmp_path / "directory.json").write_text(document)
    own_lab.bastion.admin("apply", tmp_path / "directory.json")
    assert gets_in(own_lab, ca.certified())
    own_lab.bastion.admin("key", "remove", "alice", ca.key.fingerprint)
    folder = tmp_path / "home" / "alice" / ".ssh"
    folder.mkdir(parents=True)
    (folder / "authorized_keys").write_text(f'cert-authority,principals="ops" {ca.key.public}\n')
    own_lab.bastion.admin("import", "authorized-keys", tmp_path / "home", "--merge")
    assert gets_in(own_lab, ca.certified(names="ops"))


def test_explain_says_what_would_let_her_in(own_lab, ca):
    own_lab.bastion.admin("user", "set", "alice", "--auth", "certificate")
    options(own_lab, ca, 'cert-authority,principals="ops"')
    answer = json.loads(own_lab.bastion.admin("explain", "alice", "--json"))
    assert answer["succeeds"]
    assert any(f"one of CA {ca.key.fingerprint}" in step["what"] and "for principal ops" in step["what"] for step in answer["steps"])
