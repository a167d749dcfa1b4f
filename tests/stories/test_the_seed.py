"""docs/FROM-JUMP-SERVERS.md: from one machine with containers to several bastions before many hosts, and from a central jump server.

Its commands are given as they stand, each where it is typed.
"""

import json
import re
import shutil

import pytest

import balancer
import examples
from fleet import Fleet
from lab import topology
from newcomer import Newcomer
from operators import Operator

(PAGE,) = [page for page in examples.PAGES if page.name == "FROM-JUMP-SERVERS.md"]

# Three hosts beside each other, with two containers on each: their addresses are the same.
HOSTS = {"be1": ("alice", "dave"), "be2": ("bob", "eve"), "many0": ("charlie", "frank")}
WRITTEN = dict(zip(("192.0.2.11", "192.0.2.12", "192.0.2.13"), HOSTS))
PEOPLE = {person: f"{host}/{person}" for host, people in HOSTS.items() for person in people}
CONTAINERS = [
    topology.Container(person, person, host, f"10.0.3.{number}", name="dev")
    for host, people in HOSTS.items()
    for number, person in enumerate(people, 100)
]
BALANCED = "10.1.0.4"

pytestmark = [pytest.mark.bastion_only, pytest.mark.lab_with(backends=tuple(HOSTS), containers=CONTAINERS)]


def part(heading):
    """What stands under a heading, without the parts below it."""
    return re.search(rf"^##+ {heading}\n(.*?)^##", PAGE.read_text(), re.MULTILINE | re.DOTALL).group(1)


def commands(heading):
    return [each for each in examples.examples(PAGE, part(heading)) if each.is_run]


class JumpServer(Operator):
    """A host whose containers are reached from a bastion on the same machine."""

    def __init__(self, fleet, number, host):
        lab = fleet.lab
        self.name = f"jump-{number}"
        self.hosts = [lab.backend(host), *(lab.container(person) for person in HOSTS[host])]
        keys = {f"ssh-ed25519 AAAA… {person}@laptop": lab.key(person).public for person in PEOPLE}
        addresses = {written: topology.address_for_predecessor(each) for written, each in WRITTEN.items()}
        bastion = fleet.machine(self.name, on=host, proxy_protocol=[balancer.ADDRESS])
        super().__init__(bastion, keys | addresses | {"--login bastion": f"--login {topology.HOP_LOGIN}"}, fleet.postgres)
        (self.folder / "you.pub").write_text(lab.key("you").public)

    def accepted_by(self, hosts, people):
        """The identity that its page says to append, where it says so."""
        identity = (self.folder / "bastion.pub").read_text().splitlines()
        for host in hosts:
            host.authorize(*identity, *(key for person, key in people.items() if person == host.login))


class Visitors:
    """Everybody with a key of their own, and what they have accepted as the host key of a name."""

    def __init__(self, lab):
        self._lab = lab
        self._options = ["-o", f"UserKnownHostsFile={lab.folder}/visitors", "-o", "StrictHostKeyChecking=accept-new"]

    def box(self, user, host, *options, called=None):
        client = self._lab.client
        name = ["-o", f"HostKeyAlias={called or host}"]
        return client.run("ssh", *self._options, *name, *client.options(user), *options, f"{user}@{host}", "echo $BOX").stdout


def test_jump_servers_become_one_site(own_lab):
    lab = own_lab
    visitors = Visitors(lab)
    people = {person: lab.key(person).public for person in PEOPLE}
    with Fleet(lab) as fleet:
        servers = [JumpServer(fleet, number, host) for number, host in enumerate(HOSTS, 1)]
        one, two, three = servers
        first, identity = commands("One machine")
        one.give(first)
        one.give(identity)
        for server, block in zip((two, three), commands("Independent jump servers"), strict=True):
            server.give(block)
        for server, their in zip(servers, HOSTS.values()):
            server.accepted_by(server.hosts, people)
            for person in their:
                assert visitors.box(person, server.name) == PEOPLE[person]
        assert visitors.box("alice", "jump-2") == ""

        *moves, begin, come_along = commands("Several bastions")
        for server, block in zip(servers, moves, strict=True):
            server.give(block)
        for server, their in zip(servers, HOSTS.values()):
            for person in their:
                assert visitors.box(person, server.name) == PEOPLE[person]
        one.bastion.configure(fleet={"database": fleet.postgres.by_network, "node": one.name})
        one.give(begin)
        for server in (two, three):
            server.bastion.configure(fleet={"database": fleet.postgres.by_network, "node": server.name})
            shutil.copy(one.folder / "join-key", server.folder)
            server.give(come_along)
            shutil.copy(one.folder / "bastion.pub", server.folder)
            server.accepted_by(server.hosts, people)
        for server in servers:
            assert {person: visitors.box(person, server.name, called="site") for person in PEOPLE} == PEOPLE

        through = balancer.way(BALANCED)
        with balancer.haproxy(lab, [BALANCED], [server.bastion.address for server in servers]):
            one.bastion.kill()
            assert {person: visitors.box(person, "bastion", *through, called="site") for person in PEOPLE} == PEOPLE


