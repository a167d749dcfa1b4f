"""What may be said of a channel in each of its states is what OpenSSH lets be said: the same client says every kind of
message to the bastion and to the container's own sshd, and the same comes of it."""

import pytest
import siege
from lab.lab import PORT
from lab.topology import BASTION, CONTAINERS

pytestmark = pytest.mark.bastion_only

_NEVER_LATE = ["confirmation", "refusal"]


def fates(client, place, login, key):
    outcome = client.run(siege.tool(), "states", place, login, key, timeout=300).succeeded()
    return dict(line.split(": ") for line in outcome.stdout.splitlines())


@pytest.mark.parametrize("user", ["erin", "alice"])
def test_the_bastion_ends_what_sshd_ends_and_nothing_else(lab, user):
    place = next(each for each in CONTAINERS if each.target == user)
    directly = fates(lab.neighbour(user), f"{place.address}:22", user, lab.key(user).path)
    here = fates(lab.client, f"{BASTION['front']}:{PORT}", user, lab.key(user).path)
    assert len(directly) == len(here) == 8 * 11
    # How long sshd remembers a channel that both have closed is a matter of time: at least as much is ignored here.
    closed = {cell: here.pop(cell) for cell in list(here) if cell.startswith("closed_by_both")}
    assert {cell for cell, fate in closed.items() if fate == "ends"} == {f"closed_by_both {each}" for each in _NEVER_LATE}
    assert here == {cell: directly[cell] for cell in here}
