"""The user's machine is gone from one moment to the next: nothing of her login remains anywhere."""

import pytest

from lab import until
from lab.client import finish


def test_her_program_at_a_terminal_is_hung_up(lab):
    with lab.terminal("alice", "-t", "echo pid=$$; exec cat") as terminal:
        pid = terminal.expect(r"pid=(\d+)").group(1)
        terminal.kill()
        lab.gone("alice", pid)


def test_her_program_without_a_terminal_sees_the_end_of_its_input(lab):
    client = lab.client.start(*lab.client.ssh_line("alice", "bastion", "echo $$; cat"))
    pid = client.stdout.readline().decode().strip()
    client.kill()
    finish(client)
    lab.gone("alice", pid)


def test_her_listeners_in_the_container_end(lab):
    client = lab.client.start(*lab.client.ssh_line("alice", "bastion", "echo up; cat", "-R", "7011:127.0.0.1:9"))
    assert client.stdout.readline() == b"up\n"
    client.kill()
    finish(client)
    until(lambda: "7011" not in lab.direct("alice", "ss -Hltn").stdout, "the container stops listening")


@pytest.mark.bastion_only
def test_the_bastion_keeps_nothing_of_it(own_lab):
    own_lab.ssh("alice", "true").succeeded()  # from here on the hop is there, and stays
    before = own_lab.bastion.descriptors()
    clients = [own_lab.client.start(*own_lab.client.ssh_line("alice", "bastion", "echo up; cat")) for _ in range(10)]
    for client in clients:
        assert client.stdout.readline() == b"up\n"
    assert own_lab.bastion.descriptors() > before
    for client in clients:
        client.kill()
        finish(client)
    # Every worker may have opened a hop of its own meanwhile.
    until(lambda: own_lab.bastion.descriptors() <= before + 3, "the descriptors are given back")


@pytest.mark.bastion_only
def test_a_client_that_falls_silent_is_let_go(own_lab):
    """No FIN, no RST: only the bastion's keepalive can tell."""
    pytest.skip("the keepalive towards users comes later")
