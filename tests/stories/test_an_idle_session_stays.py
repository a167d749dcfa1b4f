"""A session in which nothing happens is kept, and keepalives are answered from end to end."""

import pytest

from lab.client import finish

KEEPALIVE = ["-vvv", "-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=2"]
ROUNDS = 4


def test_the_clients_keepalives_are_answered(lab):
    client = lab.client.start(*lab.client.ssh_line("alice", "bastion", "echo up; cat", *KEEPALIVE))
    assert client.stdout.readline() == b"up\n"
    asked = answered = 0
    while answered < ROUNDS:
        line = client.stderr.readline()
        assert line, "the session ended while it was idle"
        asked += b"send packet: type 80" in line
        # REQUEST_SUCCESS or REQUEST_FAILURE: sshd answers what it does not know with a failure, and that is an answer.
        answered += b"receive packet: type 81" in line or b"receive packet: type 82" in line
    assert asked >= ROUNDS
    assert finish(client).status == 0


@pytest.mark.bastion_only
def test_a_client_hears_of_the_bastion_while_a_forward_waits_for_a_container_that_stands_still(own_lab):
    """Replies come in their order: what the client asks behind the forward cannot be answered, and it would give up."""
    control = own_lab.client.folder / "master"
    master = [*KEEPALIVE, "-o", "ControlMaster=yes", "-o", f"ControlPath={control}"]
    client = own_lab.client.start(*own_lab.client.ssh_line("alice", "bastion", "echo up; cat", *master))
    assert client.stdout.readline() == b"up\n"
    with own_lab.container("alice").standing_still():
        line = ["ssh", "-o", f"ControlPath={control}", "-O", "forward", "-R", "7003:127.0.0.1:9", "bastion"]
        forward = own_lab.client.start(*line)
        signs = 0
        while signs < ROUNDS:
            line = client.stderr.readline()
            assert line, "the session ended while the container stood still"
            signs += b"Received SSH2_MSG_IGNORE" in line
        assert forward.poll() is None, "the forward was not answered meanwhile"
    assert finish(forward).status == 0
    assert finish(client).status == 0


def test_the_containers_keepalives_are_answered(own_lab):
    """The container's sshd hangs up after two unanswered questions; the client answers four."""
    own_lab.container("alice").configure("ClientAliveInterval 1", "ClientAliveCountMax 2")
    own_lab.container("alice").restart()
    client = own_lab.client.start(*own_lab.client.ssh_line("alice", "bastion", "echo up; cat; exit 3", "-vvv"))
    assert client.stdout.readline() == b"up\n"
    asked = 0
    while asked < ROUNDS:
        line = client.stderr.readline()
        assert line, "the session ended while it was idle"
        # keepalive@openssh.com comes as a request of the session's channel
        asked += b"rtype keepalive@openssh.com" in line
    assert finish(client).status == 3
