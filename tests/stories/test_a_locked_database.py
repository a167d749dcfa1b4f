"""Somebody has the database locked, for as long as they like: who changes something waits, and nobody else does."""

import pytest
from ledger import ledger_of, locked_database

from lab import until
from lab.client import finish
from lab.deadline import PATIENCE

pytestmark = pytest.mark.bastion_only

CHANGES = 12  # at once: more than there are threads for them
# Four changes, and the writer with what was written of the administrators' own sessions.
ALL_WAIT = 5

BUSY = "the bastion's database is busy; log in again in a moment"

# Its own /etc/hosts for the bastion, and for nobody else.
WITH_HOSTS = 'mount --bind "$0" /etc/hosts; exec "$@"'


def gives(lab, *words):
    return lab.client.start(*lab.client.ssh_line("root", "bastion", "admin", "-s"), *words)


def changes_that_wait(lab, count=CHANGES):
    changes = [gives(lab, "user", "add", f"guest{number}") for number in range(count)]
    until(lambda: lab.bastion.waits_for_the_database(ALL_WAIT), "all threads for changes wait")
    return changes


def knows_its_backends_by_name(lab):
    hosts = lab.folder / "hosts"
    hosts.write_text("127.0.0.1 localhost\n10.1.1.11 be1.example\n")
    lab.bastion.terminate()
    assert lab.bastion.ended() == 0
    lab.bastion.start(through=["unshare", "--mount", "sh", "-ec", WITH_HOSTS, str(hosts)])
    lab.bastion.admin("backend", "set", "be1", "--address", "be1.example")


def has_no_hops(lab):
    until(lambda: lab.hop_connections("be1") == 0, "the hop is let go")


@pytest.mark.lab_with(settings={"hop_idle_timeout": 0})
def test_a_name_is_looked_up_while_changes_wait(own_lab):
    knows_its_backends_by_name(own_lab)
    own_lab.ssh("alice", "true").succeeded()
    has_no_hops(own_lab)
    with locked_database(own_lab):
        changes = changes_that_wait(own_lab)
        assert own_lab.ssh("alice", "echo $BOX").succeeded().stdout == "be1/alice"
    assert [finish(change).status for change in changes] == [0] * CHANGES


def test_what_only_reads_is_answered_while_changes_wait(own_lab):
    with ledger_of(own_lab) as ledger:
        with locked_database(own_lab):
            changes = changes_that_wait(own_lab)
            last = ledger.last()
            there = finish(gives(own_lab, "user", "list")).succeeded()
            here = finish(own_lab.bastion.starts("user", "list")).succeeded()
            assert "alice" in there.stdout and there.stderr == ""
            assert here.stdout.split() == there.stdout.split()
            assert "missing in the audit" in here.stderr
            assert ledger.since(last) == []
        assert [finish(change).status for change in changes] == [0] * CHANGES
        until(lambda: ("root", "user list", "", "done") in ledger.since(last), "what was read is written down")


@pytest.mark.parametrize("user", ["alice", "alice+db"], ids=["backend", "container"])
def test_who_is_met_for_the_first_time_is_not_to_blame(own_lab, user):
    own_lab.ssh("bob", "true").succeeded()
    with locked_database(own_lab):
        outcome = own_lab.ssh(user, "echo arrived", timeout=PATIENCE)
        assert (outcome.status, outcome.stdout) == (255, "")
        assert outcome.stderr == f"bastion: {BUSY} (id {outcome.id})"
        own_lab.bastion.log_of(outcome.id, has="database_busy")
        assert own_lab.ssh("bob", "echo $BOX").succeeded().stdout == "be2/bob"
    own_lab.ssh(user, "true").succeeded()


@pytest.mark.lab_with(settings={"drain_timeout": 1})
def test_it_ends_when_it_is_told_to_although_changes_wait(own_lab):
    with locked_database(own_lab):
        changes = changes_that_wait(own_lab)
        own_lab.bastion.terminate()
        assert own_lab.bastion.ended(seconds=PATIENCE / 4) == 0
        own_lab.waits_for_log("stopped without waiting any longer for changes")
        assert all(finish(change).status != 0 for change in changes)
    own_lab.bastion.start()
    assert "guest" not in own_lab.bastion.admin("user", "list")


def test_more_changes_than_may_wait_are_refused(own_lab):
    count = 80
    with locked_database(own_lab):
        changes = changes_that_wait(own_lab, count)
        until(lambda: "too many changes waiting" in own_lab.log, "there is no room for more")
    outcomes = [finish(change) for change in changes]
    refused = [outcome for outcome in outcomes if outcome.status]
    assert 0 < len(refused) < count - 60
    assert {outcome.stderr for outcome in refused} == {"the bastion has too many changes waiting; try again"}
