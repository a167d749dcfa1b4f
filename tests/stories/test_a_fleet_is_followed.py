"""`audit list --follow` is about every bastion of a fleet: each row once, here at once and of the others in a moment."""

import json

import pytest

from fleet import AWAY, Fleet
from lab.deadline import until

pytestmark = pytest.mark.bastion_only

FOLLOW = ["audit", "list", "--follow", "--json"]


@pytest.fixture
def fleet(own_lab):
    with Fleet(own_lab) as fleet:
        yield fleet


def remote(lab, *words):
    return lab.client.start(*lab.client.ssh_line("root", "bastion", "admin", "-s"), *words)


def local(lab, *words):
    return lab.client.start(*lab.bastion.command_line().split(), *words)


def rows_up_to(process, node, action, subject=None):
    """What it prints, up to a row of this bastion about this."""
    rows = []
    for line in process.stdout:
        rows.append(json.loads(line))
        last = rows[-1]
        if (last["node"], last["action"]) == (node, action) and subject in (None, last["subject"]):
            return rows
    raise AssertionError(f"no {action} of {node} before the end: {process.stderr.read().decode()}")


def ended(process):
    process.kill()
    return process.communicate()[1].decode()


def names(rows):
    return [(row["node"], row["id"]) for row in rows]


@pytest.mark.parametrize("door", [remote, local], ids=["ssh", "local"])
def test_rows_of_every_bastion_come_once(fleet, door):
    one = fleet.lab.bastion
    two = fleet.add("two", fleet.begin())
    two.admin("user", "add", "nina")
    there = "SELECT count(*) FROM audit_records WHERE node = 'two' AND action = 'user add'"
    until(lambda: fleet.postgres.ask(there) == "1", "the row is carried")
    process = door(fleet.lab, *FOLLOW)
    # What there is already, of both, the newest last.
    rows = rows_up_to(process, "one", "audit list")
    assert {row["node"] for row in rows} == {"one", "two"}
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    for name in ("olga", "pia", "rita"):
        two.admin("user", "add", name)
        one.admin("user", "disable", name)
        rows += rows_up_to(process, "two", "user add", name)
    fleet.ssh("two", "alice", "true").succeeded()
    rows += rows_up_to(process, "two", "login")
    # While the database is away those of this bastion go on; the others come when they can be had, and once.
    fleet.postgres.stop()
    fleet.ssh("two", "alice", "true").succeeded()
    fleet.ssh("bastion", "alice", "true").succeeded()
    rows += rows_up_to(process, "one", "logout")
    fleet.postgres.start()
    rows += rows_up_to(process, "two", "logout")
    until(lambda: two.tries("user", "add", "last").status == 0, "changes go on")
    rows += rows_up_to(process, "two", "user add", "last")
    said = ended(process)
    assert said.count("only what happened at one: " + AWAY) == 1
    assert len(names(rows)) == len(set(names(rows)))
    # Nothing was left out.
    carried = fleet.postgres.ask("SELECT count(*) FROM audit_records WHERE node = 'two'")
    assert len([row for row in rows if row["node"] == "two"]) == int(carried)
    # Who goes on where they stopped misses nothing.
    middle = [row for row in rows if row["node"] == "two"][3]
    behind = [row for row in rows if row["node"] == "two" and row["id"] > middle["id"]]
    last_here = [row for row in rows if row["node"] == "one"][-1]
    process = door(fleet.lab, *FOLLOW, "--after", f"two:{middle['id']}", "--after", str(last_here["id"]))
    again = rows_up_to(process, "two", "user add", "last")
    ended(process)
    assert names(row for row in again if row["node"] == "two") == names(behind)


def test_a_row_to_begin_behind_is_one_that_is_there(fleet):
    one = fleet.lab.bastion
    refused = one.tries(*FOLLOW, "--after", "two:1")
    assert refused.status == 1 and "this bastion is one of no fleet" in refused.stderr
    fleet.begin()
    refused = one.tries(*FOLLOW, "--after", "two:1")
    assert refused.status == 1 and "there is no row 1 of two in the audit" in refused.stderr
