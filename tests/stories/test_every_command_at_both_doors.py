"""The whole table of commands, walked: what each answers, how it refuses, and the one row it leaves in the audit.

The table is the program's own. A command that is new there has no case here, and fails.
"""

import contextlib
import dataclasses
import json
import re
import sqlite3

import pytest

from lab.deadline import until
from lab.key import Key, fingerprint_of
from ledger import SESSIONS

pytestmark = pytest.mark.bastion_only

REMOTE, LOCAL = "ssh", "local"
USAGE = 2


@dataclasses.dataclass
class Case:
    """`done` are the arguments with which it succeeds; none, where it cannot here; `refused` those with which it does not; none, when only people can
    be wrong. `first` are commands that must have been given before. `saying` stands in the refusal."""

    done: list | None
    refused: list | None = None
    saying: str = ""
    first: list = dataclasses.field(default_factory=list)
    only_here: bool = False  # it reads or writes files, which are those of the bastion's machine
    input: str = ""  # what stands on standard input when it succeeds
    wrong_input: str = ""  # and when it does not
    about: list = dataclasses.field(default_factory=list)  # what the audit is to name, where the arguments do not
    own: bool = False  # it is about who gives it, and on the machine that is nobody
    reads: bool = False  # of such a one: nobody is told what they know of themselves
    says_no: bool = False  # its refusal is an answer: the document says so, and the audit that it was given


