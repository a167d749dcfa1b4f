"""Two administrators change the same thing at the same moment: one comes first, the other reads what she would have read
a second later, and the database holds what the answers and the audit say."""

import contextlib
import itertools
import json
import re

import pytest
from ledger import Ledger

from lab import Lab, until
from lab.client import finish

pytestmark = pytest.mark.bastion_only

ROUNDS = 6
BULK = 200  # users of a document: long enough that commands meet it in the middle

# Whatever else is said, nobody reads the database's own words.
RAW = re.compile(r"locked|SQL|constraint|UNIQUE|busy|database", re.IGNORECASE)

_numbers = itertools.count(1)


class OverSsh:
    """Connected already, so that what she says begins at once."""

    def __init__(self, lab, name):
        self.name = name
        self._lab = lab
        self._socket = lab.client.folder / f"master-{name}"
        self._master = lab.client.start(*lab.client.ssh_line(name, "bastion", None, "-N", "-M", "-S", self._socket))
        until(self._socket.exists, f"{name} is connected")

    def gives(self, *words):
        shared = ["-S", self._socket, "-o", "ProxyCommand=false", "-s"]
        return self._lab.client.start(*self._lab.client.ssh_line(self.name, "bastion", "admin", *shared), *words)

    def leave(self):
        self._master.terminate()
        self._master.communicate()


class OnTheMachine:
    name = "local"

    def __init__(self, lab):
        self._lab = lab

    def gives(self, *words):
        return self._lab.bastion.starts(*words)


class Site:
    def __init__(self, lab):
        self.lab = lab
        self.ledger = Ledger(lab)
        lab.bastion.admin("user", "add", "nina", "--role", "admin", "--key", lab.key("nina").public)
        self.root, self.nina = OverSsh(lab, "root"), OverSsh(lab, "nina")
        self.here = OnTheMachine(lab)

    def at_once(self, *orders):
        """Who gives which command, all of them now. Returns their outcomes, and by whom they were given in the order in
        which they counted."""
        last = self.ledger.last()
        running = [(who, who.gives(*words)) for who, words in orders]
        outcomes = [finish(process) for _, process in running]
        for outcome in outcomes:
            self._is_honest(outcome)
        new = lambda: self.ledger.since(last, "actor, action, outcome")
        until(lambda: len(new()) >= len(orders), "all of them are written down")
        rows = new()
        given = [(who.name, action(words), outcome.status) for (who, words), outcome in zip(orders, outcomes)]
        assert sorted(rows) == sorted((who, what, "refused" if status else "done") for who, what, status in given)
        self.ledger.check()
        return outcomes, [row[0] for row in rows]

    @staticmethod
    def _is_honest(outcome):
        assert outcome.status in (0, 1), outcome
        assert bool(outcome.stdout) == (outcome.status == 0), outcome
        assert bool(outcome.stderr) == (outcome.status == 1), outcome
        assert len(outcome.stderr.splitlines()) <= 1 and not RAW.search(outcome.stderr), outcome

    def newcomer(self, *containers):
        """A user with containers, the first of them the default one; returns her name."""
        number = next(_numbers)
        name = f"guest{number}"
        self.lab.bastion.admin("apply", "-", input=json.dumps({"version": 1} | document_of(name, number, containers)))
        return name

    def close(self):
        self.root.leave()
        self.nina.leave()
        self.ledger.close()


def document_of(owner, number, containers):
    boxes = [
        {"name": name, "owner": owner, "backend": "be1", "address": address(number, place), "default": place == 0}
        for place, name in enumerate(containers)
    ]
    return {"users": [{"name": owner}], "containers": boxes}


def address(number, place):
    """Nobody's but that one's."""
    return f"10.{100 + place}.{number // 256}.{number % 256}"


def action(words):
    """What the audit calls it."""
    return words[0] if words[0] in ("apply", "export") else " ".join(words[:2])


