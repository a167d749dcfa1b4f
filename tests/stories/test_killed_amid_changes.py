"""kill -9 while administrators change things: what was reported as done is there, every command is there as a whole or not
at all, and the directory is what the audit says was done. BASTION_KILL_ROUNDS says how often."""

import dataclasses
import itertools
import json
import os
import random
import select

import pytest
from ledger import ledger_of

from lab.client import finish

pytestmark = pytest.mark.bastion_only

ROUNDS = int(os.environ.get("BASTION_KILL_ROUNDS", "20"))
GUESTS = 50  # of one administrator in one round: more than she gets to
BULK = 300  # users of a document

_numbers = itertools.count(1)


@dataclasses.dataclass(frozen=True)
class Given:
    words: tuple
    says: str  # what is printed when it is done
    subject: str  # in the audit

    @property
    def action(self):
        return " ".join(self.words[:2])


def orders(lab, who):
    """What one administrator is going to do: people come with a key and a container, which moves, and some go again."""
    for number in range(GUESTS):
        name = f"{who}{next(_numbers)}"
        box = f"{name}/web"
        place, other = address(), address()
        yield Given(("user", "add", name, "--key", lab.key("guest").public), f"user {name} added", name)
        add = ("container", "add", "web", "--owner", name, "--backend", "be1", "--address", place, "--default")
        yield Given(add, f"container {box} added", box)
        move = ("container", "move", box, "--backend", "be2", "--address", other, "--kick")
        yield Given(move, f"container {box} moved to {other}:22 on backend be2; 0 sessions ended", box)
        if number % 2:
            remove = ("user", "remove", name, "--yes")
            yield Given(remove, f"user {name} removed, and {box} with it", f"{name} and {box}")


def address():
    number = next(_numbers)
    return f"10.9.{number // 250}.{number % 250 + 1}"


def directory_after(done):
    """Every user with (how many keys, the backend of the default container)."""
    users = {}
    for given in done:
        name = given.subject.split(" ")[0].split("/")[0]
        if given.action == "user remove":
            del users[name]
        else:
            users[name] = {"user add": (1, None), "container add": (1, "be1"), "container move": (1, "be2")}[given.action]
    return users


def directory_of(ledger, who, since):
    query = (
        "SELECT u.name, (SELECT count(*) FROM user_keys WHERE user = u.id), b.name FROM users u"
        " LEFT JOIN containers c ON c.owner = u.id AND c.is_default = 1 LEFT JOIN backends b ON b.id = c.backend"
        " WHERE u.name GLOB ? AND u.id > ?"
    )
    return {name: (keys, backend) for name, keys, backend in ledger.rows(query, f"{who}[0-9]*", since)}


class Batch:
    """An administrator over SSH who has sent everything she is going to say."""

    def __init__(self, lab, who):
        self.who = who
        self.given = list(orders(lab, who))
        self._process = lab.client.start(*lab.client.ssh_line(who, "bastion", "admin", "-s"))
        lines = "".join(" ".join(f"'{word}'" for word in given.words) + "\n" for given in self.given)
        self._process.stdin.write(lines.encode())
        self._process.stdin.close()
        self._process.stdin = None

    def begins(self):
        assert select.select([self._process.stdout], [], [], 20)[0]

    def reported(self):
        """How many of them she was told are done, when nothing more will come."""
        outcome = finish(self._process)
        lines = outcome.stdout.splitlines()
        said = [given.says for given in self.given[: len(lines)]]
        assert lines[:-1] == said[:-1] and (not lines or said[-1].startswith(lines[-1])), outcome
        return len([line for line, whole in zip(lines, said) if line == whole])


class OnTheMachine:
    who = "local"

    def __init__(self, lab):
        self.given = list(orders(lab, self.who))
        self._bastion = lab.bastion
        self._next = iter(self.given)
        self._reported = 0
        self._process = None

    def gives_some(self, count):
        for given in itertools.islice(self._next, count):
            assert self._bastion.admin(*given.words) == given.says
            self._reported += 1

    def begins_one(self):
        self._process = self._bastion.starts(*next(self._next).words)
        return self._process.stdout

    def reported(self):
        outcome = finish(self._process)
        if outcome.status != 0:
            assert outcome.stderr == "the bastion has gone without an answer: `audit list` says whether it was done", outcome
        return self._reported + (outcome.status == 0)


def check(ledger, admin, since, users, reported):
    """What she did, by the audit, is what she was going to do up to somewhere behind what was reported; and the directory
    is what it makes."""
    rows = [row[1:] for row in ledger.since(since, "actor, action, subject, outcome") if row[0] == admin.who]
    assert rows == [(given.action, given.subject, "done") for given in admin.given[: len(rows)]]
    assert reported <= len(rows)
    assert directory_of(ledger, admin.who, users) == directory_after(admin.given[: len(rows)])


def test_the_bastion_is_killed_and_what_was_done_is_whole(own_lab):
    bastion = own_lab.bastion
    bastion.admin("user", "add", "nina", "--role", "admin", "--key", own_lab.key("nina").public)
    chance = random.Random(17)
    with ledger_of(own_lab) as ledger:
        for _ in range(ROUNDS):
            since, (users,) = ledger.last(), ledger.names("SELECT max(id) FROM users")
            remote = [Batch(own_lab, "root"), Batch(own_lab, "nina")]
            here = OnTheMachine(own_lab)
            for batch in remote:
                batch.begins()
            here.gives_some(chance.randrange(2))
            # At some moment; at the latest when that command has been answered.
            select.select([here.begins_one()], [], [], chance.uniform(0, 0.2))
            bastion.kill()
            reported = [(admin, admin.reported()) for admin in [*remote, here]]
            bastion.start()
            ledger.check()
            for admin, count in reported:
                check(ledger, admin, since, users, count)


def test_a_document_that_is_killed_while_it_is_applied_is_there_or_not(own_lab, tmp_path):
    bastion = own_lab.bastion
    names = [f"guest{number}" for number in range(BULK)]
    options = itertools.cycle(["no-pty", "no-agent-forwarding"])
    chance = random.Random(17)
    in_force = "SELECT DISTINCT options FROM users WHERE name GLOB 'guest*'"
    file = tmp_path / "document.json"

    def write():
        option = next(options)
        file.write_text(json.dumps({"version": 1, "users": [{"name": name, "options": option} for name in names]}))
        return option

    with ledger_of(own_lab) as ledger:
        before = write()
        bastion.admin("apply", file)
        for _ in range(ROUNDS):
            since, wanted = ledger.last(), write()
            process = bastion.starts("apply", file)
            select.select([process.stdout], [], [], chance.uniform(0, 0.4))
            process.kill()
            reported = finish(process).stdout
            ledger.check()
            (there,) = ledger.names(in_force)
            rows = ledger.since(since, "action, outcome")
            assert (there, rows) in [(before, []), (wanted, [("apply", "done")])]
            assert not reported or there == wanted
            before = there
