"""A crowd at the door, over several workers: everybody arrives, each in her own container."""

import pytest

from lab.client import finish

pytestmark = [pytest.mark.threaded, pytest.mark.lab_with(settings={"workers": 4})]

CROWD = 24


def test_everybody_arrives(own_lab):
    users = ["alice", "bob", "erin"] * (CROWD // 3)
    clients = [own_lab.client.start(*own_lab.client.ssh_line(user, "bastion", "cat; echo $BOX")) for user in users]
    for client in clients:
        client.stdin.write(b"x" * 100_000 + b"\n")
    answers = [finish(client, seconds=60).succeeded().stdout.split()[-1] for client in clients]
    assert answers == ["be1/alice", "be2/bob", "here/erin"] * (CROWD // 3)


@pytest.mark.bastion_only
def test_some_leave_while_others_come(own_lab):
    """Half of the crowd is killed in the middle of whatever it was doing."""
    for _ in range(3):
        line = own_lab.client.ssh_line("alice", "bastion", "cat")
        impatient = [own_lab.client.start(*line) for _ in range(6)]
        patient = [own_lab.client.start(*own_lab.client.ssh_line("bob", "bastion", "echo $BOX")) for _ in range(6)]
        for client in impatient:
            client.kill()
            client.communicate()
        assert [finish(client, seconds=60).stdout for client in patient] == ["be2/bob"] * 6