def cases(lab, tmp_path):
    key, other = lab.key("nina").public, Key(tmp_path / "other").public
    fingerprint = lab.key("nina").fingerprint
    session = next(row["id"] for row in json.loads(lab.bastion.admin("session", "list", "--json")) if row["user"] == "bob")
    document = '{"version": 1, "users": [{"name": "olga"}]}'
    config = "Host jump\n  HostName 10.9.9.9\n  User hop\nHost box\n  HostName 10.0.9.9\n  User petra\n  ProxyJump jump\n"
    another = config.replace("petra", "alice").replace("Host box", "Host web")
    pipes = 'version: "1.0"\npipes: [{from: [{username: ruth}], to: {host: 10.0.9.8}}]\n'
    network = {"eth0": {"host_name": "veth", "addresses": [{"family": "inet", "scope": "global", "address": "10.0.9.7"}]}}
    instances = json.dumps([{"name": "quentin", "status": "Running", "state": {"network": network}}])
    (tmp_path / "there").write_text("")
    missing = str(tmp_path / "missing")
    nowhere = "there is no container nobody/web"
    return {
        "user add": Case(["nina", "--key", key], ["alice"], "exists"),
        "user list": Case([]),
        "user show": Case(["alice"], ["nobody"], "there is no user nobody"),
        "user set": Case(
            ["nina", "--options", "no-pty", "--password", "-"],
            ["nobody", "--password", "-"],
            "there is no user nobody",
            input="correct horse battery\n",
            wrong_input="correct horse battery\n",
        ),
        "user disable": Case(["nina"], ["nobody"], "there is no user nobody"),
        "user enable": Case(["nina"], ["nobody"], "there is no user nobody"),
        "user remove": Case(["otto"], ["bob"], "bob/web: --yes", first=[["user", "add", "otto"]]),
        "group add": Case(["dev"], ["ops"], "group ops exists already", first=[["group", "add", "ops"]]),
        "group list": Case([]),
        "group show": Case(["dev"], ["opps"], "did you mean ops"),
        "group set": Case(["dev", "--sftp", "read"], ["opps", "--record", "all"], "there is no group opps"),
        "group join": Case(["dev", "bob"], ["dev", "nobody"], "there is no user nobody"),
        "group leave": Case(["dev", "bob"], ["dev", "nina"], "user nina is not in group dev"),
        "group remove": Case(["dev"], ["opps"], "there is no group opps"),
        "key add": Case(["nina", other], ["nobody", key], "there is no user nobody"),
        "key list": Case(["nina"], ["nobody"], "there is no user nobody"),
        "key set": Case(["nina", fingerprint, "--comment", "laptop"], ["nina", "SHA256:x", "--comment", "x"], "SHA256:x"),
        "key remove": Case(["nina", fingerprint], ["nina", "SHA256:x"], "SHA256:x"),
        "backend add": Case(["be9", "10.1.1.99", "--login", "hop"], ["be1", "h", "--login", "hop"], "exists already"),
        "backend list": Case([]),
        "backend show": Case(["be1"], ["be99"], "there is no backend be99"),
        "backend set": Case(["be9", "--capacity", "5"], ["be99", "--capacity", "5"], "there is no backend be99"),
        "backend drain": Case(["be9"], ["be99"], "there is no backend be99"),
        "backend resume": Case(["be9"], ["be99"], "there is no backend be99"),
        "backend forget-host-key": Case(["be1"], ["be9"], "no host key"),
        "backend remove": Case(["be9"], ["be1"], "alice/web: --yes"),
        "container add": Case(
            ["new", "--owner", "bob", "--auto-place", "--address", "10.0.3.50"],
            ["web", "--owner", "alice", "--backend", "be1", "--address", "10.0.3.51"],
            "alice/web",
        ),
        "container create": Case(None, ["web", "--owner", "alice", "--backend", "be1"], "alice has a container web already"),
        "container start": Case(None, ["web"], "name one: alice/web, bob/web"),
        "container stop": Case(None, ["web"], "name one: alice/web, bob/web"),
        "container restart": Case(None, ["web"], "name one: alice/web, bob/web"),
        "container delete": Case(None, ["alice/web"], "--yes deletes it"),
        "container list": Case([], ["--owner", "nobody"], "there is no user nobody"),
        "container show": Case(["alice/web"], ["web"], "name one: alice/web, bob/web"),
        "container set": Case(["bob/new", "--login", "root"], ["web", "--login", "x"], "name one: alice/web, bob/web"),
        "container move": Case(
            ["bob/new", "--backend", "be2", "--address", "10.0.3.52", "--kick"],
            ["web", "--backend", "be2", "--address", "10.0.3.53", "--kick"],
            "name one: alice/web, bob/web",
        ),
        "container share": Case(["alice/db", "bob"], ["alice/db", "nobody"], "there is no user nobody"),
        "container unshare": Case(["alice/db", "bob"], ["web", "bob"], "name one: alice/web, bob/web"),
        "container forget-host-key": Case(["bob/web"], ["bob/new"], "no host key"),
        "container remove": Case(["bob/new"], ["nobody/web"], nowhere),
        "totp enroll": Case(["alice"], ["nobody"], "there is no user nobody"),
        "totp show": Case(["alice"], ["nobody"], "there is no user nobody"),
        "totp list": Case([]),
        "totp reset": Case(["alice"], ["bob"], "user bob has no one-time codes"),
        "password set": Case(["alice", "-"], ["alice", "-"], "12 characters at least", input="correct horse battery\n", wrong_input="short\n"),
        "password show": Case(["alice"], ["nobody"], "there is no user nobody"),
        "password remove": Case(["alice"], ["bob"], "user bob has no password"),
        "oidc list": Case([]),
        "oidc forget": Case(None, ["bob"], "user bob has signed on nowhere that is remembered"),
        "invite": Case(["nina", "--expires", "1h"], ["nina", "--expires", "2020-01-01"], "is past"),
        "invite list": Case([]),
        "invite revoke": Case(["nina"], ["bob"], "user bob has no invitation", first=[["invite", "nina"]]),
        "ban list": Case([]),
        "ban add": Case(["192.0.2.7", "--expires", "1h"], ["192.0.2.7", "--expires", "2020-01-01"], "is past"),
        "ban lift": Case(["192.0.2.7"], ["192.0.2.99"], "is not banned", first=[["ban", "add", "192.0.2.7"]]),
        "host-key list": Case([], ["be99"], "there is no backend and no container be99"),
        "host-key accept": Case(
            ["alice/db", fingerprint_of(lab.container("alice+db").host_key)], ["alice/db", "SHA256:x"], "presented last"
        ),
        "host-key forget": Case(["alice/db"], ["alice/db", "SHA256:x"], "has no host key SHA256:x"),
        "host-key pin": Case(["alice/db", other], ["be99", other], "there is no backend and no container be99"),
        "host-key alias": Case(["alice/db", "db.example.com"], ["be99", "x"], "there is no backend and no container be99"),
        "host-ca add": Case(["--hosts", "*.example.com", other], ["--hosts", "*.example.com", "ssh-ed25519 x"], "the key is damaged"),
        "host-ca list": Case([]),
        "host-ca remove": Case([fingerprint_of(other)], ["SHA256:x"], "no CA SHA256:x is trusted", first=[["host-ca", "add", other]]),
        "ca add": Case(["corp", other, "--principals", "ops-*=alice", "--roles", "user,operator"], ["corp", "ssh-ed25519 x"], "the key is damaged"),
        "ca list": Case([]),
        "ca remove": Case(["corp"], ["corq"], "there is no CA corq"),
        "revoke": Case([fingerprint_of(other)], ["--ca", "corq", "--serial", "1"], "there is no CA corq"),
        "revoke list": Case([]),
        "revoke lift": Case([fingerprint_of(other)], ["SHA256:x"], "key SHA256:x is not revoked", first=[["revoke", fingerprint_of(other)]]),
        "route": Case(["alice"], ["nobody"], "nobody"),
        "explain": Case(["alice"], ["nobody"], says_no=True),
        "top": Case([]),
        "session list": Case([]),
        "session watch": Case([]),
        "session show": Case([session], ["00000000"], "there is no session 00000000"),
        "session recordings": Case([]),
        "session play": Case(None, ["00000000"], "there is no recording of session 00000000"),
        "session export": Case(None, ["00000000"], "there is no recording of session 00000000"),
        "session kill": Case([session], ["00000000"], "there is no session 00000000"),
        "audit list": Case([]),
        "audit verify": Case([]),
        "export": Case([]),
        "apply": Case(["-"], ["-"], "this is no JSON document", input=document, wrong_input="{", about=["olga"]),
        "import authorized-keys": Case(
            ["-", "--user", "petra"], ["-"], "give --user", input=key, wrong_input=key, about=["petra"]
        ),
        "import incus": Case(
            ["-", "--backend", "be1"], ["-"], "a list is expected", input=instances, wrong_input="{}", about=["quentin"]
        ),
        "import ssh-config": Case(["-"], ["-"], "alice/web", input=config, wrong_input=another, about=["petra/box"]),
        "import sshpiper": Case(
            ["-", "--backend", "be1"],
            ["-", "--backend", "be1"],
            "a list of pipes",
            input=pipes,
            wrong_input="pipes: 7",
            about=["ruth"],
        ),
        "backup": Case([str(tmp_path / "backup.db")], [str(tmp_path / "there")], only_here=True),
        "restore": Case([str(tmp_path / "backup.db"), "--yes"], [missing], "missing", only_here=True),
        "identity show": Case([]),
        # Root, who has a key, and no container.
        "me whoami": Case([], own=True, reads=True),
        "me show": Case([], own=True, reads=True),
        "me key list": Case([], own=True, reads=True),
        "me container list": Case([], own=True, reads=True),
        "me session list": Case([], own=True, reads=True),
        "me key add": Case([other], ["ssh-ed25519 x"], "the key is damaged", own=True),
        "me key remove": Case([fingerprint_of(other)], ["SHA256:x"], "you have no key SHA256:x", own=True),
        "me container default": Case(None, ["alice/web"], "you own no container alice/web", own=True),
        "me share": Case(None, ["alice/web", "bob"], "you own no container alice/web", own=True),
        "me unshare": Case(None, ["alice/web", "bob"], "you own no container alice/web", own=True),
        "me session kill": Case(None, [session], f"you have no session {session}", own=True),
        "me password": Case(None, ["-"], "your account takes no password", own=True, wrong_input="one\ntwo\n"),
        "me totp enroll": Case([], own=True),
        "me totp reset": Case(None, ["--code", "000000"], "the code is wrong", own=True),
        "fleet list": Case(None, [], "this bastion is one of no fleet"),
        "fleet remove": Case(None, ["two", "--yes"], "this bastion is one of no fleet"),
    }


