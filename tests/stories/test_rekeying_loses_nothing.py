"""New keys every megabyte, on each leg and on all of them at once, while data flows: every checksum is right.

BASTION_STORY_MIB says how much flows (default 300 MiB); a sanitizer build is given less.
"""

import bulk
import pytest

# The fast key exchange, because there are hundreds of them, and a limit that the bastion's own side need not share.
OFTEN = ["RekeyLimit 1M", "KexAlgorithms curve25519-sha256"]
CLIENT_OFTEN = ["-o", "RekeyLimit=1M", "-o", "KexAlgorithms=curve25519-sha256"]

LEGS = {
    "the client": (CLIENT_OFTEN, []),
    "the backend": ([], ["be1"]),
    "the container": ([], ["alice"]),
    "all of them": (CLIENT_OFTEN, ["be1", "alice"]),
}


@pytest.fixture
def rekeying(own_lab):
    def on(machines):
        for name in machines:
            own_lab.backend(name).configure(*OFTEN)
            own_lab.backend(name).restart()
        return own_lab

    return on


@pytest.mark.parametrize("leg", LEGS)
@pytest.mark.parametrize("flow", [bulk.up, bulk.down])
def test_one_direction(rekeying, leg, flow):
    options, machines = LEGS[leg]
    sent, received = flow(rekeying(machines), "alice", *options)
    assert sent == received


def test_both_directions_at_once_on_every_leg(rekeying):
    options, machines = LEGS["all of them"]
    sent, received = bulk.both_ways(rekeying(machines), "alice", *options)
    assert sent == received
