"""UpdateHostKeys: a client that knows one of our host keys learns the others, because we prove that they are ours."""

import pytest
from lab.topology import BASTION

pytestmark = pytest.mark.bastion_only


def test_it_learns_what_the_bastion_proves_and_nothing_of_the_container(lab):
    scan = lab.client.run("ssh-keyscan", "-t", "ed25519", "-p", "2222", BASTION["front"]).succeeded().stdout
    known = lab.client.folder / "learning_known_hosts"
    known.write_text("".join(line + "\n" for line in scan.splitlines() if not line.startswith("#")))
    options = ["-o", f"UserKnownHostsFile={known}", "-o", "UpdateHostKeys=yes", "-v"]
    outcome = lab.ssh("alice", "true", *options)
    assert outcome.status == 0
    assert "host key update failed" not in outcome.stderr
    learned = {line.split()[1] for line in known.read_text().splitlines()}
    assert learned == {"ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"}
    assert lab.container("alice").host_key.split()[1] not in known.read_text()
