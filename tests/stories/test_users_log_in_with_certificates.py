"""A user with a certificate of a CA that is trusted needs no key that was added. Each mistake that can be made with
ssh-keygen lets nobody in, and sessions end with what they were begun with."""

import base64
import json
import os
import re
import time

import pytest

from lab import until
from lab.authority import Authority, gets_in, has_gone, login, session
from lab.client import finish
from lab.key import Key
from lab.process import run
from lab.security_key import Ecdsa, Ed25519, SecurityKey

pytestmark = [pytest.mark.bastion_only, pytest.mark.threaded]


@pytest.fixture
def ca(own_lab, tmp_path):
    made = Authority(tmp_path)
    own_lab.bastion.admin("ca", "add", "corp", made.key.public)
    return made


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_certificate_lets_in(own_lab, tmp_path, kind):
    ca = Authority(tmp_path, kind)
    own_lab.bastion.admin("ca", "add", "corp", ca.key.public)
    assert gets_in(own_lab, ca.certified(kind=kind))
    own_lab.bastion.waits_for_log("ca=corp serial=0 certificate=alice@corp")


def test_each_mistake_lets_nobody_in(own_lab, ca, tmp_path):
    other = Authority(tmp_path / "other")
    mistakes = {
        "expired": ca.certified("-V", "20200101:20200102"),
        "not yet valid": ca.certified("-V", "20380101:20380102"),
        "another principal": ca.certified(names="bob"),
        "no principal": ca.certified(names=None),
        "a certificate of a host": ca.certified("-h"),
        "another CA": other.certified(),
        "from elsewhere": ca.certified("-O", "source-address=192.0.2.0/24"),
        "an unknown critical option": ca.certified("-O", "critical:new-rule@example.com=yes"),
    }
    for what, key in mistakes.items():
        assert login(own_lab, key).status == 255, what
    assert gets_in(own_lab, ca.certified())


def test_a_ca_that_is_trusted_with_it_makes_accounts(own_lab, tmp_path):
    made = Authority(tmp_path)
    own_lab.bastion.admin("ca", "add", "corp", made.key.public, "--create")
    mistakes = {
        "expired": made.certified("-V", "20200101:20200102", names="nora"),
        "another principal": made.certified(names="alice"),
        "another CA": Authority(tmp_path / "other").certified(names="nora"),
        "forged": forged(made, tmp_path / "forger", names="nora"),
    }
    for what, key in mistakes.items():
        assert login(own_lab, key, user="nora").status == 255, what
    assert "nora" not in own_lab.bastion.admin("user", "list")
    key = made.certified("-z", "7", names="nora", key_id="nora@corp")
    assert "no container" in login(own_lab, key, user="nora").stderr
    (row,) = [row for row in json.loads(own_lab.bastion.admin("audit", "list", "--json")) if row["action"] == "account"]
    assert (row["user"], row["outcome"], row["detail"]) == ("nora", "done", "ca=corp serial=7 certificate=nora@corp")
    assert json.loads(own_lab.bastion.admin("user", "show", "nora", "--json"))["role"] == "user"
    own_lab.bastion.admin("user", "disable", "nora")
    assert login(own_lab, key, user="nora").status == 255
    assert gets_in(own_lab, made.certified())


def forged(ca, folder, **how):
    """A certificate of another CA that claims to be of this one."""
    forger = Authority(folder)
    key = forger.certified(**how)
    public = key.path.with_name(key.path.name + "-cert.pub")
    kind, blob, *rest = public.read_text().split()
    theirs = base64.b64decode(forger.key.public.split()[1])
    ours = base64.b64decode(ca.key.public.split()[1])
    forged = base64.b64decode(blob).replace(theirs, ours)
    public.write_text(" ".join([kind, base64.b64encode(forged).decode(), *rest]) + "\n")
    return key


def test_what_was_signed_cannot_be_changed(own_lab, ca, tmp_path):
    assert login(own_lab, forged(ca, tmp_path / "forger")).status == 255


def test_a_stranger_with_a_certificate_cannot_tell_users_from_others(own_lab, ca, tmp_path):
    """Whether nobody knows the CA, or everybody does: names are told from each other by nothing that is said."""

    def conversation(key, name):
        text = login(own_lab, key, "-vv", user=name).stderr.replace(name, "NAME")
        text = re.sub(r"local port \d+|port \d{4,5}\b|pid \d+|\d+\.\d+ seconds?", "X", text)
        return [line for line in text.splitlines() if "bytes per second" not in line and not line.startswith("Transferred")]

    for key in [Authority(tmp_path / "other").certified(names="alice,nobdy"), forged(ca, tmp_path / "forger", names="alice,nobdy"), ca.certified(names="bob")]:
        assert conversation(key, "alice") == conversation(key, "nobdy")


