"""What a command does to running sessions happens when it is written, whether or not anybody is there to read the answer."""

import json

import pytest
from ledger import ledger_of, locked_database

from lab.client import finish
from lab.deadline import until

pytestmark = pytest.mark.bastion_only

MOVE = ["container", "move", "alice/web", "--backend", "be2", "--address", "10.0.3.101", "--kick"]
KILL = ["session", "kill", "--user", "alice"]


def over_ssh(lab, *words):
    return lab.client.start(*lab.client.ssh_line("root", "bastion", "admin", "-s"), *words)


def on_the_machine(lab, *words):
    return lab.bastion.starts(*words)


# How many threads wait then: over SSH the writer does too, with what it has to write of the administrator's own session.
DOORS = pytest.mark.parametrize("door, waiting", [(over_ssh, 2), (on_the_machine, 1)], ids=["ssh", "local"])


def in_her_container(lab):
    return [row["id"] for row in json.loads(lab.bastion.admin("session", "list", "--json")) if row["container"]]


@DOORS
@pytest.mark.parametrize("words, told", [(MOVE, "was moved to another place"), (KILL, "administrator")], ids=["move", "kill"])
def test_the_client_is_gone_before_its_command_is_written(own_lab, door, waiting, words, told):
    own_lab.bastion.admin("container", "remove", "alice/db")
    with own_lab.logged_in("alice") as alice, ledger_of(own_lab) as ledger:
        (session,) = until(lambda: in_her_container(own_lab), "alice is in her container")
        before = ledger.last()
        with locked_database(own_lab):
            client = door(own_lab, *words)
            until(lambda: own_lab.bastion.waits_for_the_database(waiting), "the command waits")
            client.kill()
            client.communicate()
        until(lambda: alice.poll() is not None, "alice is sent away")
        outcome = finish(alice)
        assert outcome.status == 255
        assert told in outcome.stderr
        (row,) = [row for row in ledger.since(before) if row[1] == " ".join(words[:2])]
        assert row[3] == "done"
        assert session in row[2]
