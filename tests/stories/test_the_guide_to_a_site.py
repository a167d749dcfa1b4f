"""docs/ADMIN.md takes a newcomer to a site of three backends: its commands, as they stand there, do what it says.

The commands are read out of the guide and given to a shell, one block at a time; here are only the things that differ at
the lab (addresses, accounts, keys), and what has to be so after each part.
"""

import contextlib
import json
import pathlib
import re
import shlex

import pytest

from lab import topology
from lab.client import finish
from lab.deadline import PATIENCE, until
from lab.lab import PORT
from lab.workstation import Workstation

GUIDE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "ADMIN.md"
SECTION = "A site of three backends"
HOST = "bastion.example.org"
USERS = ["you", "alice", "bob", "carol"]

MACHINES = [
    topology.Container("alice", "alice", "be1"),
    topology.Container("bob", "bob", "be2"),
    topology.Container("alice-db", "alice", "be2", "10.0.3.101", name="db"),
    topology.Container("carol", "carol", "be3"),
    topology.Container("alice-moved", "alice", "be3", "10.0.3.101", name="moved"),
]

pytestmark = [pytest.mark.bastion_only, pytest.mark.lab_with(backends=("be1", "be2", "be3"), containers=MACHINES)]

BACKENDS = {f"192.0.2.1{number}": f"be{number}" for number in (1, 2, 3)}
ADDRESSES = {written: topology.address_for_predecessor(name) for written, name in BACKENDS.items()}


def parts():
    """What stands under each heading of the section, by heading, in their order."""
    section = re.search(rf"^## {SECTION}\n(.*?)^## ", GUIDE.read_text(), re.MULTILINE | re.DOTALL).group(1)
    first, *others = re.split(r"^### ", section, flags=re.MULTILINE)
    return {"": first} | dict(each.split("\n", 1) for each in others)


def without_quotes(text):
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def blocks(text):
    """The indented blocks: everything between them is for people."""
    found = re.findall(r"(?:^(?: {4}.*)\n)+", without_quotes(text), re.MULTILINE)
    return [re.sub(r"^ {4}", "", each, flags=re.MULTILINE) for each in found]


