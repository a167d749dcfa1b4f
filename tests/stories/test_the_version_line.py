"""What the bastion calls itself is read by clients that work around the faults of certain versions, or offer OpenSSH's
extensions to some only."""

import re

import pytest
from lab.lab import PORT
from lab.topology import BASTION, CONTAINERS

pytestmark = pytest.mark.bastion_only

# node's ssh2 (lib/client.js) offers no-more-sessions, streamlocal forwards and the rest only where this is found.
_NODE_SSH2 = r"^OpenSSH_(?:(?![0-4])\d)|(?:\d{2,})"


def test_openssh_finds_no_fault_to_work_around(lab):
    outcome = lab.ssh("alice", "true", "-v").succeeded()
    pattern, faults = re.search(r"compat_banner: match: \S+.* pat (\S+) compat (0x\w+)", outcome.stderr).groups()
    assert (pattern, faults) == ("OpenSSH*", "0x04000000"), "of today, and nothing else"


def answer_to(client, address, port, line):
    """What a client reads behind the version line of the server, when this is all it says."""
    with client.connect(address, port) as stranger:
        stranger.sendall(line)
        received = stranger.makefile("rb")
        received.readline()
        return received.read()


@pytest.mark.parametrize("line", [b"GET / HTTP/1.1\r\n", b"\r\n", b"SSH-1.5-old\r\n", b"SSH-x\n", b"hello\0", b"SSH-2.0-a\rb"])
def test_who_does_not_speak_ssh_reads_what_sshd_says(lab, line):
    place = next(each for each in CONTAINERS if each.target == "erin")
    directly = answer_to(lab.neighbour("erin"), place.address, 22, line)
    assert answer_to(lab.client, BASTION["front"], PORT, line) == directly != b""


def test_node_ssh2_takes_it_for_openssh(lab):
    with lab.client.connect(BASTION["front"], PORT) as stranger:
        line = stranger.makefile("rb").readline().decode()
    assert line.startswith("SSH-2.0-") and line.endswith("\r\n")
    software = line.removeprefix("SSH-2.0-").split()[0]
    assert re.search(_NODE_SSH2, software)
