"""The chain over the audit: written by whoever writes rows, verified by `audit verify` and `check`, broken by nobody else."""

import json
import sqlite3

import pytest

from lab import until

pytestmark = pytest.mark.bastion_only


def verified(lab, *words):
    """What it says, and its exit status."""
    said = lab.bastion.tries("audit", "verify", *words, "--json")
    return json.loads(said.stdout), said.status


def meddle(lab, *statements):
    database = sqlite3.connect(lab.bastion.state / "bastion.db", timeout=30)
    with database:
        for statement in statements:
            database.execute(statement)
    database.close()


def ids(lab):
    return [row["id"] for row in json.loads(lab.bastion.admin("audit", "list", "--limit", "1000", "--json"))]


def test_everybody_writes_one_chain(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    own_lab.ssh("nobody", "true")
    own_lab.bastion.admin("user", "add", "zoe")
    own_lab.bastion.admin("user", "list")
    until(lambda: "logout" in own_lab.bastion.admin("audit", "list"), "the session's last row is written")
    said, status = verified(own_lab)
    assert status == 0 and said["whole"] and said["broken"] is None and said["without_link"] == 0
    assert said["rows"] >= len(ids(own_lab)) - 2 > 5  # these commands have rows too
    head = said["head"]
    assert verified(own_lab, "--head", head)[1] == 0
    checked = own_lab.bastion.check()
    assert checked.status == 0 and "audit: nothing was changed in" in checked.stdout


def test_what_was_changed_is_found(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    own_lab.bastion.admin("user", "add", "zoe")
    head = verified(own_lab)[0]["head"]
    changed = ids(own_lab)[-2]
    meddle(own_lab, f"UPDATE audit SET actor = 'mallory' WHERE id = {changed}")
    said, status = verified(own_lab)
    assert (said["whole"], said["broken"], status) == (False, f"row {changed} was changed", 1)
    checked = own_lab.bastion.check()
    assert checked.status == 1 and f"audit: row {changed} was changed" in checked.stderr
    # Who makes another chain for it.
    meddle(own_lab, "DELETE FROM audit_chain")
    own_lab.bastion.admin("user", "list")
    assert verified(own_lab)[1] == 0
    said, status = verified(own_lab, "--head", head)
    assert status == 1 and said["broken"].endswith("has another link than it had")


def test_a_backup_that_is_put_back_goes_on_with_the_chain(own_lab):
    own_lab.bastion.admin("user", "add", "zoe")
    backup = own_lab.bastion.state / "copy.db"
    own_lab.bastion.admin("backup", backup)
    own_lab.bastion.admin("user", "add", "yves")
    head = verified(own_lab)[0]["head"]
    own_lab.bastion.admin("restore", backup, "--yes")
    said, status = verified(own_lab, "--head", head)
    assert status == 0 and said["without_link"] == 0


def test_a_head_that_is_none_is_refused(own_lab):
    refused = own_lab.bastion.tries("audit", "verify", "--head", "nonsense")
    assert refused.status == 2 and "is no head, as `audit verify` prints it" in refused.stderr
