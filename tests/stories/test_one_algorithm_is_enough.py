"""A container or backend that speaks one algorithm of a kind, whichever it is, is reached when the bastion has it; and
when it has not, that is what is said."""

import json
import re

import pytest

from lab.process import run

pytestmark = pytest.mark.bastion_only

KEY_EXCHANGES = [
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group14-sha256",
    "diffie-hellman-group16-sha512",
    "sntrup761x25519-sha512@openssh.com",
]
COSTLY = ["diffie-hellman-group18-sha512", "diffie-hellman-group-exchange-sha256"]
SOUND = [
    *[[f"KexAlgorithms {name}"] for name in KEY_EXCHANGES],
    ["Ciphers aes192-ctr"],
    ["Ciphers aes256-ctr", "MACs hmac-sha2-512"],
]
# What it is told; what it offers, by which the administrator sees what is missing.
STRANGE = [
    (["KexAlgorithms diffie-hellman-group1-sha1"], "no key exchange in common; it offers diffie-hellman-group1-sha1"),
    (["Ciphers aes256-cbc"], "no cipher in common; it offers aes256-cbc"),
    (["Ciphers aes128-ctr", "MACs umac-128-etm@openssh.com"], "no MAC in common; it offers umac-128-etm@openssh.com"),
]


# As an appliance of long ago has it, with the host key it comes with.
OLD = ["KexAlgorithms diffie-hellman-group14-sha1", "HostKeyAlgorithms ssh-rsa", "Ciphers aes128-cbc", "MACs hmac-sha1"]


def is_old(machine, *lines):
    key = machine.home.parent / "old_key"
    if not key.exists():
        run(["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", key])
    machine.put("old_key", key.read_bytes())
    machine.speaks(f"HostKey /home/{machine.login}/old_key", *OLD, *lines)


def test_users_exchange_keys_as_they_like_best(lab):
    """The first is what OpenSSH 9.0 to 9.9 asks for, Debian 12's among them."""
    for name in ["sntrup761x25519-sha512@openssh.com", "curve25519-sha256", "ecdh-sha2-nistp256"]:
        outcome = lab.ssh("alice", "echo $BOX", "-v", "-o", f"KexAlgorithms={name}").succeeded()
        assert outcome.stdout == "be1/alice"
        assert f"kex: algorithm: {name}" in outcome.stderr


def test_whatever_a_container_speaks_that_is_sound_is_spoken(own_lab):
    for lines in SOUND:
        own_lab.container("alice").speaks(*lines)
        assert own_lab.ssh("alice", "cat", input="x" * 100_000).succeeded().stdout == "x" * 100_000, lines


def test_a_backend_may_be_as_particular(own_lab):
    own_lab.backend("be1").speaks("KexAlgorithms diffie-hellman-group16-sha512", "Ciphers aes192-ctr")
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


def test_with_a_choice_the_cheapest_is_spoken(own_lab):
    for machine in [own_lab.backend("be1"), own_lab.container("alice")]:
        machine.configure("LogLevel DEBUG")
        machine.restart()
    own_lab.ssh("alice", "true").succeeded()
    for machine in [own_lab.backend("be1"), own_lab.container("alice")]:
        assert "kex: algorithm: curve25519-sha256 [preauth]" in machine.log
        cipher = r"(aes128-gcm|chacha20-poly1305)@openssh.com MAC: <implicit>"
        assert re.search(rf"kex: client->server cipher: {cipher}", machine.log)


def test_where_there_is_none_in_common_that_is_said(own_lab):
    sentence = "container web and the bastion have no algorithm in common; tell your administrator"
    for lines, detail in STRANGE:
        own_lab.container("alice").speaks(*lines)
        outcome = own_lab.ssh("alice", "true")
        assert (outcome.status, outcome.stderr) == (255, f"bastion: {sentence} (id {outcome.id})")
        assert detail in "\n".join(own_lab.bastion.log_of(outcome.id, has="container_no_common_algorithm"))
        said = own_lab.bastion.explained("alice")
        assert said["user_sees"] == sentence
        assert detail in said["why"] and "offer" in said["why"]


def test_a_backend_with_none_in_common_is_named(own_lab):
    own_lab.backend("be1").speaks("Ciphers aes256-cbc")
    assert "backend be1 and the bastion have no algorithm in common" in own_lab.ssh("alice", "true").stderr
    assert "no cipher in common; it offers aes256-cbc" in own_lab.bastion.explained("alice")["why"]


def test_what_is_old_is_spoken_to_where_an_administrator_says_so_and_nowhere_else(own_lab):
    lab = own_lab
    for user in ["alice", "bob"]:
        is_old(lab.container(user))
    assert "no key exchange in common; it offers diffie-hellman-group14-sha1" in lab.bastion.explained("alice")["why"]
    lab.bastion.admin("container", "set", "alice/web", "--legacy")
    for size in [0, 1, 100_000]:
        assert lab.ssh("alice", "cat", input="x" * size).succeeded().stdout == "x" * size
    assert "legacy algorithms" in str(lab.bastion.explained("alice")["steps"])
    assert json.loads(lab.bastion.admin("container", "show", "alice/web", "--json"))["legacy"] is True
    assert "alice/web --legacy" in lab.bastion.admin("audit", "list")
    assert "have no algorithm in common" in lab.ssh("bob", "true").stderr

    document = json.loads(lab.bastion.admin("export", "--json"))
    assert [each["owner"] for each in document["containers"] if each["legacy"]] == ["alice"]
    for each in document["containers"]:
        each["legacy"] = each["owner"] == "bob"
    said = lab.bastion.admin("apply", "-", input=json.dumps(document))
    assert "alice/web" in said and "legacy yes -> no" in said
    assert lab.ssh("bob", "echo $BOX").stdout == "be2/bob"
    assert "have no algorithm in common" in lab.ssh("alice", "true").stderr
    lab.bastion.admin("container", "set", "bob/web", "--no-legacy")
    assert "have no algorithm in common" in lab.ssh("bob", "true").stderr


def test_so_is_what_costs_most(own_lab):
    for name in COSTLY:
        own_lab.container("alice").speaks(f"KexAlgorithms {name}")
        assert f"no key exchange in common; it offers {name}" in own_lab.bastion.explained("alice")["why"]
        own_lab.bastion.admin("container", "set", "alice/web", "--legacy")
        assert own_lab.ssh("alice", "cat", input="x" * 100_000).succeeded().stdout == "x" * 100_000
        own_lab.bastion.admin("container", "set", "alice/web", "--no-legacy")


def test_so_is_an_old_backend(own_lab):
    lab = own_lab
    is_old(lab.backend("be1"))
    assert "backend be1 and the bastion have no algorithm in common" in lab.ssh("alice", "true").stderr
    lab.bastion.admin("backend", "set", "be1", "--legacy")
    assert lab.ssh("alice", "cat", input="x" * 100_000).succeeded().stdout == "x" * 100_000
    assert json.loads(lab.bastion.admin("backend", "show", "be1", "--json"))["legacy"] is True
    assert "legacy algorithms" in str(lab.bastion.explained("alice")["steps"])
