"""Where a backend or container asks for it, the bastion logs in with a certificate of its own CA: made for that login, over in
a minute, and with the name of the user and the id of the session in it, so that the log over there has both."""

import pathlib
import re

import pytest

from lab.bastion import binary
from lab.deadline import until
from lab.key import fingerprint_of
from lab.sshd import OpenSSH

pytestmark = [pytest.mark.bastion_only]

_CERTIFICATE = "ED25519-CERT"


class _Skewed(OpenSSH):
    """OpenSSH on a machine whose clock is ahead of the bastion's."""

    def __init__(self, ahead=0):
        super().__init__()
        self.ahead = ahead

    def command(self, folder):
        clock = pathlib.Path(binary()).parents[1] / "tests" / "skewed_clock" / "libskewed_clock.so"
        return f"env LD_PRELOAD={clock} CLOCK_AHEAD={self.ahead} {super().command(folder)}"


_ALICE = _Skewed()


def trusts_the_ca(lab, machine):
    """Its sshd lets in who has a certificate of the bastion's CA, and nobody who has only a key."""
    machine.put("bastion-ca.pub", lab.bastion.admin("identity", "show", "--ca").encode())
    machine.configure(f"TrustedUserCAKeys /home/{machine.login}/bastion-ca.pub", "AuthorizedKeysFile none")
    machine.restart()


def asks_for_certificates(lab):
    """Alice's container and the backend before it."""
    for machine in (lab.container("alice"), lab.backend("be1")):
        trusts_the_ca(lab, machine)
    lab.bastion.admin("container", "set", "alice/web", "--identity", "certificate")
    lab.bastion.admin("backend", "set", "be1", "--identity", "certificate")


def session_of(lab, user):
    """The id of the last login."""
    return re.findall(rf"login accepted id=(\S+) user={user} ", lab.log)[-1]


def accepted_by(machine):
    """What its sshd has written of those it has let in, the last one last."""
    return re.findall(r"Accepted publickey for (\S+) .* ssh2: (\S+) \S+(?: ID (.+) \(serial \d+\) CA ED25519 (\S+))?", machine.log)


def test_the_log_of_the_container_names_the_user_and_the_session(own_lab):
    asks_for_certificates(own_lab)
    for command in ("echo $BOX", "id -un"):
        own_lab.ssh("alice", command).succeeded()
        account, kind, key_id, _ = accepted_by(own_lab.container("alice"))[-1]
        assert (account, kind) == ("alice", _CERTIFICATE)
        assert key_id == f"alice@bastion {session_of(own_lab, 'alice')}"


def test_the_log_of_the_backend_says_that_it_is_a_hop(own_lab):
    asks_for_certificates(own_lab)
    own_lab.ssh("alice", "true").succeeded()
    account, kind, key_id, _ = accepted_by(own_lab.backend("be1"))[-1]
    assert (account, kind, key_id) == (own_lab.backend("be1").login, _CERTIFICATE, "bastion hop")


def test_everything_that_a_login_does_it_does_with_a_certificate(own_lab):
    """What sshd allows nobody whose certificate does not permit it: a terminal, the agent, a display, forwards."""
    asks_for_certificates(own_lab)
    assert own_lab.ssh("alice", "tty", "-tt").succeeded().stdout.startswith("/dev/pts/")
    said = own_lab.ssh("alice", "true", "-v", "-R", "0:127.0.0.1:1", "-o", "ExitOnForwardFailure=yes").succeeded()
    assert "Allocated port" in said.stderr


def test_each_login_has_a_key_and_a_certificate_of_its_own(own_lab):
    asks_for_certificates(own_lab)
    for _ in range(3):
        own_lab.ssh("alice", "true").succeeded()
    keys = re.findall(r"Accepted publickey for alice .* ED25519-CERT (\S+) ID", own_lab.container("alice").log)
    assert len(keys) == len(set(keys)) == 3


@pytest.mark.lab_with(sshd={"alice": _ALICE})
@pytest.mark.parametrize(
    ("ahead", "why"), [(45, None), (75, "expired"), (-20, None), (-45, "not yet valid")], ids=["45", "75", "-20", "-45"]
)
def test_it_is_refused_when_its_minute_is_over_and_before_it_begins(own_lab, ahead, why):
    """The container's clock is so many seconds ahead of the bastion's."""
    asks_for_certificates(own_lab)
    container = own_lab.container("alice")
    _ALICE.ahead = ahead
    try:
        container.restart()
    finally:
        _ALICE.ahead = 0
    outcome = own_lab.ssh("alice", "true")
    if why is None:
        outcome.succeeded()
    else:
        assert outcome.status == 255
        assert "container web rejects the bastion's key" in outcome.stderr
        until(lambda: f"Certificate invalid: {why}" in container.log, "its sshd says why")
        assert "with a certificate" in own_lab.bastion.log_of(outcome.id, has="container_refused_identity")[-1]


def test_the_one_does_not_stand_in_for_the_other(own_lab):
    """Where certificates are asked for the key is not tried, and the other way round; explain says which it was."""
    own_lab.bastion.admin("container", "set", "alice/web", "--identity", "certificate")
    refused = own_lab.ssh("alice", "true")
    assert "container web rejects the bastion's key" in refused.stderr
    said = own_lab.bastion.explained("alice")
    assert not said["succeeds"]
    assert "identity show --ca" in str(said)
    own_lab.bastion.admin("container", "set", "alice/web", "--identity", "key")
    own_lab.ssh("alice", "true").succeeded()
    assert accepted_by(own_lab.container("alice"))[-1][:2] == ("alice", "ED25519")


def test_a_state_folder_of_an_older_version_gets_a_ca(own_lab):
    own_lab.bastion.terminate()
    assert own_lab.bastion.ended() == 0
    (own_lab.bastion.state / "identity" / "ca").unlink()
    assert "`bastion serve` make it" in own_lab.bastion.check().stdout
    refused = own_lab.bastion.tries("identity", "show", "--ca")
    assert refused.status == 1
    assert "there is no CA yet" in refused.stderr
    own_lab.bastion.start()
    asks_for_certificates(own_lab)
    own_lab.ssh("alice", "true").succeeded()


def test_the_ca_changes_and_no_login_fails(own_lab):
    asks_for_certificates(own_lab)
    signed_by = lambda: accepted_by(own_lab.container("alice"))[-1][3]
    own_lab.ssh("alice", "true").succeeded()
    old = signed_by()
    new = own_lab.bastion.rotates("--ca").succeeded().stdout.splitlines()[0]
    own_lab.bastion.hands_over()
    lines = own_lab.bastion.admin("identity", "show", "--ca").splitlines()
    assert fingerprint_of(lines[0]) == old and lines[1].split()[:2] == new.split()[:2]
    own_lab.ssh("alice", "true").succeeded()
    assert signed_by() == old, "it signs until the other one is trusted everywhere"
    refused = own_lab.bastion.rotates("--ca", "--finish")
    assert refused.status == 1
    assert "backend be1, container alice/web" in refused.stderr
    for machine in (own_lab.container("alice"), own_lab.backend("be1")):
        trusts_the_ca(own_lab, machine)
    own_lab.ssh("alice", "true").succeeded()
    own_lab.bastion.rotates("--ca", "--finish", "--yes").succeeded()
    own_lab.bastion.hands_over()
    own_lab.ssh("alice", "true").succeeded()
    assert signed_by() == fingerprint_of(new)
    assert [line.split()[:2] for line in own_lab.bastion.admin("identity", "show", "--ca").splitlines()] == [new.split()[:2]]
