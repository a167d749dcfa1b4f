"""MiB/s of one stream, down and up, through one hop and without one."""

import transfer


def measure(table, ours, theirs, options):
    for user, path, goal in (("alice", "through one hop", 1.6), ("erin", "without a hop", None)):
        for direction in (transfer.down, transfer.up):
            rates = {ours: [], theirs: []}
            for _ in range(options.rounds):
                for lab in (ours, theirs):
                    rates[lab].append(options.mib / direction(lab, user, options.mib))
            what = f"{options.mib} MiB {direction.__name__} {path}"
            table.compare(what, "MiB/s", rates[ours], rates[theirs], at_least=goal)
