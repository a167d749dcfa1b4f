"""The bastion gets another key to log in with, and nobody is locked out on the way: the new one is tried first and the old one
after it, until nothing needs that any more."""

import re

import pytest

from lab.deadline import until

pytestmark = [pytest.mark.bastion_only]


def note(lab):
    """What `identity show` says beside the keys."""
    return lab.bastion.tries("identity", "show").succeeded().stderr


def rotation(lab, *words):
    return lab.bastion.rotates(*words)


def test_no_login_fails_while_the_identity_changes(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    old = own_lab.bastion.identity()
    new = rotation(own_lab).succeeded().stdout.splitlines()[0]
    own_lab.bastion.hands_over()
    assert [key.split()[:2] for key in own_lab.bastion.identity()] == [new.split()[:2], old[0].split()[:2]]
    assert "backend be1 was not logged in to since" in note(own_lab)

    # Nobody over there knows the new one: both go in with the old one, and are named.
    own_lab.ssh("alice", "true").succeeded()
    own_lab.waits_for_log('takes only the old identity key of="backend be1"')
    until(lambda: "container alice/web takes only the old key" in note(own_lab), "the container is named")
    assert "backend be1 takes only the old key" in note(own_lab)
    assert "warning backend be1 takes only the old key" in own_lab.bastion.check().stdout
    refused = rotation(own_lab, "--finish")
    assert refused.status == 1
    assert "backend be1 takes only the old key" in refused.stderr

    # Both keys where a hop is, and only the new one in the container.
    own_lab.backend("be1").authorize(*own_lab.bastion.identity())
    own_lab.container("alice").authorize(own_lab.key("alice").public, new)
    own_lab.restart_middle()
    own_lab.ssh("alice", "true").succeeded()
    until(lambda: "backend be1" not in note(own_lab) and "alice/web" not in note(own_lab), "both have taken the new one")

    # The others were not logged in to; their administrator knows better.
    assert rotation(own_lab, "--finish").status == 1
    rotation(own_lab, "--finish", "--yes").succeeded()
    own_lab.bastion.hands_over()
    assert [key.split()[:2] for key in own_lab.bastion.identity()] == [new.split()[:2]]
    own_lab.ssh("alice", "true").succeeded()
    assert note(own_lab) == ""


def test_the_lines_with_options_are_enough(own_lab):
    """What `identity show HOST` prints stands alone in authorized_keys."""
    for name, machine in (("be1", own_lab.backend("be1")), ("alice/web", own_lab.container("alice"))):
        line = own_lab.bastion.admin("identity", "show", name)
        assert line.startswith("restrict,")
        machine.authorize(line)
    own_lab.restart_middle()
    assert own_lab.ssh("alice", "tty", "-tt").succeeded().stdout.startswith("/dev/pts/")
    said = own_lab.ssh("alice", "true", "-v", "-R", "0:127.0.0.1:1", "-o", "ExitOnForwardFailure=yes").succeeded()
    assert "Allocated port" in said.stderr
    assert re.search(r'permitopen="10\.0\.3\.\d+:\*"', own_lab.bastion.admin("identity", "show", "be1"))


def test_the_line_with_a_ca_is_enough(own_lab):
    own_lab.bastion.admin("container", "set", "alice/web", "--identity", "certificate")
    own_lab.container("alice").authorize(own_lab.bastion.admin("identity", "show", "alice/web"))
    assert own_lab.ssh("alice", "tty", "-tt").succeeded().stdout.startswith("/dev/pts/")
    assert "ED25519-CERT" in own_lab.container("alice").log
