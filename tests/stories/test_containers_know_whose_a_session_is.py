"""With `client_env` a session in a container has the address and the port of its user, and nobody can say others."""

import pytest

from lab import topology

NAME = "LC_SSH_CLIENT"
ADDRESS = topology.CLIENT["front"]
pytestmark = [pytest.mark.bastion_only, pytest.mark.lab_with(backends=("be1",), settings={"client_env": NAME})]

FORGED = "203.0.113.9"
SAYS = f"SetEnv={NAME}={FORGED}"


def test_whatever_starts_is_told_from_where_it_comes(own_lab):
    def told(outcome):
        address, port = outcome.succeeded().stdout.split()
        own_lab.waits_for_log(f"user=alice from={address} port={port} ")
        return address

    asks = f"echo ${NAME}"
    assert told(own_lab.ssh("alice", asks)) == ADDRESS
    assert told(own_lab.ssh("alice", asks, "-tt")) == ADDRESS
    assert told(own_lab.ssh("alice", None, "-T", input=f"{asks}\n")) == ADDRESS
    own_lab.bastion.admin("user", "set", "alice", "--options", f'command="{asks}"')
    assert told(own_lab.ssh("alice", "anything")) == ADDRESS


def test_what_she_says_herself_is_not_passed_on(own_lab):
    for how in [[], ["-tt"]]:
        outcome = own_lab.ssh("alice", f"echo ${NAME}; echo $LC_OTHER", *how, "-o", f"{SAYS} LC_OTHER=hers")
        printed = outcome.succeeded().stdout.splitlines()
        assert printed[-2].startswith(f"{ADDRESS} ") and printed[-1] == "hers"
        assert FORGED not in outcome.stdout
        assert f"bastion: {NAME} is set by the bastion" in outcome.stdout + outcome.stderr


@pytest.mark.lab_with(backends=("be1",))
def test_nothing_is_set_where_nobody_asked_for_it(own_lab):
    assert own_lab.ssh("alice", f"echo [${NAME}]").stdout == "[]"
    assert own_lab.ssh("alice", f"echo ${NAME}", "-o", SAYS).stdout == FORGED