def winner_of(outcomes, sentence):
    """The place of the one that was done, where the other one reads a sentence."""
    statuses = [outcome.status for outcome in outcomes]
    assert sorted(statuses) == [0, 1], outcomes
    (refused,) = [outcome.stderr for outcome in outcomes if outcome.status]
    assert re.fullmatch(sentence, refused), refused
    return statuses.index(0)


@pytest.fixture(scope="module")
def site():
    with Lab() as lab, contextlib.closing(Site(lab)) as site:
        yield site


@pytest.fixture(params=["over ssh", "over ssh and on the machine"])
def two(request, site):
    return [site.root, site.nina if request.param == "over ssh" else site.here]


def rounds(two):
    """Who begins changes from one to the next."""
    return [two if number % 2 else two[::-1] for number in range(ROUNDS)]


def test_a_user_is_added_by_one_of_them(site, two):
    for first, second in rounds(two):
        name = f"guest{next(_numbers)}"
        outcomes, order = site.at_once((first, ["user", "add", name]), (second, ["user", "add", name]))
        won = winner_of(outcomes, f"user {name} exists already")
        assert order[0] == (first, second)[won].name


def test_a_container_is_added_by_one_of_them(site, two):
    for first, second in rounds(two):
        owner, number = site.newcomer(), next(_numbers)
        words = lambda place: ["container", "add", "web", "--owner", owner, "--backend", "be1", "--address", place]
        outcomes, _ = site.at_once((first, words(address(number, 0))), (second, words(address(number, 1))))
        won = winner_of(outcomes, f"container {owner}/web exists already")
        query = "SELECT address FROM containers JOIN users ON users.id = owner WHERE users.name = ?"
        assert site.ledger.names(query, owner) == [address(number, won)]


def test_a_place_is_given_to_one_of_them(site, two):
    for first, second in rounds(two):
        owner, place = site.newcomer(), address(next(_numbers), 0)
        words = lambda name: ["container", "add", name, "--owner", owner, "--backend", "be1", "--address", place]
        outcomes, _ = site.at_once((first, words("web")), (second, words("db")))
        won = ["web", "db"][winner_of(outcomes, rf"{owner} at {place} port 22 on backend be1 is container {owner}/(web|db) already")]
        assert site.ledger.names("SELECT name FROM containers WHERE address = ?", place) == [won]


@pytest.mark.parametrize("change", [["set", "--login", "root"], ["move", "--backend", "be2", "--address", "10.8.0.1"]], ids=str)
def test_what_is_removed_is_gone_whoever_changes_it(site, two, change):
    for first, second in rounds(two):
        owner = site.newcomer("web")
        box = f"{owner}/web"
        orders = (first, ["container", "remove", box]), (second, ["container", change[0], box, *change[1:]])
        (removed, changed), order = site.at_once(*orders)
        assert removed.status == 0, removed
        if changed.status:
            assert changed.stderr.startswith(f"there is no container {box}")
        assert (changed.status == 0) == (order == [second.name, first.name])
        assert site.ledger.rows("SELECT 1 FROM containers JOIN users ON users.id = owner WHERE users.name = ?", owner) == []


def defaults(site, owner):
    query = "SELECT c.name FROM containers c JOIN users u ON u.id = c.owner WHERE u.name = ? AND c.is_default"
    return site.ledger.names(query, owner)


def test_there_is_one_default_and_it_is_the_later_one(site, two):
    for first, second in rounds(two):
        owner = site.newcomer("web", "db", "ci")
        words = lambda name: ["container", "set", f"{owner}/{name}", "--default"]
        outcomes, order = site.at_once((first, words("db")), (second, words("ci")))
        assert [outcome.status for outcome in outcomes] == [0, 0]
        assert defaults(site, owner) == ["ci" if order[1] == second.name else "db"]


