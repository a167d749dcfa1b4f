"""The administrator shares, moves, disables and lets things expire; nobody restarts anything."""

import json

import pytest

from lab import until

pytestmark = pytest.mark.bastion_only


def box(lab, user):
    return lab.ssh(user, "echo $BOX").stdout


def refused(lab, user):
    outcome = lab.ssh(user, "true")
    assert (outcome.status, outcome.stdout) == (255, "")
    return outcome.stderr


def test_a_container_is_shared_and_taken_back(own_lab):
    own_lab.bastion.admin("container", "share", "alice/db", "bob")
    assert box(own_lab, "bob+db") == "be2/alice-db"
    assert box(own_lab, "bob+alice/db") == "be2/alice-db"
    assert box(own_lab, "bob") == "be2/bob"
    own_lab.bastion.admin("container", "unshare", "alice/db", "bob")
    assert "you have no container named alice/db" in refused(own_lab, "bob+alice/db")
    assert box(own_lab, "alice+db") == "be2/alice-db"


def test_a_container_moves_and_somebody_else_has_its_old_place(own_lab):
    """alice's web goes to where her db was, and bob's comes to where hers was: each host key is another one there."""
    lab = own_lab
    assert box(lab, "alice") == "be1/alice"
    assert box(lab, "alice+db") == "be2/alice-db"
    lab.bastion.admin("container", "remove", "alice/db")
    lab.bastion.admin("container", "move", "alice/web", "--backend", "be2", "--address", "10.0.3.101")
    lab.bastion.admin("container", "move", "bob/web", "--backend", "be1", "--address", "10.0.3.100")
    lab.bastion.admin("container", "set", "bob/web", "--login", "alice")
    assert box(lab, "alice") == "be2/alice-db"
    assert box(lab, "bob") == "be1/alice"


def test_a_pinned_host_key_keeps_a_wrong_address_out(own_lab):
    lab = own_lab
    lab.bastion.admin("container", "set", "alice/web", "--host-key", lab.container("alice").host_key)
    assert box(lab, "alice") == "be1/alice"
    lab.bastion.admin("container", "remove", "bob/web")
    lab.bastion.admin("container", "move", "alice/web", "--backend", "be2", "--address", "10.0.3.100")
    assert "the host key of container web has changed" in refused(lab, "alice")


def test_a_container_made_anew_is_let_in_when_its_host_key_is_forgotten(own_lab):
    lab = own_lab
    assert box(lab, "alice") == "be1/alice"
    lab.container("alice").new_host_key()
    assert "the host key of container web has changed" in refused(lab, "alice")
    lab.bastion.admin("container", "forget-host-key", "alice/web")
    assert box(lab, "alice") == "be1/alice"


def test_a_disabled_user_does_not_get_in_until_she_is_enabled(own_lab):
    own_lab.bastion.admin("user", "disable", "alice")
    assert "Permission denied" in refused(own_lab, "alice")
    assert box(own_lab, "bob") == "be2/bob"
    own_lab.bastion.admin("user", "enable", "alice")
    assert box(own_lab, "alice") == "be1/alice"


def test_an_expired_key_is_a_wrong_one(own_lab):
    fingerprint = own_lab.key("alice").fingerprint
    own_lab.bastion.admin("key", "set", "alice", fingerprint, "--expires", "1h")
    assert box(own_lab, "alice") == "be1/alice"
    own_lab.bastion.admin("key", "set", "alice", fingerprint, "--expires", "1s")
    until(lambda: own_lab.ssh("alice", "true").status == 255, "the key has expired")
    assert "Permission denied" in refused(own_lab, "alice")
    own_lab.bastion.admin("key", "set", "alice", fingerprint, "--expires", "never")
    assert box(own_lab, "alice") == "be1/alice"


def test_a_backend_drains_and_resumes(own_lab):
    own_lab.bastion.admin("backend", "drain", "be1")
    assert "backend be1" in refused(own_lab, "alice")
    assert box(own_lab, "bob") == "be2/bob"
    own_lab.bastion.admin("backend", "resume", "be1")
    assert box(own_lab, "alice") == "be1/alice"


def test_what_was_done_can_be_looked_up(own_lab):
    own_lab.bastion.admin("user", "disable", "alice")
    rows = json.loads(own_lab.bastion.admin("audit", "list", "--user", "local", "--json"))
    (done,) = [row for row in rows if row["action"] == "user disable"]
    assert [done["subject"], done["outcome"]] == ["alice", "done"]
    assert done["from"] == "uid=0 (root)", "and by which account of the machine"


def test_a_host_key_that_is_learned_can_be_looked_up(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    rows = json.loads(own_lab.bastion.admin("audit", "list", "--json"))
    learned = {row["subject"]: row["key"] for row in rows if row["action"] == "learn-host-key"}
    assert set(learned) == {"be1", "alice/web"}
    for subject, key in learned.items():
        own_lab.waits_for_log(f" info: host key learned of={subject} key={key}\n")