class Door:
    """Gives a command, and looks at what that leaves in the audit."""

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name
        self._database = sqlite3.connect(lab.folder / "bastion" / "state" / "bastion.db")

    def give(self, *words, user="root", input=None):
        if self.name == LOCAL:
            return self.lab.bastion.tries(*words, input=input)
        line = self.lab.client.ssh_line(user, "bastion", "admin", "-s")
        return self.lab.client.run(*line, *map(quoted, words), input=input)

    def giving(self, *words, input=None):
        """(what came of it, the rows that are new): that of a command which only reads is written by somebody else."""
        last = self.last()
        outcome = self.give(*words, input=input)
        if outcome.status != USAGE:
            until(lambda: self.since(last), f"{words} is written down")
        return outcome, self.since(last)

    def last(self):
        return self._database.execute("SELECT max(id) FROM audit").fetchone()[0]

    def since(self, last):
        query = (
            "SELECT actor, from_host, key_fingerprint, action, outcome, subject FROM audit"
            f" WHERE id > ? AND action NOT IN {SESSIONS} ORDER BY id"
        )
        return self._database.execute(query, [last]).fetchall()

    @property
    def who(self):
        return ("local", "uid=0 (root)", "") if self.name == LOCAL else ("root", "10.1.0.2", self.lab.key("root").fingerprint)

    def close(self):
        self._database.close()


def quoted(word):
    """As one has to write a word that passes two shells."""
    return word if re.fullmatch(r"[\w@%+=:,./-]+", word) else "'" + word + "'"


def table(lab):
    """The words of every command there is."""
    usages = lab.bastion.admin("help", "all").splitlines()
    return [re.match(r"  ([a-z][a-z-]*(?: [a-z][a-z-]*)*)", line).group(1) for line in usages]


