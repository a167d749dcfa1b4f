"""A fleet of three on the bench, each with the priority that its unit gives it, and what can be seen of it."""

import contextlib
import json
import sqlite3

import cpu
import service
from fleet import Fleet
from lab import until

# What a package installs, where tests forget what need not outlive them.
AS_INSTALLED = ("fsync = on", "shared_buffers = 128MB", "max_connections = 100")


class Machine:
    """Where a bastion or PostgreSQL runs, in the words of cpu.py, memory.py and service.py."""

    def __init__(self, namespace):
        self.middle_pids = namespace.pids


class QuietFleet(Fleet):
    """It ends without a word."""

    def _show(self, bastion):
        pass


@contextlib.contextmanager
def three_nodes(lab):
    """The lab's bastion, which has a directory, becomes the first one."""
    with QuietFleet(lab) as fleet:
        fleet.postgres.configure(*AS_INSTALLED)
        key = fleet.begin()
        for name in ("two", "three"):
            fleet.add(name, key)
        for node in fleet.bastions:
            service.prioritize(Machine(node.namespace))
        yield fleet


# As the client's ssh knows them, in the order of Fleet.bastions.
HOSTS = ("bastion", "two", "three")


def number_of(bastion):
    """The last entry of the log that it has."""
    with contextlib.closing(sqlite3.connect(f"file:{bastion.state}/bastion.db?mode=ro", uri=True)) as database:
        return database.execute("SELECT number FROM fleet_position").fetchone()[0]


def last_number(fleet):
    return int(fleet.postgres.ask("SELECT max(number) FROM change_log"))


def in_step(fleet):
    """Returns when each has all there is."""
    last = last_number(fleet)
    for bastion in fleet.bastions:
        until(lambda bastion=bastion: number_of(bastion) >= last, "all have the same directory", seconds=60)


@contextlib.contextmanager
def spent_by(machines):
    """Seconds of CPU that each has spent while the block ran."""
    before = {machine: cpu.exact_seconds(machine) for machine in machines}
    spent = {}
    yield spent
    spent |= {machine: cpu.exact_seconds(machine) - seconds for machine, seconds in before.items()}


def sessions(bastion):
    """Of the whole fleet, as this one lists them."""
    return json.loads(bastion.admin("session", "list", "--json"))


def kib_of(fleet, *tables):
    """What they take on PostgreSQL's disk, with their indexes."""
    sizes = " + ".join(f"pg_total_relation_size('{table}')" for table in tables)
    return int(fleet.postgres.ask(f"SELECT {sizes}")) / 1024
