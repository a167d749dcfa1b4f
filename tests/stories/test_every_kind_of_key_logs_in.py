"""ed25519, ecdsa, rsa and both security-key kinds; and a security key that nobody touched does not."""

import pytest

from lab.key import Key
from lab.security_key import Ecdsa, Ed25519, SecurityKey


def login(lab, *how):
    return lab.client.run("ssh", "-F", lab.client.config, *how, "alice@bastion", "echo $BOX")


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_an_ordinary_key(lab, tmp_path, kind):
    key = Key(tmp_path / "key", kind)
    with lab.enrolled("alice", key.public):
        assert login(lab, "-i", key.path).stdout == "be1/alice"
    assert login(lab, "-i", key.path).status == 255


def test_rsa_with_sha1_is_refused(lab, tmp_path):
    key = Key(tmp_path / "key", "rsa")
    with lab.enrolled("alice", key.public):
        assert login(lab, "-o", "PubkeyAcceptedAlgorithms=ssh-rsa", "-i", key.path).status == 255


def login_with(lab, security_key, folder):
    """Stock ssh with the security key in an agent and its public half in a file."""
    public = folder / "key.pub"
    public.write_text(security_key.public + "\n")
    return login(lab, "-o", f"IdentityAgent={security_key.socket}", "-i", public)


@pytest.mark.parametrize("algorithm", [Ed25519, Ecdsa])
def test_a_security_key(lab, tmp_path, algorithm):
    with SecurityKey(tmp_path / "agent", algorithm()) as key, lab.enrolled("alice", key.public):
        assert login_with(lab, key, tmp_path).stdout == "be1/alice"


@pytest.mark.parametrize("algorithm", [Ed25519, Ecdsa])
def test_a_security_key_that_nobody_touched(lab, tmp_path, algorithm):
    with SecurityKey(tmp_path / "agent", algorithm(), flags=0) as key, lab.enrolled("alice", key.public):
        assert login_with(lab, key, tmp_path).status == 255


def test_some_wrong_keys_before_the_right_one(lab, tmp_path):
    """Four keys, the right one last: within the number of attempts a client makes."""
    wrong = [Key(tmp_path / f"wrong{number}") for number in range(3)]
    identities = [word for key in [*wrong, lab.key("alice")] for word in ("-i", key.path)]
    assert login(lab, *identities).stdout == "be1/alice"
