"""UpdateHostKeys: a client that knows one of our host keys learns the others, because we prove that they are ours."""

import re

import pytest

from lab.key import Key, fingerprint_of
from lab.topology import BASTION

pytestmark = pytest.mark.bastion_only


def scanned(lab, *types):
    scan = lab.client.run("ssh-keyscan", "-t", ",".join(types), "-p", "2222", BASTION["front"]).succeeded().stdout
    return "".join(line + "\n" for line in scan.splitlines() if not line.startswith("#"))


class Desk:
    """A client with a known_hosts of its own, which it keeps up to date."""

    def __init__(self, lab, name, known):
        self._lab = lab
        self._file = lab.client.folder / name
        self._file.write_text(known)

    @property
    def known(self):
        return {fingerprint_of(" ".join(line.split()[1:])) for line in self._file.read_text().splitlines()}

    def logs_in(self, *options):
        """Without a word about host keys; returns the fingerprint that it was shown."""
        own = ["-o", f"UserKnownHostsFile={self._file}", "-o", "UpdateHostKeys=yes", "-v", *options]
        said = self._lab.ssh("alice", "true", *own).succeeded().stderr
        assert not re.search("WARNING|host key update failed|incorrect signature|has changed|DIFFERENT", said), said
        return re.search(r"Server host key: \S+ (\S+)", said).group(1)


def begins_anew(lab):
    lab.bastion.terminate()
    assert lab.bastion.ended() == 0
    lab.bastion.start()


def test_it_learns_what_the_bastion_proves_and_nothing_of_the_container(lab):
    known = lab.client.folder / "learning_known_hosts"
    known.write_text(scanned(lab, "ed25519"))
    options = ["-o", f"UserKnownHostsFile={known}", "-o", "UpdateHostKeys=yes", "-v"]
    outcome = lab.ssh("alice", "true", *options)
    assert outcome.status == 0
    assert "host key update failed" not in outcome.stderr
    learned = {line.split()[1] for line in known.read_text().splitlines()}
    assert learned == {"ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"}
    assert lab.container("alice").host_key.split()[1] not in known.read_text()


def test_a_host_key_is_rotated_and_no_client_is_warned(own_lab):
    lab = own_lab
    keys = lab.bastion.state / "host_keys"
    old = fingerprint_of(scanned(lab, "ed25519").partition(" ")[2])
    desk = Desk(lab, "desk", scanned(lab, "ed25519"))
    for kind in ["ed25519", "rsa"]:
        Key(keys / f"{kind}.next", kind)
    new, new_rsa = (fingerprint_of((keys / f"{kind}.next.pub").read_text()) for kind in ["ed25519", "rsa"])
    # It is announced for a while, and not presented.
    begins_anew(lab)
    assert desk.logs_in() == old
    assert {old, new, new_rsa} < desk.known
    checked = lab.bastion.check().succeeded().stdout
    assert f"ed25519.next: ssh-ed25519 {new}, announced" in checked
    assert f"ed25519: ssh-ed25519 {old}, presented" in checked
    # Whichever signature the session was begun with, the proof of an RSA key is one that OpenSSH takes.
    for algorithm in ["rsa-sha2-256", "rsa-sha2-512"]:
        other = Desk(lab, f"desk-{algorithm}", scanned(lab, "rsa"))
        other.logs_in("-o", f"HostKeyAlgorithms={algorithm}")
        assert new_rsa in other.known
    # Then it is presented, and the old one is proven to who does not know it yet.
    (keys / "ed25519").rename(keys / "ed25519.old")
    (keys / "ed25519.next").rename(keys / "ed25519")
    begins_anew(lab)
    assert desk.logs_in() == new
    assert {old, new} < desk.known
    newcomer = Desk(lab, "newcomer", scanned(lab, "ed25519"))
    assert newcomer.known == {new}
    newcomer.logs_in()
    assert {old, new} < newcomer.known
    # At last it is gone, with all that is RSA, and clients forget both.
    (keys / "ed25519.old").unlink()
    lab.bastion.configure(host_key_algorithms=["ssh-ed25519", "ecdsa-sha2-nistp256"])
    begins_anew(lab)
    assert desk.logs_in() == new
    assert new in desk.known and not {old, new_rsa} & desk.known
    assert "no matching host key type found" in lab.ssh("alice", "true", "-o", "HostKeyAlgorithms=rsa-sha2-512").stderr
    assert "not used: host_key_algorithms leaves it out" in lab.bastion.check().succeeded().stdout
