"""A recording is at the bastion of a fleet that made it, and the others say where that is."""

import json

import pytest

from fleet import Fleet
from lab.deadline import until

pytestmark = [pytest.mark.bastion_only, pytest.mark.lab_with(settings={"record": "all"})]


def test_another_bastion_says_where_a_recording_is(own_lab):
    with Fleet(own_lab) as fleet:
        one = own_lab.bastion
        two = fleet.add("two", fleet.begin())
        own_lab.ssh("alice", "true").succeeded()
        until(lambda: json.loads(one.admin("session", "recordings", "--json")), "it is written")
        (row,) = json.loads(one.admin("session", "recordings", "--json"))
        session = row["id"].partition("-")[0]
        until(lambda: session in two.admin("session", "list", "--all"), "the other one has heard of it")
        refused = two.tries("session", "play", row["id"])
        assert refused.status == 1
        assert f"session {session} was at one" in refused.stderr
