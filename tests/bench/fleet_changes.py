"""A fleet of three beside a bastion that is alone: logins, how soon a new user gets in at another bastion, changes in a row, and what
all of them cost when nothing happens."""

import contextlib
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from keystroke import percentile
from lab import Lab, until
from three_nodes import HOSTS, Machine, in_step, last_number, spent_by, three_nodes

_LOGINS_IN_A_ROUND = 10
_QUIET = 10  # seconds
_FIRST_ADDRESS = 110


def measure(table, alone, _theirs, options):
    # A user's first login writes down a host key, so each has a machine of her own.
    newcomers = [f"10.0.3.{_FIRST_ADDRESS + number}" for number in range(min(options.newcomers, 140))]
    with Lab(alone.backends, path="bastion", settings={"log_level": "info"}) as lab, three_nodes(lab) as fleet:
        for each in (alone, lab):
            each.container("alice").namespace.ip(*(f"addr add {address}/24 dev eth0" for address in newcomers))
        _logins(table, alone, fleet, options)
        _quiet(table, alone, fleet)
        _newcomers(table, alone, fleet, newcomers)
        _changes(table, alone, fleet, options)


def _logins(table, alone, fleet, options):
    took = {alone: [], fleet.lab: []}
    for lab in took:
        lab.ssh("alice", "true").succeeded()
    logins = _LOGINS_IN_A_ROUND * options.rounds
    with _written(fleet) as written:
        for _ in range(logins):
            for lab, times in took.items():
                began = time.monotonic()
                lab.ssh("alice", "true").succeeded()
                times.append(time.monotonic() - began)
    table.value("PostgreSQL's write-ahead log for one login and its end", "KiB", written["wal"] / 1024 / logins)
    table.compare("login to a container behind one hop", "s", took[fleet.lab], took[alone], at_most=1.02)


# Users who come


def _newcomers(table, alone, fleet, addresses):
    """Added at the first bastion, they log in at the second."""
    seen = {"fleet": [], "alone": []}
    for number, address in enumerate(addresses):
        seen["fleet"].append(_comes(fleet.lab, "two", f"new{number}", address))
        seen["alone"].append(_comes(alone, "bastion", f"new{number}", address))
    for percent, goal in ((50, None), (99, 1)):
        whole = [percentile([took for took, _ in seen[side]], percent) for side in ("fleet", "alone")]
        table.value(f"from `user add`, `key add`, `container add` to a login, {len(addresses)} users, p{percent}", "s", *whole, at_most=goal)
        told = [percentile([took for _, took in seen[side]], percent) for side in ("fleet", "alone")]
        table.value(f"of these, from the last answer to the login, p{percent}", "s", *told)


def _comes(lab, host, name, address):
    """Seconds from the first command to the end of a login, and from the last answer to that."""
    public, admin = lab.key(name).public, lab.bastion.admin
    began = time.monotonic()
    admin("user", "add", name)
    admin("key", "add", name, "-", input=public)
    admin("container", "add", "web", "--owner", name, "--backend", "be1", "--address", address, "--login", "alice")
    told = time.monotonic()
    until(lambda: lab.client.run(*lab.client.ssh_line(name, host, "true")).status == 0, f"{name} is let in at {host}")
    ended = time.monotonic()
    return ended - began, ended - told


# Changes


def _changes(table, alone, fleet, options):
    count = options.changes
    took = [_seconds_of([Administrator(lab, "bastion", "row", count)]) for lab in (fleet.lab, alone)]
    table.value(f"changes a second at one bastion, {count} in a row", "1/s", *(count / each for each in took))
    in_step(fleet)
    _cost_of_changes(table, alone, fleet, count)
    before = last_number(fleet)
    together = _seconds_of([Administrator(fleet.lab, host, f"at-{host}", count) for host in HOSTS])
    table.value(f"changes a second of three bastions at once, {count} at each", "1/s", (last_number(fleet) - before) / together)
    began = time.monotonic()
    in_step(fleet)
    table.value("until all had all of that", "s", time.monotonic() - began)