@pytest.mark.parametrize("algorithm", [Ed25519, Ecdsa])
def test_a_security_key_is_touched_and_asks_for_its_pin_where_the_certificate_says_so(own_lab, ca, tmp_path, algorithm):
    touched, verified = 1, 5
    device = algorithm()

    def gets_in_with(flags, *options):
        with SecurityKey(tmp_path / "agent", device, flags=flags) as key:
            public = tmp_path / "device.pub"
            public.write_text(key.public + "\n")
            run(["ssh-keygen", "-q", "-s", ca.key.path, "-I", "device", "-n", "alice", *options, public])
            how = ["-o", f"IdentityAgent={key.socket}", "-o", f"CertificateFile={tmp_path / 'device-cert.pub'}", "-i", public]
            return own_lab.client.run("ssh", "-F", own_lab.client.config, *how, "alice@bastion", "echo $BOX").stdout == "be1/alice"

    assert gets_in_with(touched)
    assert not gets_in_with(0, "-O", "no-touch-required")
    assert not gets_in_with(touched, "-O", "verify-required")
    assert gets_in_with(verified, "-O", "verify-required")


@pytest.mark.parametrize("how", ["serial", "key id", "key"])
def test_a_revoked_certificate_ends_its_sessions(own_lab, ca, how):
    key = ca.certified("-z", "7", key_id="lost laptop")
    other = session(own_lab, ca.certified("-z", "8"))
    words = {"serial": ["--ca", "corp", "--serial", "7"], "key id": ["--ca", "corp", "--key-id", "lost laptop"], "key": [key.fingerprint]}[how]
    client = session(own_lab, key)
    own_lab.bastion.admin("revoke", *words)
    has_gone(own_lab, client, "the key or certificate you logged in with was revoked", "credential_revoked")
    assert login(own_lab, key).status == 255
    assert other.poll() is None
    finish(other)
    own_lab.bastion.admin("revoke", "lift", *words)
    assert gets_in(own_lab, key)


def test_a_revoked_key_of_a_ca_ends_all_its_sessions(own_lab, ca):
    client = session(own_lab, ca.certified())
    own_lab.bastion.admin("revoke", ca.key.fingerprint)
    has_gone(own_lab, client, "was revoked", "credential_revoked")
    assert login(own_lab, ca.certified()).status == 255


def test_a_revoked_key_does_not_let_in_alone_either(own_lab):
    alice = own_lab.key("alice")
    client = session(own_lab, alice)
    own_lab.bastion.admin("revoke", alice.fingerprint)
    has_gone(own_lab, client, "was revoked", "credential_revoked")
    assert login(own_lab, alice).status == 255


def test_sessions_end_with_their_certificate(own_lab, ca):
    now = int(time.time())
    stamp = lambda seconds: time.strftime("%Y%m%d%H%M%SZ", time.gmtime(seconds))
    client = session(own_lab, ca.certified("-V", f"{stamp(now - 60)}:{stamp(now + 8)}"))
    has_gone(own_lab, client, "the certificate you logged in with has expired", "certificate_expired")


def test_sessions_end_with_the_trust_in_their_ca(own_lab, ca):
    client = session(own_lab, ca.certified())
    own_lab.bastion.admin("ca", "remove", "corp")
    has_gone(own_lab, client, "the certificate you logged in with is no longer accepted", "certificate_refused")


def test_options_of_the_certificate_and_of_the_user_both_bind(own_lab, ca):
    plain = ca.certified("-O", "clear")
    assert "PTY allocation request failed" in login(own_lab, plain, "-tt").stderr
    refused = own_lab.client.run("ssh", "-F", own_lab.client.config, "-i", plain.path, "-o", "IdentitiesOnly=yes", "-W", "localhost:22", "alice@bastion")
    assert refused.status == 255
    forced = ca.certified("-O", "force-command=echo forced")
    assert login(own_lab, forced).stdout == "forced"
    own_lab.bastion.admin("user", "set", "alice", "--options", 'command="echo hers"')
    assert login(own_lab, ca.certified()).stdout == "hers"
    assert login(own_lab, forced).status == 255
    own_lab.bastion.admin("user", "set", "alice", "--options", 'from="192.0.2.0/24"')
    assert login(own_lab, ca.certified()).status == 255


