"""A key revocation list of ssh-keygen -k revokes what stands in it, and ends the sessions that were begun with that."""

import json

import pytest

from lab.authority import Authority, gets_in, has_gone, login, session
from lab.client import finish
from lab.process import run

pytestmark = pytest.mark.bastion_only

MANY = "".join(f"serial: {number}\n" for number in range(3, 100, 2))


@pytest.fixture
def ca(own_lab, tmp_path):
    made = Authority(tmp_path)
    own_lab.bastion.admin("ca", "add", "corp", made.key.public)
    return made


def krl(folder, spec, *options):
    (folder / "spec").write_text(spec)
    run(["ssh-keygen", "-q", "-k", "-f", folder / "krl", *options, folder / "spec"])
    return folder / "krl"


def of_ca(ca):
    return ["-s", f"{ca.key.path}.pub"]


@pytest.mark.parametrize(
    "how, spec",
    [
        ("serial", "serial: 7\n"),
        ("range", "serial: 5-2000\n"),
        ("bits", MANY),
        ("key id", "id: lost laptop\n"),
        ("any CA", "serial: 7\n"),
        ("key", "key: KEY\n"),
        ("sha1", "sha1: KEY\n"),
        ("sha256", "sha256: KEY\n"),
        ("hash", "hash: FINGERPRINT\n"),
        ("key of the CA", "key: AUTHORITY\n"),
        ("sha1 of the key of the CA", "sha1: AUTHORITY\n"),
    ],
)
def test_whatever_stands_in_it_is_revoked_and_ends_its_sessions(own_lab, ca, tmp_path, how, spec):
    key = ca.certified("-z", "7", key_id="lost laptop")
    names_key = any(word in spec for word in ("KEY", "FINGERPRINT", "AUTHORITY"))
    spec = spec.replace("KEY", key.public).replace("FINGERPRINT", key.fingerprint).replace("AUTHORITY", ca.key.public)
    other = None if "of the CA" in how else session(own_lab, ca.certified("-z", "4"))
    client = session(own_lab, key)
    whose = ["-s", "none"] if how == "any CA" else [] if names_key else of_ca(ca)
    own_lab.bastion.admin("revoke", "--krl", krl(tmp_path, spec, *whose))
    has_gone(own_lab, client, "was revoked", "credential_revoked")
    assert login(own_lab, key).status == 255
    if other:
        assert other.poll() is None
        finish(other)


def test_a_key_that_is_revoked_by_sha1_does_not_let_in_alone_either(own_lab, tmp_path):
    alice = own_lab.key("alice")
    client = session(own_lab, alice)
    own_lab.bastion.admin("revoke", "--krl", krl(tmp_path, f"sha1: {alice.public}\n"))
    has_gone(own_lab, client, "was revoked", "credential_revoked")
    assert login(own_lab, alice).status == 255


def test_it_is_listed_added_to_and_lifted(own_lab, ca, tmp_path):
    file = krl(tmp_path, "serial: 7\nserial: 10-20\nid: lost laptop\n", *of_ca(ca))
    assert "the KRL revokes 3; new 3" in own_lab.bastion.admin("revoke", "--krl", file)
    assert "new 0" in own_lab.bastion.admin("revoke", "--krl", "-", input=file.read_bytes())
    rows = json.loads(own_lab.bastion.admin("revoke", "list", "--json"))
    assert [(row["what"], row["value"], row["ca"]) for row in rows] == [("serial", "7", "corp"), ("serial", "10-20", "corp"), ("key_id", "lost laptop", "corp")]
    refused = own_lab.bastion.tries("revoke", "lift", "--ca", "corp", "--serial", "15")
    assert "numbers that were revoked together are lifted together" in refused.stderr
    own_lab.bastion.admin("revoke", "lift", "--ca", "corp", "--serial", "10-20")
    assert gets_in(own_lab, ca.certified("-z", "15"))
    own_lab.bastion.admin("revoke", "--krl", file)
    assert login(own_lab, ca.certified("-z", "15")).status == 255
    assert "lifted 3" in own_lab.bastion.admin("revoke", "lift", "--krl", file)
    assert gets_in(own_lab, ca.certified("-z", "15"))


def test_what_is_no_list_revokes_nothing(own_lab, ca, tmp_path):
    whole = krl(tmp_path, "serial: 7\n", *of_ca(ca))
    cut = tmp_path / "cut"
    cut.write_bytes(whole.read_bytes()[:-3])
    for file, why in [(cut, "the KRL is malformed"), (f"{ca.key.path}.pub", "this is no KRL"), (tmp_path / "missing", "No such file")]:
        refused = own_lab.bastion.tries("revoke", "--krl", file)
        assert refused.status == 1
        assert why in refused.stderr
    assert json.loads(own_lab.bastion.admin("revoke", "list", "--json")) == []


def test_cas_and_revocations_go_through_a_document(own_lab, ca, tmp_path):
    own_lab.bastion.admin("ca", "add", "ops", Authority(tmp_path / "ops").key.public, "--principals", "ops-*=alice")
    own_lab.bastion.admin("revoke", "--krl", krl(tmp_path, "serial: 7\nserial: 10-20\n", *of_ca(ca)))
    own_lab.bastion.admin("revoke", own_lab.key("bob").fingerprint)
    document = tmp_path / "directory.json"
    document.write_text(own_lab.bastion.admin("export"))
    own_lab.bastion.admin("apply", document)
    assert own_lab.bastion.admin("export") == document.read_text()
    for name in "corp", "ops":
        own_lab.bastion.admin("ca", "remove", name)
    own_lab.bastion.admin("revoke", "lift", own_lab.key("bob").fingerprint)
    assert login(own_lab, ca.certified("-z", "8")).status == 255
    own_lab.bastion.admin("apply", document)
    assert gets_in(own_lab, ca.certified("-z", "8"))
    assert login(own_lab, ca.certified("-z", "15")).status == 255
    assert login(own_lab, own_lab.key("bob"), user="bob").status == 255
    assert own_lab.bastion.admin("export") == document.read_text()