def quoted(text):
    """What the guide says that somebody reads, without the id."""
    (sentence,) = re.findall(r"^```\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)
    return re.sub(r" \(id \w+\)$", "", sentence)


class Newcomer:
    """Follows the guide at her own desk, one part after the other, and skips none."""

    def __init__(self, lab):
        self._lab = lab
        self._parts = parts()
        self._desk = self._furnished_desk()
        self._functions = self._what_the_lab_does_in_another_way()

    def follow(self, heading):
        """Gives the commands of the next part, which must be this one, and returns its text."""
        here = next(iter(self._parts))
        assert here == heading, "the guide has another part here"
        text = self._parts.pop(here)
        assert blocks(text), f"there is nothing to do under {heading!r}"
        for block in blocks(text):
            script = f"set -euo pipefail\n{self._functions}\n{self._at_the_lab(block)}"
            outcome = self._desk.run("bash", "-c", script)
            assert outcome.status == 0, f"{block}\nexit status {outcome.status}\n{outcome.stdout}\n{outcome.stderr}"
        return text

    def has_finished(self):
        return not self._parts

    def ssh(self, user, command):
        return self._desk.run("ssh", f"{user}@bastion", command)

    def files(self, pattern):
        """What the guide has left in her home."""
        return list(self._desk.home.glob(pattern))

    @contextlib.contextmanager
    def logged_in(self, user):
        process = self._desk.start("ssh", f"{user}@bastion", "echo up; cat")
        try:
            assert process.stdout.readline() == b"up\n", process.stderr.read().decode()
            yield process
        finally:
            finish(process)

    def _furnished_desk(self):
        lab = self._lab
        scan = lab.client.run("ssh-keyscan", "-p", PORT, topology.BASTION["front"]).succeeded().stdout
        host_keys = {f"[{HOST}]:{PORT}": [line.split(" ", 1)[1] for line in scan.splitlines() if line[0] != "#"]}
        hosts = {HOST: topology.BASTION["front"]}
        desk = Workstation(lab.client.namespace, lab.folder / "desk", lab.key("you"), hosts, host_keys)
        # Everybody sits at this desk in turn, with her own keys.
        lines = []
        for user in USERS:
            lines.append(f"Match user {user},{user}+*\n  IdentitiesOnly yes\n  BatchMode yes\n")
            lines += [f"  IdentityFile {lab.key(each).path}\n" for each in (user, f"{user}-desktop")]
        (desk.home / ".ssh" / "config").write_text("".join(lines))
        editor = lab.folder / "editor"
        editor.write_text("#!/bin/sh\nsed -i '/name: be1$/,/capacity:/ s/capacity: null/capacity: 40/' \"$1\"\n")
        editor.chmod(0o755)
        desk.environment["EDITOR"] = str(editor)
        return desk

    def _what_the_lab_does_in_another_way(self):
        """A command that would need another machine: a login to a backend past the bastion."""
        file = lambda name: shlex.quote(str(self._lab.backend(name).home / ".ssh" / "authorized_keys"))
        places = [(ADDRESSES[written], file(name)) for written, name in BACKENDS.items()]
        installs = "".join(f'    *@{address}) cat "$3" >>{where} ;;\n' for address, where in places)
        return f'ssh-copy-id() {{ [ "$1 $2" = "-f -i" ] && case "$4" in\n{installs}    *) false ;;\n  esac; }}\n'

    def _at_the_lab(self, block):
        key = lambda found: self._lab.key(found[1] if found[2] == "laptop" else f"{found[1]}-{found[2]}").public
        block = re.sub(r"ssh-ed25519 AAAA… (\w+)@(\w+)", key, block)
        block = block.replace("SHA256:…", self._lab.key("alice").fingerprint)
        block = block.replace("--login bastion", f"--login {topology.HOP_LOGIN}")
        for written, here in ADDRESSES.items():
            block = block.replace(written, here)
        assert "…" not in block, f"something to fill in that this story does not know: {block}"
        return block


def as_after_init(lab):
    """A bastion that knows its first administrator and nothing else, and backends that know no bastion."""
    you = {"name": "you", "role": "admin", "keys": [{"key": lab.key("you").public}]}
    empty = {"version": 1, "users": [you], "backends": [], "containers": []}
    lab.bastion.admin("apply", "-", "--prune", input=json.dumps(empty))
    for name in BACKENDS.values():
        lab.backend(name).authorize()


def rows(lab, *words):
    return json.loads(lab.bastion.admin(*words, "--json"))


def ended(process):
    """What somebody read whose session was ended: she did not leave by herself."""
    process.wait(PATIENCE)
    outcome = finish(process)
    assert outcome.status == 255
    return outcome.stderr


def in_their_containers(lab, *users):
    there = lambda: {row["user"] for row in rows(lab, "session", "list") if row["container"]}
    until(lambda: there() >= set(users), f"{users} are in their containers")


def test_a_newcomer_runs_a_site_from_the_guide_alone(own_lab):
    as_after_init(own_lab)
    newcomer = Newcomer(own_lab)
    box = lambda user: newcomer.ssh(user, "echo $BOX").stdout

    newcomer.follow("")
    newcomer.follow("The identity goes everywhere")
    newcomer.follow("Backends")
    backends = {row["name"]: row for row in rows(own_lab, "backend", "list")}
    assert {name: row["reachable"] for name, row in backends.items()} == {"be1": True, "be2": True, "be3": True}
    assert backends["be3"]["via"] == "be2"

    newcomer.follow("Users and containers")
    assert [row["name"] for row in rows(own_lab, "user", "list")] == ["alice", "bob", "carol", "you"]
    newcomer.follow("The first login")
    assert box("alice") == "be1/alice"
    assert box("alice+db") == "be2/alice-db"
    assert box("bob") == "be2/bob"
    assert box("bob+alice/db") == "be2/alice-db"
    assert box("carol") == "be3/carol"

    with own_lab.logged_in("alice") as lost:
        newcomer.follow("A new key")
        ended(lost)
    assert "Permission denied" in own_lab.ssh("alice", "true").stderr
    assert box("alice") == "be1/alice"

    with newcomer.logged_in("carol") as leaver:
        in_their_containers(own_lab, "carol")
        text = newcomer.follow("Somebody leaves")
        assert quoted(text) in ended(leaver)
    assert "Permission denied (publickey)" in newcomer.ssh("carol", "true").stderr

    with newcomer.logged_in("alice") as moved:
        in_their_containers(own_lab, "alice")
        newcomer.follow("A backend for maintenance")
        assert "was moved to another place" in ended(moved)
    assert box("alice") == "be3/alice-moved"
    assert {row["name"]: row["state"] for row in rows(own_lab, "backend", "list")}["be1"] == "active"

    with newcomer.logged_in("bob") as killed:
        in_their_containers(own_lab, "bob")
        newcomer.follow("Who is there")
        assert "administrator" in ended(killed)
    assert box("bob") == "be2/bob"

    newcomer.follow("What happened")
    newcomer.follow("Many changes at once")
    assert rows(own_lab, "backend", "show", "be1")["capacity"] == 40
    newcomer.follow("A backup")
    (copy,) = newcomer.files("site-*.yaml")
    applied = own_lab.bastion.admin("apply", "-", "--prune", "--json", input=copy.read_text())
    assert json.loads(applied)["changes"] == []
    assert newcomer.has_finished(), "the guide has parts that nobody tried"