def test_a_ca_may_be_for_accounts_of_some_roles_only(own_lab, tmp_path):
    ca = Authority(tmp_path)
    own_lab.bastion.admin("ca", "add", "corp", ca.key.public, "--create", "--roles", "user")
    client = session(own_lab, ca.certified())
    assert "no container" in login(own_lab, ca.certified(names="nora"), user="nora").stderr
    # Nobody comes to the commands by it, whomever it names.
    refused = login(own_lab, ca.certified(names="root"), user="root")
    assert refused.status == 255
    # Whoever gets a role has to come in another way from then on.
    own_lab.bastion.admin("user", "set", "alice", "--role", "operator", "--auth", "certificate")
    has_gone(own_lab, client, "the certificate you logged in with is no longer accepted", "certificate_refused")
    why = own_lab.bastion.explained("alice")["why"]
    assert "a certificate of CA corp: CA corp lets in accounts with the role user, and alice is operator" in why
    assert login(own_lab, ca.certified()).status == 255
    own_lab.bastion.admin("user", "set", "alice", "--role", "user")
    assert gets_in(own_lab, ca.certified())


def test_principals_lead_to_users(own_lab, tmp_path):
    ca = Authority(tmp_path)
    own_lab.bastion.admin("ca", "add", "corp", ca.key.public, "--principals", "ops-*=alice", "--principals", "alice@corp.example=alice")
    assert gets_in(own_lab, ca.certified(names="ops-berlin"))
    assert gets_in(own_lab, ca.certified(names="x,alice@corp.example"))
    assert login(own_lab, ca.certified(names="alice")).status == 255
    assert login(own_lab, ca.certified(names="ops-berlin"), user="bob").status == 255


def test_an_account_may_need_a_certificate(own_lab, ca):
    alice = own_lab.key("alice")
    own_lab.bastion.admin("user", "set", "alice", "--auth", "certificate")
    assert login(own_lab, alice).status == 255
    assert gets_in(own_lab, ca.certified())
    answer = json.loads(own_lab.bastion.admin("explain", "alice", "--json"))
    assert answer["succeeds"]
    assert any("one of CA corp for principal alice" in step["what"] for step in answer["steps"])
    own_lab.bastion.admin("user", "set", "alice", "--auth", "publickey+certificate")
    assert login(own_lab, ca.certified()).status == 255
    both = login(own_lab, ca.certified(), "-i", alice.path)
    assert both.stdout == "be1/alice"
    assert "partial success" in both.stderr
    # The same key with a certificate and without is one key.
    certified = ca.certified()
    own_lab.bastion.admin("key", "add", "alice", certified.public)
    assert login(own_lab, certified).status == 255


def test_the_audit_names_the_certificate(own_lab, ca):
    assert gets_in(own_lab, ca.certified("-z", "12", key_id="alice of the night shift"))
    found = lambda: [row for row in json.loads(own_lab.bastion.admin("audit", "list", "--json")) if "serial=12" in (row.get("detail") or "")]
    until(found, "the login is in the audit")
    assert "ca=corp" in found()[0]["detail"]


@pytest.mark.parametrize("algorithm", [Ed25519, Ecdsa])
def test_a_ca_on_a_security_key_is_touched_for_each_certificate(own_lab, tmp_path, algorithm):
    device = algorithm()

    def signed_with(flags):
        folder = tmp_path / str(flags)
        key = Key(folder / "key")
        with SecurityKey(folder / "agent", device, flags=flags) as token:
            public = folder / "ca.pub"
            public.write_text(token.public + "\n")
            run(["ssh-keygen", "-q", "-U", "-s", public, "-I", "night", "-n", "alice", f"{key.path}.pub"], env={**os.environ, "SSH_AUTH_SOCK": token.socket})
            return token.public, key

    ca, touched = signed_with(1)
    own_lab.bastion.admin("ca", "add", "corp", ca)
    assert gets_in(own_lab, touched)
    _, untouched = signed_with(0)
    assert login(own_lab, untouched).status == 255
    certificate = touched.path.with_name("key-cert.pub")
    kind, blob, *rest = certificate.read_text().split()
    changed = bytearray(base64.b64decode(blob))
    changed[-5] |= 4  # the flags say that a PIN was asked for: they are signed as well
    certificate.write_text(" ".join([kind, base64.b64encode(changed).decode(), *rest]) + "\n")
    assert login(own_lab, touched).status == 255
