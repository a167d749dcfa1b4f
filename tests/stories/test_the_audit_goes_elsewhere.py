"""`bastion audit forward` gives each row of the audit to a program: one that fails, is slow, or is killed with it loses
nothing, and what was taken is not given again."""

import json
import os
import pathlib
import signal
import socket
import subprocess

import pytest

from lab import until
from lab.client import finish

pytestmark = pytest.mark.bastion_only

_PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "ADMIN.md"
_UNIT = pathlib.Path(__file__).resolve().parents[2] / "packaging" / "bastion-audit.service"


class Taken:
    """What a program has taken: its lines, and the forwarder that gives them."""

    def __init__(self, lab):
        self._lab = lab
        self.folder = lab.folder / "elsewhere"
        self.folder.mkdir()
        self.cursor = self.folder / "cursor"
        self.file = self.folder / "taken"
        self.file.touch()

    def line(self, *words, script=None):
        program = ["sh", "-c", script or f"cat >> {self.file}"]
        where = [self._lab.bastion.program, "audit", "forward", "--config", self._lab.bastion.config]
        return [*map(str, self._lab.bastion.namespace.command(*where, "--cursor", self.cursor, *words, "--", *program))]

    def start(self, script=None):
        return self._lab.client.start(*self.line(script=script))

    def once(self, script=None):
        return subprocess.run(self.line("--once", script=script), capture_output=True, text=True, check=False, timeout=60)

    @property
    def rows(self):
        return [json.loads(line) for line in self.file.read_text().splitlines()]

    @property
    def ids(self):
        return [row["id"] for row in self.rows]

    @property
    def place(self):
        return int(self.cursor.read_text().partition(":")[0]) if self.cursor.exists() else 0


@pytest.fixture
def taken(own_lab):
    return Taken(own_lab)


def audited(lab):
    return sorted(row["id"] for row in json.loads(lab.bastion.admin("audit", "list", "--limit", "1000", "--json")))


def log_in(lab, user="alice"):
    lab.ssh(user, "true").succeeded()


def ended(forwarder):
    forwarder.send_signal(signal.SIGTERM)
    assert finish(forwarder).status == 0


def test_a_login_is_elsewhere_when_it_begins(own_lab, taken):
    forwarder = taken.start()
    with own_lab.logged_in("alice"):
        until(lambda: {"login", "enter"} <= {row["action"] for row in taken.rows}, "its beginning is there")
        assert "logout" not in {row["action"] for row in taken.rows}
    until(lambda: "logout" in {row["action"] for row in taken.rows}, "its end is there")
    ended(forwarder)
    ids = taken.ids
    assert ids == list(range(1, len(ids) + 1)), "each once, in order"
    rows = json.loads(own_lab.bastion.admin("audit", "list", "--limit", "1000", "--json"))
    listed = {row["id"]: row for row in rows}
    for row in taken.rows:
        link = row.pop("link")
        assert row == listed[row["id"]]
        assert own_lab.bastion.tries("audit", "verify", "--head", f"{row['id']}:{link}").status == 0


def test_a_program_that_fails_gets_the_same_again(own_lab, taken):
    log_in(own_lab)
    failed = taken.once(f"head -n 1 >> {taken.file}; echo no room >&2; exit 75")
    assert failed.returncode == 1
    assert "no room\nbastion: rows of the audit were not taken: sh has ended with status 75\n" in failed.stderr
    assert (taken.ids, taken.place) == ([1], 0)
    assert taken.once("kill -9 $$").returncode == 1
    assert taken.once("exec /nowhere").returncode == 1
    assert taken.once().returncode == 0
    assert taken.ids[:2] == [1, 1] and taken.ids[1:] == list(range(1, taken.place + 1))
    last = taken.place
    taken.once()
    assert taken.ids.count(last) == 1