class Site(Newcomer):
    """An administrator at her own desk, and people who come to it with the keys they have."""

    def __init__(self, lab):
        super().__init__(lab, ["you", *PEOPLE], backends=WRITTEN)
        lab.bastion.admin("apply", "-", "--prune", input=json.dumps(document(users=[{"name": "you", "role": "admin", "keys": [{"key": lab.key("you").public}]}])))
        for host in HOSTS:
            lab.backend(host).authorize()

    def put(self, name, example):
        text = re.sub(r"\bbastion$|\bbastion(?=@)", topology.HOP_LOGIN, self._at_the_lab(example.text), flags=re.MULTILINE)
        (self.desk.home / name).write_text(text)

    def ssh(self, *words):
        return self.desk.run("ssh", "-o", "StrictHostKeyChecking=accept-new", *words)


def document(**parts):
    return {"version": 1, "users": [], "backends": [], "containers": []} | parts


def filled_up(lab, numbers):
    """So many containers in all at each: of people who never come."""
    there = {name: row["containers"] for row in json.loads(lab.bastion.admin("backend", "list", "--json")) for name in [row["name"]]}
    users, containers = [], []
    for backend, number in numbers.items():
        for which in range(number - there[backend]):
            users.append({"name": f"{backend}-{which}", "keys": []})
            containers.append({"name": "dev", "owner": users[-1]["name"], "backend": backend, "address": f"10.0.3.{120 + which}", "login": "dev"})
    lab.bastion.admin("apply", "-", input=json.dumps(document(users=users, containers=containers)))


def test_a_central_jump_server_is_replaced(own_lab):
    lab = own_lab
    site = Site(lab)
    heading = "A central jump server before private hosts"
    hosts, take_over = commands(heading)
    nested, chained = [each for each in examples.examples(PAGE, part(heading)) if each.language == "ssh-config"]
    (sentence,) = [each.text.strip() for each in examples.examples(PAGE, part(heading)) if each.language == "text"]

    site.give(hosts)
    site.put("nested", nested)
    site.put("chained", chained)
    site.give(take_over)
    assert site.ssh("alice@bastion", "echo $BOX").stdout == PEOPLE["alice"]
    assert site.ssh("bob@bastion", "echo $BOX").stdout == PEOPLE["bob"]
    # As people have it in their configuration, and on their command lines.
    assert site.ssh("-J", "alice@bastion", "alice@10.0.3.100", "echo $BOX").stdout == PEOPLE["alice"]
    address = topology.address_for_predecessor("be1")
    two_jumps = site.ssh("-J", f"alice@bastion,{topology.HOP_LOGIN}@{address}", "alice@10.0.3.100", "true")
    assert "users may not connect to be1, and need no jump: write `ssh alice@<this bastion>`" in two_jumps.stderr
    assert sentence in two_jumps.stderr

    by_hand, by_itself, away = commands("Who goes where")
    site.give(by_hand)
    assert site.ssh("charlie@bastion", "echo $BOX").stdout == PEOPLE["charlie"]
    filled_up(lab, {"be1": 30, "be2": 25, "be3": 35})
    assert re.search(r"backend +be2\n", site.give(by_itself).stdout)
    assert site.ssh("eve@bastion", "echo $BOX").stdout == PEOPLE["eve"]
    site.give(away)
    assert "be3" in lab.bastion.admin("route", "eve")
