"""How long `ssh alice@bastion true` takes, and that a later login shakes no hand with a backend."""

import time


def measure(table, ours, theirs, options):
    took = {ours: [], theirs: []}
    for lab in (ours, theirs):
        lab.ssh("alice", "true").succeeded()
    before = _hops(ours)
    for _ in range(3 * options.rounds):
        for lab in (ours, theirs):
            began = time.monotonic()
            lab.ssh("alice", "true").succeeded()
            took[lab].append(time.monotonic() - began)
    table.compare("login to a container behind one hop", "s", took[ours], took[theirs], at_most=0.35)
    # Every worker has hops of its own, so that each may have shaken hands once since the first login.
    table.value("hop handshakes beyond the first of each worker", "", max(0, _hops(ours) - max(before, _workers(ours))), at_most=0)


def _hops(lab):
    return lab.log.count("hop connected backend=be1")


def _workers(lab):
    return lab.bastion.workers
