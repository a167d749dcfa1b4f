"""docs/FLEET.md, three machines with a bastion, etcd, Patroni and PostgreSQL each: the page's files and commands as they stand, and what
becomes of it when the machine of the primary dies."""

import contextlib
import dataclasses
import json
import shutil
import subprocess
import types

import pytest

import examples
import patroni
from fleet import AWAY, Fleet
from lab.deadline import until
from lab.topology import BASTION
from upgrades import Logins

pytestmark = pytest.mark.bastion_only

(PAGE,) = [page for page in examples.PAGES if page.name == "FLEET.md"]
BELOW = examples.below(PAGE, "Three machines with Patroni")
COMMANDS = [each for each in BELOW if each.is_run]
ADDRESSES = (BASTION["wire1"], "10.1.1.101", "10.1.1.102")
# Patroni's ttl is 20 s, and what comes then is a start of PostgreSQL, on a machine that has other work.
PATIENCE = 120

PLACES = {f"192.0.2.2{number}": address for number, address in enumerate(ADDRESSES, 1)} | {"192.0.2.0/24": "10.1.1.0/24"}


class At:
    """One of the bastions, for Logins."""

    def __init__(self, fleet, host):
        self._fleet, self._host = fleet, host

    def ssh(self, user, command):
        return self._fleet.ssh(self._host, user, command)


def users(machine):
    return [row["name"] for row in json.loads(machine.bastion.admin("user", "list", "--json"))]


def members(machine):
    """Each one's role and state, as Patroni has them there."""
    said = machine.patronictl("list", "--format", "json")
    with contextlib.suppress(json.JSONDecodeError):
        return {row["Member"]: (row["Role"], row["State"]) for row in json.loads(said)}
    return {}


def are(machine, *roles):
    """Whether it has members of these roles that run, and no others."""
    found = members(machine).values()
    return sorted(role for role, state in found if state in ("running", "streaming")) == sorted(roles)


def leader(machine):
    return next((name for name, (role, state) in members(machine).items() if (role, state) == ("Leader", "running")), None)


@pytest.fixture
def machines(own_lab):
    absent = patroni.missing()
    if absent:
        pytest.skip(f"there is no {' and no '.join(absent)} here (packaging/dependencies test)")
    lab = own_lab
    with contextlib.ExitStack() as stack, Fleet(lab, has_postgres=False) as fleet:
        bastions = {"bastion": lab.bastion} | {name: fleet.machine(name, workers=2) for name in ("two", "three")}
        them = []
        for name, bastion in bastions.items():
            them.append(patroni.Machine(bastion, PLACES, lab.folder / f"{name}-data"))
            stack.callback(them[-1].ends)
        yield types.SimpleNamespace(fleet=fleet, named=dict(zip(("bastion-1", "bastion-2", "bastion-3"), them)), hosts=list(bastions))


def set_up(machines):
    """What the page says, up to three bastions of one fleet."""
    first, second, third = machines.named.values()
    prepare, place, start_patroni, create, first_joins, second_joins, _ = COMMANDS
    (config,) = (each for each in BELOW if (each.language, each.word) == ("yaml", "patroni"))
    first.save("config.yml", config)
    first.give(prepare)
    for name, machine in machines.named.items():
        if machine is not first:
            shutil.copytree(first.folder / name, machine.folder / name)
        machine.give(place, name)
    first.give(start_patroni)
    until(lambda: are(first, "Leader"), "the first one is the primary", PATIENCE)
    first.give(create)
    for machine in (second, third):
        machine.give(start_patroni)
    until(lambda: are(first, "Leader", "Sync Standby", "Replica"), "the others follow it", PATIENCE)
    first.give(first_joins)
    third_joins = dataclasses.replace(second_joins, text=second_joins.text.replace('"bastion-2"', '"bastion-3"'))
    for machine, joins in ((second, second_joins), (third, third_joins)):
        shutil.copy(first.folder / "join-key", machine.folder)
        machine.give(joins)