def test_another_default_while_the_old_one_goes(site, two):
    for first, second in rounds(two):
        owner = site.newcomer("web", "db")
        orders = (first, ["container", "set", f"{owner}/db", "--default"]), (second, ["container", "remove", f"{owner}/web"])
        outcomes, _ = site.at_once(*orders)
        assert [outcome.status for outcome in outcomes] == [0, 0]
        assert defaults(site, owner) == ["db"]


NO_MORE = r"your administrator role was removed|bastion: this is for administrators \(id \w+\)"


def test_who_is_no_administrator_any_more_changes_nothing_after_that(site):
    """Each takes the role from the other: one of them keeps hers."""
    for first, second in rounds([site.root, site.nina]):
        last = site.ledger.last()
        running = [first.gives(*demoting(second)), second.gives(*demoting(first))]
        outcomes = [finish(process) for process in running]
        won = [first, second][winner_of(outcomes, NO_MORE)]
        rows = lambda: site.ledger.since(last, "actor, outcome")
        until(lambda: len(rows()) == 2, "both commands are written down")
        assert (won.name, "done") in rows() and "refused" in dict(rows()).values()
        for name in ["root", "nina"]:
            site.lab.bastion.admin("user", "set", name, "--role", "admin")


def demoting(who):
    return ["user", "set", who.name, "--role", "user"]


def written(file, document):
    file.write_text(json.dumps({"version": 1} | document))
    return str(file)


def test_of_two_documents_the_later_one_counts_as_a_whole(site, tmp_path):
    names = [f"guest{next(_numbers)}" for _ in range(BULK)]
    options = ["no-pty", "no-agent-forwarding"]
    documents = [{"users": [{"name": name, "options": option} for name in names]} for option in options]
    files = [written(tmp_path / option, document) for option, document in zip(options, documents)]
    in_force = "SELECT DISTINCT options FROM users WHERE name IN (SELECT value FROM json_each(?))"
    for number in range(ROUNDS):
        outcomes, _ = site.at_once(*((site.here, ["apply", file]) for file in files[:: 1 if number % 2 else -1]))
        assert [outcome.status for outcome in outcomes] == [0, 0]
        assert len(site.ledger.names(in_force, json.dumps(names))) == 1


def test_what_is_exported_meanwhile_is_one_document_or_the_other(site, tmp_path):
    owner = site.newcomer()
    place = address(next(_numbers), 0)
    box = {"name": "web", "owner": owner, "backend": "be1", "address": place}
    files = [
        written(tmp_path / "one", {"users": [{"name": owner, "options": "no-pty"}], "containers": [box]}),
        written(tmp_path / "other", {"users": [{"name": owner, "options": ""}], "containers": [box | {"backend": "be2"}]}),
    ]
    site.lab.bastion.admin("apply", files[1])
    for number in range(ROUNDS):
        outcomes, _ = site.at_once((site.here, ["apply", files[number % 2]]), (site.root, ["export", "--json"]))
        document = json.loads(outcomes[1].stdout)
        (user,) = [user for user in document["users"] if user["name"] == owner]
        (there,) = [each for each in document["containers"] if each["owner"] == owner]
        assert (user["options"], there["backend"]) in [("no-pty", "be1"), (None, "be2")]


def test_single_commands_are_given_while_a_document_is_applied(site, tmp_path):
    names = [f"guest{next(_numbers)}" for _ in range(BULK)]
    options = itertools.cycle(["no-pty", "no-agent-forwarding"])
    for _ in range(ROUNDS):
        singles = [(who, ["user", "add", f"guest{next(_numbers)}"]) for who in [site.root, site.nina, site.here]]
        option = next(options)
        file = written(tmp_path / "document", {"users": [{"name": name, "options": option} for name in names]})
        outcomes, _ = site.at_once((site.here, ["apply", file]), *singles)
        assert [outcome.status for outcome in outcomes] == [0] * 4
        there = dict(site.ledger.rows("SELECT name, options FROM users"))
        assert {there[name] for name in names} == {option}
        assert {words[-1] for _, words in singles} <= there.keys()
