"""docs/OPERATIONS.md on a machine with systemd: each of its commands is given as it stands, and does what the page says.

For what is to be mended something is broken first. The headings come in the order of the page, and none is left out.
"""

import contextlib
import re

import booted as booted_machine
import examples
import pytest
from lab.client import echoes
from lab.deadline import until
from machine import STATE, package

PAGE = next(page for page in examples.PAGES if page.name == "OPERATIONS.md")
DATABASE = f"{STATE}/bastion.db"


class Operator:
    """Follows the page on a machine."""

    def __init__(self, machine):
        self.machine = machine
        _, *parts = re.split(r"^##+ ", PAGE.read_text(), flags=re.MULTILINE)
        self._parts = dict(each.split("\n", 1) for each in parts)

    def follow(self, heading):
        """Gives what stands below the next heading, which is this one; returns what each block has printed."""
        while not examples.examples(PAGE, self._parts[here := next(iter(self._parts))]):
            del self._parts[here]
        assert here == heading, "the page has another part here"
        return [self.give(each) for each in examples.examples(PAGE, self._parts.pop(here))]

    def give(self, example):
        assert example.is_run, example
        done = self.machine.tries("bash", "-c", f"cd /root; set -eu\n{example.text}", network="host" if "apt-get" in example.text else "lab")
        assert done.returncode == 0, f"{example}\n{example.text}\n{done.stdout}\n{self.machine.journal()[-2000:]}"
        return done.stdout

    def has_finished(self):
        return not any(examples.examples(PAGE, text) for text in self._parts.values())


@pytest.fixture
def operator(place):
    machine = booted_machine.Booted(place[0], place[1] / "operator")
    try:
        machine.put(package(), "/root/bastion_VERSION_ARCH.deb")
        machine.run("sh", "-c", "mkdir -p /root/.ssh; cat >/root/.ssh/id_ed25519.pub", input=machine.key.public)
        yield Operator(machine)
    finally:
        machine.stop()


def another_release(machine):
    """The package once more, as the one that follows it; the one before is there as well."""
    machine.run(
        "bash", "-euc", "cd /root; cp bastion_VERSION_ARCH.deb bastion_BEFORE_ARCH.deb; dpkg-deb -R bastion_VERSION_ARCH.deb next; "
        "sed -i 's/^Version: .*/&+1/' next/DEBIAN/control; dpkg-deb -b next bastion_VERSION_ARCH.deb; rm -r next"
    )


def works(machine, port="22"):
    until(lambda: machine.login("alice", "id -un", port=port).stdout == "alice", "alice gets in")


@contextlib.contextmanager
def database_locked(machine):
    line = machine.line("runuser", "-u", "bastion", "--", "sh", "-c", f"(echo 'BEGIN IMMEDIATE; SELECT 1;'; sleep 600) | sqlite3 {DATABASE}")
    holder = machine.client.start(*line)
    try:
        assert holder.stdout.readline() == b"1\n"
        yield holder
    finally:
        holder.kill()
        holder.wait()