def opens(machine, door, *how):
    """Whether etcd or Patroni there answers somebody who asks like this."""
    line = machine.command("curl", "--silent", "--fail", "--max-time", "10", *how, f"https://{ADDRESSES[0]}:{door}")
    return subprocess.run(line, capture_output=True, check=False).returncode == 0


def changes(machine, name, refused):
    """Whether this user is there, who is added where not; what is said when that is not done is noted."""
    if name in users(machine):
        return True
    outcome = machine.bastion.tries("user", "add", name)
    if outcome.status != 0:
        refused.append(outcome.stderr)
    return outcome.status == 0


def the_standby_dies(machines):
    """The primary confirms what the standby has too: so it waits for that one, until Patroni has it wait for the third."""
    roles = {role: machines.named[name] for name, (role, _) in members(machines.named["bastion-1"]).items()}
    standby, primary, other = roles["Sync Standby"], roles["Leader"], roles["Replica"]
    standby.dies()
    refused = []
    until(lambda: changes(other, "rosa", refused), "the primary waits for another one", PATIENCE)
    # What was on the way meanwhile is not known, and then it is there.
    assert all(said.startswith(AWAY) or said == "user rosa exists already" for said in refused), refused
    standby.boots()
    until(lambda: are(primary, "Leader", "Sync Standby", "Replica"), "it comes back and follows", PATIENCE)


def test_the_machine_of_the_primary_dies_and_comes_back(machines):
    set_up(machines)
    for door in ("2379/health", "8008/patroni"):
        keys = ["--cacert", "/etc/patroni/ca.crt", "--cert", "/etc/patroni/machine.crt", "--key", "/etc/patroni/machine.key"]
        assert opens(machines.named["bastion-2"], door, *keys)
        assert not opens(machines.named["bastion-2"], door, "--insecure"), "who has no certificate decides nothing there"
    fleet, named = machines.fleet, machines.named
    first, second, third = named.values()
    second.bastion.admin("user", "add", "nina")
    until(lambda: "nina" in third.bastion.admin("user", "list"), "another one has what one has added")
    for host in machines.hosts:
        assert fleet.ssh(host, "alice", "echo $BOX").stdout == "be1/alice"
    with contextlib.ExitStack() as stack:
        elsewhere = [stack.enter_context(Logins(At(fleet, host), users=("alice",), pause=0.3)) for host in ("two", "three")]
        for number in range(20):
            second.bastion.admin("user", "add", f"user{number}")
        first.dies()
        refused = []
        until(lambda: changes(second, "olga", refused), "another one is the primary", PATIENCE)
        (sentence,) = (each for each in BELOW if each.language == "text")
        assert refused and all(said.startswith(f"{AWAY}: ") for said in refused), refused
        assert sentence.text == f'{AWAY}: connection to server at "192.0.2.21", port 5432 failed: Connection timed out\n'
        assert second.here(sentence.text).strip() in refused
        for logins in elsewhere:
            logins.more()
        until(lambda: changes(third, "pia", refused), "changes go on at the other one too", PATIENCE)
        assert {f"user{number}" for number in range(20)} | {"nina", "olga"} <= set(users(third))
        first.boots()
        until(lambda: are(second, "Leader", "Sync Standby", "Replica"), "it comes back and follows", PATIENCE)
        assert leader(second) in ("bastion-2", "bastion-3")
        until(lambda: {"nina", "olga", "pia"} <= set(users(first)), "its bastion has what happened without it")
        # It may become the primary again, or the third one: whoever is the synchronous standby.
        before = leader(second)
        named[before].give(COMMANDS[-1])
        until(lambda: leader(second) not in (before, None), "another one is the primary", PATIENCE)
        until(lambda: are(second, "Leader", "Sync Standby", "Replica"), "all follow that", PATIENCE)
        until(lambda: changes(first, "quinn", refused), "changes go on", PATIENCE)
        assert [logins.failed for logins in elsewhere] == [[], []]
    the_standby_dies(machines)
    for machine in named.values():
        until(lambda: {"nina", "olga", "pia", "quinn", "rosa"} <= set(users(machine)), "every one has every change")
