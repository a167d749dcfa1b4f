"""One machine copied from another has its host key: whoever looks after them is told, and the logins go on."""

import pytest

pytestmark = pytest.mark.bastion_only

COPIES = "container alice/web, container bob/web have the same host key"


def test_two_containers_with_one_host_key_are_named(own_lab):
    lab = own_lab
    lab.container("bob").becomes_a_copy_of(lab.container("alice"))
    lab.ssh("alice", "true").succeeded()
    assert "that of others" not in lab.log
    assert "same host key" not in lab.bastion.check().stdout
    assert lab.ssh("bob", "echo $BOX").stdout == "be2/bob"
    lab.waits_for_log("warning: the host key of container bob/web is that of others too: container alice/web")
    for name, other in [("alice/web", "bob/web"), ("bob/web", "alice/web")]:
        assert f"its host key is that of container {other} too" in lab.bastion.tries("container", "show", name).stderr
    assert lab.bastion.tries("container", "show", "alice/db").stderr == ""
    checked = lab.bastion.check().succeeded()
    assert COPIES in checked.stdout


def test_two_backends_too(own_lab):
    lab = own_lab
    lab.backend("be2").becomes_a_copy_of(lab.backend("be1"))
    for user in ["alice", "bob"]:
        lab.ssh(user, "true").succeeded()
    lab.waits_for_log("warning: the host key of backend be2 is that of others too: backend be1")
    assert "its host key is that of backend be1 too" in lab.bastion.tries("backend", "show", "be2").stderr
