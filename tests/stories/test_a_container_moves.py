"""A container that moves takes the next logins with it; who is in it stays, unless she is kicked and told so."""

import json
import socket

import pytest

from lab.client import finish
from lab.deadline import until
from lab.topology import CONTAINERS

pytestmark = pytest.mark.bastion_only

KICKED = "container alice/web was moved to another place; log in again to get there"


def remote(lab, *words):
    return lab.client.run(*lab.client.ssh_line("root", "bastion", "admin", "-s"), *words)


def local(lab, *words):
    return lab.bastion.tries(*words)


DOORS = pytest.mark.parametrize("door", [remote, local], ids=["ssh", "local"])
ELSEWHERE = ["--backend", "be2", "--address", "10.0.3.101"]


def move(lab, door, *options):
    """alice/web takes the place of her database, behind the other backend."""
    lab.bastion.admin("container", "remove", "alice/db")
    return door(lab, "container", "move", "alice/web", *ELSEWHERE, *options).succeeded()


def audited(lab):
    rows = json.loads(lab.bastion.admin("audit", "list", "--json"))
    return [row for row in rows if row["action"] == "container move"]


def in_web(lab, users):
    rows = lambda: json.loads(lab.bastion.admin("session", "list", "--json"))
    until(lambda: len([row for row in rows() if row["container"]]) == users, f"{users} are in their containers")


@DOORS
def test_who_is_there_stays_and_the_next_login_goes_to_the_new_place(own_lab, door):
    with own_lab.logged_in("alice") as process:
        move(own_lab, door)
        assert own_lab.ssh("alice", "echo $BOX").stdout == "be2/alice-db"
        process.stdin.write(b"still here\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"still here\n"
    assert len(audited(own_lab)) == 1


@DOORS
def test_who_is_kicked_is_told_and_nobody_else_is(own_lab, door):
    with own_lab.logged_in("alice") as alice, own_lab.logged_in("bob") as bob:
        in_web(own_lab, 2)
        said = move(own_lab, door, "--kick")
        assert "1 session ended" in said.stdout
        outcome = finish(alice)
        assert outcome.status == 255
        assert KICKED in outcome.stderr
        own_lab.bastion.log_of(outcome.id, has="container_moved")
        assert bob.poll() is None
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be2/alice-db"
    (row,) = audited(own_lab)
    assert (row["subject"], row["outcome"]) == (f"alice/web; sessions ended: {outcome.id}", "done")


@DOORS
def test_who_is_still_on_her_way_to_the_old_place_is_turned_away(own_lab, door):
    """Her container accepts the connection and says nothing: she is in no list of sessions in it yet."""
    machine = own_lab.container("alice")
    machine.stop()
    with machine.namespace.entered():
        silent = socket.create_server((CONTAINERS[0].address, 22))
    with silent:
        process = own_lab.client.start(*own_lab.client.ssh_line("alice", "bastion", "echo $BOX"))
        silent.settimeout(20)
        connection, _ = silent.accept()
        with connection:
            said = move(own_lab, door, "--kick")
            outcome = finish(process)
    assert "0 sessions ended" in said.stdout
    assert outcome.status == 255 and KICKED in outcome.stderr
    own_lab.bastion.log_of(outcome.id, has="container_moved")
    machine.start()


def test_a_move_that_is_refused_kicks_nobody(own_lab):
    with own_lab.logged_in("alice") as alice:
        in_web(own_lab, 1)
        nowhere = ["--backend", "be99", "--address", "10.0.3.100"]
        assert local(own_lab, "container", "move", "alice/web", *nowhere, "--kick").status == 1
        assert remote(own_lab, "container", "move", "nobody/web", *nowhere, "--kick").status == 1
        assert alice.poll() is None
        alice.stdin.write(b"still here\n")
        alice.stdin.flush()
        assert alice.stdout.readline() == b"still here\n"
    assert [row["outcome"] for row in audited(own_lab)] == ["refused", "refused"]


def test_a_key_of_this_machine_goes_along_when_the_bastion_has_to_be_asked(own_lab, tmp_path):
    file = tmp_path / "host_key.pub"
    file.write_text(own_lab.container("alice+db").host_key + "\n")
    move(own_lab, local, "--kick", "--host-key", str(file))
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be2/alice-db"
    shown = json.loads(own_lab.bastion.admin("container", "show", "alice/web", "--json"))
    assert shown["host_key"].endswith("(pinned)")
