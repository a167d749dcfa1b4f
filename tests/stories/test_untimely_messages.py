"""Messages that have no business before authentication: the same client says each of them to the bastion and to the
container's own sshd, and the same comes of it. libssh2, for one, asks for signs of life as soon as it can."""

import pytest
import siege
from lab.lab import PORT
from lab.topology import BASTION, CONTAINERS

pytestmark = pytest.mark.bastion_only


def fates(client, place, user, key):
    outcome = client.run(siege.tool(), "numbers", place, user, key, timeout=300).succeeded()
    return dict(line.split(": ") for line in outcome.stdout.splitlines())


def test_the_bastion_goes_on_where_sshd_goes_on(lab):
    place = next(each for each in CONTAINERS if each.target == "erin")
    directly = fates(lab.neighbour("erin"), f"{place.address}:22", "erin", lab.key("erin").path)
    assert fates(lab.client, f"{BASTION['front']}:{PORT}", "erin", lab.key("erin").path) == directly
    assert directly["80"] == "goes on"