@contextlib.contextmanager
def walked(lab, name, tmp_path):
    lab.bastion.configure(me=["container", "key", "password", "session", "share", "totp"])
    lab.bastion.hands_over()
    lab.ssh("alice", "true").succeeded()
    # A host key that was refused, for whoever accepts it.
    lab.bastion.admin("host-key", "pin", "alice/db", Key(tmp_path / "wrong").public)
    assert lab.ssh("alice+db", "true").status == 255
    until(lambda: "refused" in lab.bastion.admin("host-key", "list", "alice/db"), "it is remembered what was refused")
    with lab.logged_in("bob"):
        door = Door(lab, name)
        try:
            yield door, cases(lab, tmp_path)
        finally:
            door.close()


def is_about(row, arguments):
    """The subject names what the command was about: every name that was given, or what became of it."""
    name = next((word for word in arguments if not word.startswith("--")), "")
    return ("standard input" if name == "-" else name.rpartition("/")[2]) in row[-1]


@pytest.mark.parametrize("name", [REMOTE, LOCAL])
def test_every_command_does_it_refuses_it_and_is_written_down_once(own_lab, name, tmp_path):
    with walked(own_lab, name, tmp_path) as (door, known):
        words_of_all = table(own_lab)
        assert sorted(known) == sorted(words_of_all), "every command has a case here"
        for command in words_of_all:
            case, words = known[command], command.split()
            for before in case.first:
                own_lab.bastion.admin(*before)
            if case.own:
                look_after_oneself(door, case, command, words)
                continue
            refuse(door, case, command, words)
            if case.done is None:
                continue
            if name == REMOTE and case.only_here:
                outcome, rows = door.giving(*words, *case.done)
                assert (outcome.status, outcome.stdout) == (1, "")
                assert "machine" in outcome.stderr
                assert [row[:5] for row in rows] == [(*door.who, command, "refused")]
                continue
            outcome, rows = door.giving(*words, *case.done, "--json", input=case.input)
            assert outcome.status == 0, (command, outcome)
            json.loads(outcome.stdout)
            assert [row[:5] for row in rows] == [(*door.who, command, "done")], command
            assert case.only_here or is_about(rows[0], case.about or case.done), (command, rows)


def look_after_oneself(door, case, command, words):
    misused(door, command, words)
    if door.name == LOCAL:
        outcome, rows = door.giving(*words, *(case.done or case.refused or []))
        assert (outcome.status, outcome.stdout) == (1, ""), (command, outcome)
        assert "on this machine nobody has" in outcome.stderr
        assert [row[:5] for row in rows] == [(*door.who, command, "refused")]
        return
    if case.refused is not None:
        outcome, rows = door.giving(*words, *case.refused, "--json")
        assert (outcome.status, outcome.stdout) == (1, ""), (command, outcome)
        assert case.saying in outcome.stderr
        assert [row[:5] for row in rows] == [(*door.who, command, "refused")]
    if case.done is None:
        return
    if case.reads:
        last = door.last()
        json.loads(door.give(*words, "--json").succeeded().stdout)
        assert door.since(last) == []
        return
    outcome, rows = door.giving(*words, *case.done, "--json")
    assert outcome.status == 0, (command, outcome)
    json.loads(outcome.stdout)
    assert [row[:5] for row in rows] == [(*door.who, command, "done")], command


def misused(door, command, words):
    outcome, rows = door.giving(*words, "--nonsense")
    assert (outcome.status, outcome.stdout, rows) == (2, "", []), (command, outcome)
    assert f"usage: {command}" in outcome.stderr


def refuse(door, case, command, words):
    misused(door, command, words)
    if case.refused is None or (door.name == REMOTE and case.only_here):
        return
    outcome, rows = door.giving(*words, *case.refused, "--json", input=case.wrong_input)
    assert outcome.status == 1, (command, outcome)
    assert [row[:5] for row in rows] == [(*door.who, command, "done" if case.says_no else "refused")], command
    if case.says_no:
        json.loads(outcome.stdout)
        return
    assert outcome.stdout == ""
    assert outcome.stderr and case.saying in outcome.stderr, (command, outcome)
    assert is_about(rows[0], case.refused), rows


def test_no_command_is_given_by_who_is_no_administrator(own_lab, tmp_path):
    with walked(own_lab, REMOTE, tmp_path) as (door, known):
        for command in table(own_lab):
            last = door.last()
            arguments = known[command].refused if known[command].done is None else known[command].done
            outcome = door.give(*command.split(), *arguments, user="alice", input=known[command].input)
            assert outcome.status not in (0, 2) and outcome.stdout == "", (command, outcome)
            # The second is ssh's own line: it ends at once when a subsystem is refused, and may not print what it has read.
            assert re.search("this is for administrators|subsystem request failed", outcome.stderr), (command, outcome)
            (row,) = until(lambda: door.since(last), f"{command}, refused, is written down")
            assert row[:3] == ("alice", "10.1.0.2", own_lab.key("alice").fingerprint)
            assert row[4] == "refused"
    assert "nina" not in own_lab.bastion.admin("user", "list")
