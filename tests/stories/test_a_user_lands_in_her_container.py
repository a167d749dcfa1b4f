"""`ssh alice@bastion`, and Alice is in her container."""

import pytest


def test_a_command_runs_in_her_container(lab):
    assert lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


def test_nothing_tells_it_from_a_direct_login(lab):
    who = "id; pwd; hostname; umask; echo $HOME $USER $LOGNAME $SHELL $PATH $BOX"
    assert lab.ssh("alice", who) == lab.direct("alice", who)


def test_without_a_command_she_gets_her_shell(lab):
    assert lab.ssh("alice", input="echo $BOX\nexit 7\n") == lab.direct("alice", input="echo $BOX\nexit 7\n")


@pytest.mark.bastion_only
def test_she_names_another_container_of_hers(lab):
    assert lab.ssh("alice+db", "echo $BOX").stdout == "be2/alice-db"


@pytest.mark.bastion_only
def test_only_the_bastion_knows_the_way(lab):
    """The client has no route to anything behind the bastion, and the bastion none to a container."""
    assert lab.client.refuses("10.1.1.11", 22)
    assert lab.client.refuses("10.0.3.100", 22)
    where_the_bastion_stands = lab.neighbour("erin")
    assert where_the_bastion_stands.run("ip", "route", "get", "10.0.3.100").status != 0


def test_the_environment_she_sends_arrives(lab):
    sent = ["-o", "SetEnv=LC_STORY=told"]
    assert lab.ssh("alice", "echo $LC_STORY", *sent).stdout == "told"
