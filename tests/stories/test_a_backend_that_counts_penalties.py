"""OpenSSH since 9.8 counts what goes wrong by source address and then turns that address away. All our users come from one.

Whatever users and strangers do at the bastion, the backend has nothing to count.
"""

import json

import pytest

from lab import topology, until
from lab.client import finish
from lab.sshd import BACKPORTS

pytestmark = [pytest.mark.bastion_only, pytest.mark.lab_with(sshd={"be1": BACKPORTS, "alice": BACKPORTS})]


def penalties(machine):
    return [line for line in machine.log.splitlines() if "penalty" in line]


def test_logins_strangers_and_clients_that_vanish_cost_no_penalty(own_lab):
    for _ in range(10):
        own_lab.ssh("alice", "true").succeeded()
        assert own_lab.ssh("stranger", "true").status == 255
    for _ in range(5):
        session = own_lab.client.start(*own_lab.client.ssh_line("alice", "bastion", "echo up; cat"))
        assert session.stdout.readline() == b"up\n"
        session.kill()
        session.communicate()
    own_lab.ssh("alice", "true").succeeded()
    assert penalties(own_lab.backend("be1")) == []
    assert penalties(own_lab.container("alice")) == []


def test_being_asked_whether_it_is_there_costs_no_penalty(own_lab):
    listing = ["backend", "list", "--json"]
    for _ in range(20):
        (row,) = [row for row in json.loads(own_lab.bastion.admin(*listing)) if row["name"] == "be1"]
        assert row["reachable"] is True
    askers = [own_lab.client.start(*own_lab.client.ssh_line("root", "bastion", "admin", "-s"), *listing) for _ in range(8)]
    for asker in askers:
        assert finish(asker).succeeded()
    assert penalties(own_lab.backend("be1")) == []
    assert own_lab.hop_connections("be1") == 1


def test_a_wrong_key_from_the_same_address_would_have_cost_one(own_lab):
    """So the log that was empty above is the right one to look at."""
    jump = own_lab.bastion.namespace
    line = ["ssh", *own_lab.client.options("stranger"), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=none"]
    address = topology.address_for_predecessor("be1")
    own_lab.client.run(*jump.command(*line, f"{topology.HOP_LOGIN}@{address}", "true"))
    until(lambda: penalties(own_lab.backend("be1")), "the backend counts a failed authentication")
