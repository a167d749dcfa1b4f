"""What recording costs: a recorded terminal beside one that is not, in turn, and unrecorded bulk beside it."""

import time

from lab import Lab
from lab.client import finish

import transfer

_PLACES = ("be1",)
_SIZE = 64  # MiB of text, as a terminal shows it


def measure(table, ours, theirs, options):
    with Lab(_PLACES, path="bastion", settings={"log_level": "info"}) as lab:
        rates = {"recorded": [], "not": []}
        for _ in range(options.rounds):
            for what, policy in (("recorded", "terminals"), ("not", "none")):
                lab.bastion.admin("user", "set", "alice", "--record", policy)
                rates[what].append(_SIZE / _shows(lab, "alice"))
        table.compare(f"{_SIZE} MiB shown at a terminal", "MiB/s", rates["recorded"], rates["not"])
        beside = {"recorded": [], "not": []}
        for _ in range(options.rounds):
            for what, policy in (("recorded", "terminals"), ("not", "none")):
                lab.bastion.admin("user", "set", "alice", "--record", policy)
                typist = lab.client.start(*_line(lab, "alice", "while sleep 0.05; do seq 1 200; done"))
                beside[what].append(options.mib / transfer.down(lab, "bob", options.mib))
                typist.kill()
                finish(typist)
        table.compare(f"{options.mib} MiB down that is not recorded, beside such a terminal", "MiB/s", beside["recorded"], beside["not"], at_least=0.95)


def _line(lab, user, command):
    return lab.client.ssh_line(user, "bastion", command, "-tt")


def _shows(lab, user):
    command = f"yes 'the quick brown fox jumps over the lazy dog' | head -c {_SIZE}M"
    began = time.monotonic()
    lab.ssh(user, command, "-tt").succeeded()
    return time.monotonic() - began
