"""ssh-copy-id puts a key into the container, as it would directly, and says that the bastion's are kept elsewhere."""

import pytest

from lab.key import Key

pytestmark = pytest.mark.bastion_only


def test_where_the_key_has_gone_is_said(lab, tmp_path):
    (lab.client.folder / ".ssh").mkdir(exist_ok=True)
    new = Key(tmp_path / "new")
    login = ["-F", str(lab.client.config), "-o", f"IdentityFile={lab.key('alice').path}", "alice@bastion"]
    copied = lab.client.run("ssh-copy-id", "-f", "-i", f"{new.path}.pub", *login).succeeded()
    assert "Number of key(s) added: 1" in copied.stdout
    assert "bastion: this puts the key into the container, for ssh -J only; to log in here with it, give it to your" in copied.stderr
    assert new.public.split()[1] in (lab.container("alice").home / ".ssh" / "authorized_keys").read_text()
    assert "(id " not in lab.ssh("alice", "cat .ssh/authorized_keys").stderr
