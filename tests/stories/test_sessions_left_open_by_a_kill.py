"""A bastion that was killed says goodbye to nobody; the next one to start writes down how those sessions ended."""

import json

import pytest

from lab.deadline import until

pytestmark = pytest.mark.bastion_only


def listed(lab, *options):
    return json.loads(lab.bastion.admin("session", "list", "--json", *options))


def test_what_a_killed_server_left_open_is_closed_by_the_next_one(own_lab):
    with own_lab.logged_in("alice"), own_lab.logged_in("bob"):
        until(lambda: len({row["id"] for row in listed(own_lab, "--all") if not row["closed"]}) == 2, "both are written")
        left = {row["id"] for row in listed(own_lab, "--all") if not row["closed"]}
        own_lab.bastion.kill()
    assert {row["id"] for row in listed(own_lab)} == left  # nobody has found out yet
    own_lab.bastion.start()
    assert listed(own_lab) == []
    ended_of = lambda: [row for row in listed(own_lab, "--all") if row["id"] in left]
    until(lambda: [row["reason"] for row in ended_of()] == ["server_killed"] * 2, "it is written down how they ended")
    ended = ended_of()
    assert all(row["closed"] for row in ended)
    rows = json.loads(own_lab.bastion.admin("audit", "list", "--json"))
    assert {(row["user"], row["session"]) for row in rows if row["outcome"] == "server_killed"} == {
        (row["user"], row["id"]) for row in ended
    }
    # It is not done a second time, and not to those who are there now.
    with own_lab.logged_in("alice"):
        (row,) = until(lambda: listed(own_lab), "alice is listed")
        assert row["id"] not in left
    own_lab.bastion.terminate()
    assert own_lab.bastion.ended() == 0
    assert listed(own_lab) == []
    own_lab.bastion.start()
    rows = json.loads(own_lab.bastion.admin("audit", "list", "--json"))
    assert len([row for row in rows if row["outcome"] == "server_killed"]) == 2
