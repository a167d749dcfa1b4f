"""docs/ADMIN.md takes a newcomer to a site of three backends: its commands, as they stand there, do what it says.

The commands are read out of the guide and given to a shell, one block at a time; here is what has to be so after each part.
"""

import contextlib
import json
import re

import pytest

import examples
from lab import topology
from lab.client import finish
from lab.deadline import PATIENCE, until
from newcomer import BACKENDS, Newcomer

GUIDE = next(page for page in examples.PAGES if page.name == "ADMIN.md")
SECTION = "A site of three backends"
USERS = ["you", "alice", "bob", "carol"]

MACHINES = [
    topology.Container("alice", "alice", "be1"),
    topology.Container("bob", "bob", "be2"),
    topology.Container("alice-db", "alice", "be2", "10.0.3.101", name="db"),
    topology.Container("carol", "carol", "be3"),
    topology.Container("alice-moved", "alice", "be3", "10.0.3.101", name="moved"),
]

pytestmark = [pytest.mark.bastion_only, pytest.mark.lab_with(backends=("be1", "be2", "be3"), containers=MACHINES)]


def parts():
    """What stands under each heading of the section, by heading, in their order."""
    section = re.search(rf"^## {SECTION}\n(.*?)^## ", GUIDE.read_text(), re.MULTILINE | re.DOTALL).group(1)
    first, *others = re.split(r"^### ", section, flags=re.MULTILINE)
    return {"": first} | dict(each.split("\n", 1) for each in others)


def quoted(text):
    """What the guide says that somebody reads, without the id."""
    (sentence,) = [each.text.strip() for each in examples.examples(GUIDE, text) if each.language == "text"]
    return re.sub(r" \(id \w+\)$", "", sentence)


class Follower(Newcomer):
    """Follows the guide at her own desk, one part after the other, and skips none."""

    def __init__(self, lab):
        super().__init__(lab, USERS)
        self._parts = parts()
        editor = lab.folder / "editor"
        editor.write_text("#!/bin/sh\nsed -i '/name: be1$/,/capacity:/ s/capacity: null/capacity: 40/' \"$1\"\n")
        editor.chmod(0o755)
        self.desk.environment["EDITOR"] = str(editor)

    def follow(self, heading):
        """Gives the commands of the next part, which must be this one, and returns its text."""
        here = next(iter(self._parts))
        assert here == heading, "the guide has another part here"
        text = self._parts.pop(here)
        blocks = [each for each in examples.examples(GUIDE, text) if each.is_run]
        assert blocks, f"there is nothing to do under {heading!r}"
        for block in blocks:
            self.give(block)
        return text

    def has_finished(self):
        return not self._parts

    def ssh(self, user, command):
        return self.desk.run("ssh", f"{user}@bastion", command)

    def files(self, pattern):
        """What the guide has left in her home."""
        return list(self.desk.home.glob(pattern))

    @contextlib.contextmanager
    def logged_in(self, user):
        process = self.desk.start("ssh", f"{user}@bastion", "echo up; cat")
        try:
            assert process.stdout.readline() == b"up\n", process.stderr.read().decode()
            yield process
        finally:
            finish(process)


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
    newcomer = Follower(own_lab)
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
