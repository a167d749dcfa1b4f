"""A crowd at a fleet: 10 backends with 60 users each, and many sessions open over three bastions."""

import contextlib
import json
import statistics
import time

import memory
from lab import Lab, topology, until
from lab.client import finish
from people import document
from three_nodes import HOSTS, Machine, in_step, kib_of, sessions, spent_by, three_nodes

_USERS = 60  # of each backend
_AT_ONCE = 10  # who are on their way in
_FIRST_ADDRESS = 101
_CHANGES = 20
_APART = 0.3  # seconds: sessions are looked at four times a second, when there is something new


def measure(table, _ours, _theirs, options):
    boxes = [topology.crowded_box(each.name) for each in topology.CROWDED]
    places = tuple(box.backend for box in boxes)
    with Lab(places, containers=boxes, path="bastion", settings={"log_level": "info"}) as lab:
        addresses = [f"10.0.3.{_FIRST_ADDRESS + number}" for number in range(_USERS)]
        for box in boxes:
            lab.container(box.target).namespace.ip(*(f"addr add {address}/24 dev eth0" for address in addresses))
        users = [(f"u{number}-{box.backend}", box.backend, address, box.owner) for number, address in enumerate(addresses) for box in boxes]
        keys = {name: lab.key(name).public for name, *_ in users[: options.sessions]}
        lab.bastion.admin("apply", "-", input=document(users, keys))
        with three_nodes(lab) as fleet:
            in_step(fleet)
            _crowd(table, fleet, [name for name, *_ in users[: options.sessions]], len(users))


def _crowd(table, fleet, users, registered):
    lab = fleet.lab
    machines = [Machine(bastion.namespace) for bastion in fleet.bastions]
    lab.ssh(users[0], "true").succeeded()
    login = _login(lab, users[-1])
    empty = [memory.kib(machine) for machine in machines]
    records = kib_of(fleet, "audit_records", "session_records")
    looks = _looks(fleet, "before")
    table.value(f"memory of a bastion, {registered} users, no session", "KiB", statistics.mean(empty))
    with contextlib.ExitStack() as stack:
        began = time.monotonic()
        _come(lab, users, stack)
        table.value(f"first logins a second, {_AT_ONCE} at once at three bastions", "1/s", len(users) / (time.monotonic() - began))
        _list(table, fleet, len(users))
        full = [memory.kib(machine) for machine in machines]
        each = [(more - less) * len(HOSTS) / len(users) for less, more in zip(empty, full)]
        table.value(f"memory of a bastion with a third of {len(users)} sessions", "KiB", statistics.mean(full))
        table.value("memory of a session, with its share of connections to backends", "KiB", statistics.mean(each))
        table.value("login beside nobody", "s", login)
        table.value(f"login beside {len(users)} sessions", "s", _login(lab, users[-1]))
        table.value("CPU of a bastion for a change elsewhere, beside nobody", "ms", looks)
        table.value(f"the same beside a third of {len(users)} sessions", "ms", _looks(fleet, "beside"))
        _loses_a_backend(table, fleet, users, machines)
    written = "SELECT count(*) FROM session_records WHERE closed_at IS NOT NULL"
    until(lambda: int(fleet.postgres.ask(written)) >= len(users), "all of them are written down", seconds=60)
    kept = int(fleet.postgres.ask("SELECT count(*) FROM session_records"))
    table.value("records of a session in PostgreSQL, from login to end", "KiB", (kib_of(fleet, "audit_records", "session_records") - records) / kept)


def _come(lab, users, stack):
    """One session of each, in turn at each bastion, and all of them stay."""
    for first in range(0, len(users), _AT_ONCE):
        some = []
        for number, user in enumerate(users[first : first + _AT_ONCE], first):
            some.append((user, lab.client.start(*lab.client.ssh_line(user, HOSTS[number % len(HOSTS)], "echo up; cat"))))
            stack.callback(_end, some[-1][1])
        for user, session in some:
            if session.stdout.readline() != b"up\n":
                raise RuntimeError(f"{user} could not log in: {session.stderr.read().decode()}")


def _end(session):
    with contextlib.suppress(AssertionError):
        finish(session)


def _list(table, fleet, count):
    took = []
    for bastion in fleet.bastions:
        began = time.monotonic()
        rows = sessions(bastion)
        took.append(time.monotonic() - began)
        shares = {node: sum(row["node"] == node for row in rows) for node in ("one", "two", "three")}
        if sum(shares.values()) != count or max(shares.values()) - min(shares.values()) > 1:
            raise RuntimeError(f"not all of {count} sessions are listed: {shares}")
    table.value(f"`session list` of {count} sessions at three bastions", "s", statistics.median(took))
    table.value("what it says of one session, as JSON", "bytes", len(json.dumps(rows)) / count)


def _login(lab, user):
    took = []
    for _ in range(10):
        began = time.monotonic()
        lab.ssh(user, "true").succeeded()
        took.append(time.monotonic() - began)
    return statistics.median(took)


def _looks(fleet, mark):
    """Milliseconds of CPU for each of some changes that come one after the other: a bastion looks at all of its sessions then."""
    last = Machine(fleet.bastions[-1].namespace)
    with spent_by([last]) as spent:
        for number in range(_CHANGES):
            fleet.bastions[0].admin("user", "add", f"{mark}-{number}")
            time.sleep(_APART)
    return 1000 * spent[last] / _CHANGES


def _loses_a_backend(table, fleet, users, machines):
    """The first one has the first user, and not the last."""
    gone = topology.CROWDED[0].name
    left = sum(not user.endswith(f"-{gone}") for user in users)
    fleet.lab.backend(gone).stop()
    until(lambda: len(sessions(fleet.bastions[0])) == left, f"the sessions behind {gone} have ended", seconds=60)
    table.value(f"login when a backend with {len(users) - left} of them has died", "s", _login(fleet.lab, users[-1]))
    table.value("memory of a bastion then", "KiB", statistics.mean(map(memory.kib, machines)))