def test_an_operator_gets_along_with_the_page_alone(operator):
    follow, machine = operator.follow, operator.machine
    follow("Install")
    assert machine.property("ActiveState") == "active"
    follow("First administrator")
    machine.furnish("alice", first_administrator=False)
    assert machine.login("you", "admin", "user", "list", options=["-s"]).succeeded()
    follow("Port 22")
    works(machine)

    with machine.logged_in("alice", port="22") as session:
        until(lambda: machine.property("StatusText") == "1 session", "the status counts it")
        status, _, audit, metrics = follow("Observe")
        assert 'Status: "1 session"' in status
        assert "login" in audit and "whole" in audit
        assert "ok\nbastion_sessions" in metrics
        (backups, keys) = follow("Backup")
        assert "bastion-20" in backups and keys == ""
        machine.admin("user", "add", "mallory")
        follow("Restore")
        assert "mallory" not in machine.admin("user", "list")
        echoes(session)

    fingerprints = machine.fingerprints()
    machine.run("sh", "-c", f"cp {STATE}/backups/*.db /root/bastion.db")
    machine.apt("purge", "bastion")
    machine.apt("install", "/root/bastion_VERSION_ARCH.deb")
    follow("On a new machine")
    assert machine.fingerprints() == fingerprints
    works(machine, port="2222")

    upgrades = operator._parts.pop("Upgrade")
    upgrade, restart, back = examples.examples(PAGE, upgrades)
    another_release(machine)
    before = machine.serving()
    with machine.logged_in("alice") as session:
        operator.give(upgrade)
        until(lambda: machine.serving() != before, "another process serves")
        echoes(session)
    assert machine.run("dpkg-query", "--show", "--showformat", "${Version}", "bastion").endswith("+1")
    operator.give(restart)
    works(machine, port="2222")
    operator.give(back)
    assert not machine.run("dpkg-query", "--show", "--showformat", "${Version}", "bastion").endswith("+1")
    works(machine, port="2222")

    machine.run("chown", "root:root", DATABASE)
    assert machine.tries("systemctl", "restart", "bastion").returncode != 0
    until(lambda: int(machine.property("NRestarts")) > 5, "systemd does not give up", seconds=40)
    said = follow("It does not start")
    assert "error:" in said[0] and "bastion check has found something" in said[0]
    assert "2222" in said[2] and "TasksMax=" in said[3]
    works(machine, port="2222")

    assert "be1" in follow("Nobody gets in")[0]
    assert "that login would fail" not in follow("One user does not get in")[0]

    machine.admin("user", "add", "other", "--role", "admin", "--key", machine.key_of("alice-admin").public)
    fingerprint = machine.run("ssh-keygen", "-lf", "/root/.ssh/id_ed25519.pub").split()[1]
    machine.admin("key", "remove", "you", fingerprint)
    machine.admin("user", "disable", "you")
    refused = machine.login("you", "admin", "user", "list", options=["-s"])
    assert refused.status == 255
    follow("No administrator gets in")
    assert machine.login("you", "admin", "user", "list", options=["-s"]).succeeded()

    machine.admin("ban", "add", "198.51.100.0/24")
    banned, _, sources, _ = follow("Refused before the login")
    assert "198.51.100.0/24" in banned and "198.51.100.0/24" not in machine.admin("ban", "list")
    assert "127.0.0.1" in sources
    assert "203.0.113.0/24" in machine.admin("ban", "list")
    (busy,) = follow("Everything is slow")
    assert "worker" in busy and "strangers" in busy

    with database_locked(machine) as holder:
        open_by, _ = follow("The database is locked")
        assert "sqlite3" in open_by and "bastion generation" in open_by
        holder.stdin.close()
    assert machine.admin("user", "add", "nina")

    machine.run("systemctl", "stop", "bastion")
    machine.run("sh", "-c", f": >{DATABASE}; rm -f {DATABASE}-*")
    assert machine.tries("systemctl", "start", "bastion").returncode != 0
    follow("The database is damaged")
    works(machine, port="2222")

    follow("The disk is full")
    works(machine, port="2222")

    with machine.logged_in("alice") as session:
        machine.run("rm", f"{STATE}/admin.sock")
        assert machine.tries("runuser", "-u", "bastion", "--", "bastion", "admin", "session", "list").returncode != 0
        follow("Commands cannot ask the running bastion")
        until(lambda: machine.has(f"{STATE}/admin.sock"), "the socket is there again")
        assert "alice" in machine.admin("session", "list")
        echoes(session)

    machine.run("systemctl", "kill", "--signal=STOP", "systemd-journald")
    works(machine, port="2222")
    follow("The log has stopped")
    lines = machine.journal().count("login ended")
    works(machine, port="2222")
    until(lambda: machine.journal().count("login ended") > lines, "the log goes on")

    follow("It was started anew by itself")
    assert "login ended" in machine.run("cat", "/root/bastion-standstill.log")
    *_, log = follow("A change of the configuration has no effect")
    follow("After a power cut")
    assert operator.has_finished(), "the page has parts that nobody tried"