def test_a_program_that_was_away_gets_what_it_has_missed(own_lab, taken):
    away = taken.folder / "away"
    away.touch()
    forwarder = taken.start(f"test ! -e {away} && cat >> {taken.file}")
    log_in(own_lab)
    until(lambda: b"were not taken" in os.read(forwarder.stderr.fileno(), 1 << 16), "it says so")
    log_in(own_lab, "bob")
    assert taken.ids == []
    away.unlink()
    until(lambda: [row for row in taken.rows if row["user"] == "bob" and row["action"] == "logout"], "all of it is there")
    ended(forwarder)
    assert taken.ids == list(range(1, len(taken.ids) + 1))


def test_whatever_is_killed_nothing_is_lost(own_lab, taken):
    """The bastion, which leaves what it has written; and the forwarder while its program reads slowly."""
    began = taken.folder / "began"
    forwarder = taken.start(f"touch {began}; cat >> {taken.file}; sleep 600")
    with own_lab.logged_in("alice"):
        until(began.exists, "the program reads")
        own_lab.bastion.kill()
    until(lambda: taken.ids, "it has read some")
    forwarder.kill()
    finish(forwarder)
    assert taken.place == 0
    own_lab.bastion.install()
    own_lab.bastion.start()
    until(lambda: "server_killed" in own_lab.bastion.admin("audit", "list"), "the next one has found it out")
    forwarder = taken.start()
    until(lambda: [row for row in taken.rows if row["outcome"] == "server_killed"], "that is elsewhere, too")
    own_lab.bastion.install()
    own_lab.bastion.hands_over()
    log_in(own_lab, "bob")
    until(lambda: [row for row in taken.rows if row["user"] == "bob" and row["action"] == "logout"], "and what came after")
    ended(forwarder)
    again = taken.ids[taken.ids.index(1, 1) :]
    assert again == list(range(1, len(again) + 1)), "from the first one that was not taken, each once"


def test_the_end_waits_for_the_program(own_lab, taken):
    began = taken.folder / "began"
    forwarder = taken.start(f"touch {began}; while test -e {began}; do sleep 0.05; done; cat >> {taken.file}")
    until(began.exists, "the program runs")
    forwarder.send_signal(signal.SIGTERM)
    began.unlink()
    assert finish(forwarder).status == 0
    assert taken.ids and taken.place == taken.ids[-1]


def test_a_cursor_of_another_audit_is_refused(own_lab, taken):
    assert taken.once().returncode == 0
    other = taken.cursor.read_text().replace(":", ":" + "0" * 64)[: -65] + "\n"
    taken.cursor.write_text(other)
    refused = taken.once()
    assert refused.returncode == 1
    assert "has another link than it had, and it was the last one that was forwarded" in refused.stderr


def documented():
    """The line of the page for each program."""
    page = _PAGE.read_text().partition("### To somewhere else")[2].partition("\n## ")[0]
    lines = [line for line in page.splitlines() if line.startswith("bastion audit forward ")]
    assert lines
    return {line.partition(" -- ")[2].split()[0]: line for line in lines}


def syslog(folder):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(str(folder / "log"))
    listener.settimeout(20)
    return listener


def test_logger_gives_it_to_syslog(own_lab, taken):
    line = documented()["logger"]
    assert line.partition(" -- ")[2] in _UNIT.read_text(), "the unit does what the page says"
    log_in(own_lab)
    expected = audited(own_lab)
    words = line.partition(" -- ")[2] + f" --socket {taken.folder}/log"
    assert taken.once(words).returncode == 1, "nobody listens there"
    with syslog(taken.folder) as listener:
        forwarder = subprocess.Popen(taken.line("--once", script=words))
        said = [listener.recv(1 << 16).decode() for _ in expected]
        assert forwarder.wait(20) == 0
    assert all(line.startswith("<86>") and " bastion-audit: {" in line for line in said)
    assert [json.loads(line.partition(" bastion-audit: ")[2])["id"] for line in said][: len(expected)] == expected


def test_systemd_cat_gives_it_to_the_journal(own_lab, taken):
    """Without a journal here it fails, which is not taken for a success."""
    words = documented()["systemd-cat"].partition(" -- ")[2]
    refused = taken.once(words)
    if not os.path.exists("/run/systemd/journal/stdout"):
        assert refused.returncode == 1 and taken.place == 0
        pytest.skip("this machine has no journal")
    assert refused.returncode == 0
