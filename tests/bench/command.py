"""A container that is reached by a command, beside the same backend's container that has an address."""

import time

import transfer
from box import Box


def measure(table, ours, _theirs, options):
    Box(ours).ssh("true").succeeded()
    took = {"alice+box": [], "alice": []}
    for _ in range(3 * options.rounds):
        for user, times in took.items():
            began = time.monotonic()
            ours.ssh(user, "true").succeeded()
            times.append(time.monotonic() - began)
    table.beside("login by a command, beside one by an address", "s", *took.values())
    for direction in (transfer.down, transfer.up):
        rates = {user: [options.mib / direction(ours, user, options.mib) for _ in range(options.rounds)] for user in took}
        table.beside(f"{options.mib} MiB {direction.__name__} by a command, beside an address", "MiB/s", *rates.values())