def _cost_of_changes(table, alone, fleet, count):
    machines = {"of who makes it": fleet.bastions[0], "of each other bastion": fleet.bastions[1]}
    watched = {f"CPU for one change, {who}": Machine(bastion.namespace) for who, bastion in machines.items()}
    watched |= {"CPU for one change, of PostgreSQL": Machine(fleet.postgres.namespace)}
    with spent_by(watched.values()) as spent, _written(fleet) as written:
        _seconds_of([Administrator(fleet.lab, "bastion", "cost", count)])
        in_step(fleet)
    with spent_by([alone]) as spent_alone:
        _seconds_of([Administrator(alone, "bastion", "cost", count)])
    for (what, machine), other in zip(watched.items(), [spent_alone[alone], None, None]):
        table.value(what, "ms", 1000 * spent[machine] / count, other and 1000 * other / count)
    table.value("PostgreSQL's write-ahead log for one change", "KiB", written["wal"] / 1024 / count)
    table.value("PostgreSQL's transactions for one change", "", written["transactions"] / count)


class Administrator:
    """Somebody who types one command after the other over SSH, from go() on."""

    def __init__(self, lab, host, name, count):
        self._lines = "".join(f"user add {name}-{number}\n" for number in range(count)).encode()
        self._session = lab.client.start(*lab.client.ssh_line("root", host, "admin", "-s"))
        self._session.stdin.write(f"user add {name}\n".encode())
        self._session.stdin.flush()
        if not self._session.stdout.readline():
            raise RuntimeError(f"no command is taken at {host}: {self._session.stderr.read().decode()}")

    def go(self):
        said, complaints = self._session.communicate(self._lines, timeout=120)
        if self._session.returncode != 0:
            raise RuntimeError(f"not all changes were made: {complaints.decode()[-400:]}")
        return said


def _seconds_of(administrators):
    with ThreadPoolExecutor(len(administrators)) as pool:
        began = time.monotonic()
        list(pool.map(Administrator.go, administrators))
        return time.monotonic() - began


# What it costs to be there


def _quiet(table, alone, fleet):
    postgres = Machine(fleet.postgres.namespace)
    nodes = [Machine(bastion.namespace) for bastion in fleet.bastions]
    with spent_by([postgres, *nodes, alone]) as spent, _written(fleet) as written:
        time.sleep(_QUIET)
    each = _QUIET * len(nodes)
    table.value("CPU of a bastion when nothing happens, in a second", "ms", 1000 * sum(map(spent.get, nodes)) / each, 1000 * spent[alone] / _QUIET)
    table.value("CPU of PostgreSQL for each of them, in a second", "ms", 1000 * spent[postgres] / each)
    table.value("its transactions for each of them, in a second", "1/s", written["transactions"] / each)
    table.value("its write-ahead log for each of them, in a second", "KiB", written["wal"] / 1024 / each)
    connections = fleet.postgres.ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'bastion'")
    table.value("connections to PostgreSQL of each of them", "", int(connections) / len(nodes))
    table.value("memory of PostgreSQL for each connection", "KiB", _private_kib(fleet))


def _private_kib(fleet):
    """The median of what no other process has as well, of those that serve a bastion."""
    pids = fleet.postgres.ask("SELECT pid FROM pg_stat_activity WHERE application_name = 'bastion'").split()
    return statistics.median(_private(pid) for pid in pids)


def _private(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Private"))


@contextlib.contextmanager
def _written(fleet):
    """What PostgreSQL has done while the block ran; it counts transactions when they have been idle for a second."""
    before = _figures(fleet)
    written = {}
    yield written
    written |= {name: value - before[name] for name, value in _figures(fleet).items()}


def _figures(fleet):
    line = fleet.postgres.ask(
        "SELECT pg_current_wal_lsn() - '0/0', (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database())"
    )
    return dict(zip(("wal", "transactions"), map(int, line.split("|"))))
