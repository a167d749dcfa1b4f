"""New keys every megabyte, on each leg and on all of them at once, while data flows: every checksum is right.

BASTION_STORY_MIB says how much flows when all legs do it (300 MiB, less in a sanitizer build).
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
def test_one_leg(rekeying, leg, flow):
    """A tenth of the data is enough to see dozens of key exchanges on one leg."""
    options, machines = LEGS[leg]
    sent, received = flow(rekeying(machines), "alice", *options, mib=max(4, bulk.MIB // 10))
    assert sent == received


@pytest.mark.parametrize("flow", [bulk.up, bulk.down, bulk.both_ways])
def test_every_leg_at_once(rekeying, flow):
    sent, received = flow(rekeying(["be1", "alice"]), "alice", *CLIENT_OFTEN)
    assert sent == received
