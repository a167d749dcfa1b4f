"""What the bastion calls itself is read by clients that work around the faults of certain versions, or offer OpenSSH's
extensions to some only."""

import re

import pytest
from lab.lab import PORT
from lab.topology import BASTION

pytestmark = pytest.mark.bastion_only

# node's ssh2 (lib/client.js) offers no-more-sessions, streamlocal forwards and the rest only where this is found.
_NODE_SSH2 = r"^OpenSSH_(?:(?![0-4])\d)|(?:\d{2,})"


def test_openssh_finds_no_fault_to_work_around(lab):
    outcome = lab.ssh("alice", "true", "-v").succeeded()
    pattern, faults = re.search(r"compat_banner: match: \S+.* pat (\S+) compat (0x\w+)", outcome.stderr).groups()
    assert (pattern, faults) == ("OpenSSH*", "0x04000000"), "of today, and nothing else"


def test_node_ssh2_takes_it_for_openssh(lab):
    with lab.client.connect(BASTION["front"], PORT) as stranger:
        line = stranger.makefile("rb").readline().decode()
    assert line.startswith("SSH-2.0-") and line.endswith("\r\n")
    software = line.removeprefix("SSH-2.0-").split()[0]
    assert re.search(_NODE_SSH2, software)
