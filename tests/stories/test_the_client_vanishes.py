"""The user's machine is gone from one moment to the next: nothing of her login remains anywhere."""

import subprocess

import pytest

from lab import until
from lab.client import finish
from lab.topology import CLIENT


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


# No FIN, no RST: only the bastion's keepalive can tell.
falls_silent = pytest.mark.lab_with(settings={"keepalive_interval": 1, "keepalive_count_max": 2, "workers": 1})


def is_let_go(lab, command, stdout):
    """Her machine loses its cable while the command runs, and nothing of her login remains."""
    lab.ssh("alice", "true").succeeded()  # from here on the hop is there, and stays
    until(lambda: lab.bastion.connections_to(CLIENT["front"]) == 0, "that login is over")
    before = lab.bastion.descriptors()
    client = lab.client.start(*lab.client.ssh_line("alice", "bastion", f"echo $$ >&2; {command}"), stdout=stdout)
    pid = client.stderr.readline().decode().strip()
    lab.client.unplug()
    until(lambda: lab.bastion.descriptors() <= before, "the descriptors are given back")
    lab.gone("alice", pid)
    client.kill()
    finish(client)


@pytest.mark.bastion_only
@falls_silent
def test_a_machine_that_falls_silent_is_let_go(own_lab):
    is_let_go(own_lab, "cat", subprocess.DEVNULL)


@pytest.mark.bastion_only
@falls_silent
@pytest.mark.parametrize("stdout", [subprocess.DEVNULL, subprocess.PIPE], ids=["it reads", "its window is closed"])
def test_so_is_one_that_falls_silent_in_the_middle_of_a_download(own_lab, stdout):
    """With data in flight the kernel's keepalive rests, and its retransmissions would go on for a quarter of an hour."""
    is_let_go(own_lab, "exec cat /dev/zero", stdout)
