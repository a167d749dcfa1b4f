"""A directory of many users in a fleet: what it takes in memory, in PostgreSQL, and to join."""

import contextlib
import time

import memory
import service
from fleet_changes import Administrator
from lab import Lab, until
from people import document
from three_nodes import AS_INSTALLED, Machine, QuietFleet, kib_of, last_number, number_of

_BACKENDS = [f"hop{number}" for number in range(10)]


def measure(table, _ours, _theirs, options):
    count = options.users
    users = [(f"user{n:06}", _BACKENDS[n % len(_BACKENDS)], f"10.{8 + n // 60000}.{n // 250 % 240}.{n % 250 + 1}", "root") for n in range(count)]
    with Lab((), containers=[], path="bastion", settings={"log_level": "info"}) as lab, QuietFleet(lab) as fleet:
        fleet.postgres.configure(*AS_INSTALLED)
        service.prioritize(lab)
        small = memory.kib(lab)
        with _timed(table, f"`apply` of a document of {count} users"):
            lab.bastion.admin("apply", "-", input=document(users, backends=_BACKENDS))
        with _timed(table, "the first bastion joins, and starts"):
            key = fleet.begin()
        two = fleet.machine("two")
        with _timed(table, "another one joins"):
            two.joins(key).succeeded()
        with _timed(table, "it starts"):
            two.start()
        until(lambda: number_of(two) == last_number(fleet), "it has all")
        table.value(f"memory of a bastion with {count} users", "KiB", memory.kib(Machine(two.namespace)), small)
        table.value("its directory on its disk", "KiB", (two.state / "bastion.db").stat().st_size / 1024)
        snapshot = "SELECT sum(length(changeset)) / 1024 FROM snapshot_parts"
        table.value("a snapshot, as it is sent", "KiB", int(fleet.postgres.ask(snapshot)))
        table.value("a snapshot, on PostgreSQL's disk", "KiB", kib_of(fleet, "snapshot_parts"))
        _misses(table, fleet, two, options.changes)


def _misses(table, fleet, two, changes):
    """A bastion is away meanwhile."""
    before, size = last_number(fleet), kib_of(fleet, "change_log")
    two.terminate()
    two.ended()
    Administrator(fleet.lab, "bastion", "missed", changes).go()
    made = last_number(fleet) - before
    table.value(f"{made} changes in the log, on PostgreSQL's disk", "KiB", kib_of(fleet, "change_log") - size)
    with _timed(table, f"a bastion that has missed {made} changes starts"):
        two.start()
    began = time.monotonic()
    until(lambda: number_of(two) == last_number(fleet), "it has all")
    table.value("and from then on until it has all", "s", time.monotonic() - began)


@contextlib.contextmanager
def _timed(table, what):
    began = time.monotonic()
    yield
    table.value(what, "s", time.monotonic() - began)
