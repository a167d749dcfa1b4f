"""The disk with the database is full: people log in, commands that change something are refused, and what was to be written
down is written down when there is room again."""

import contextlib
import json
import shutil

import pytest

from lab.deadline import until
from lab.process import run
from ledger import ledger_of

pytestmark = pytest.mark.bastion_only


@contextlib.contextmanager
def small_disk(lab):
    """The state directory moves to a disk of its own, of 2 MiB."""
    lab.bastion.terminate()
    assert lab.bastion.ended() == 0
    state, aside = lab.bastion.state, lab.bastion.state.with_name("aside")
    state.rename(aside)
    state.mkdir(mode=0o700)
    run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "none", str(state)])
    try:
        shutil.copytree(aside, state, dirs_exist_ok=True)
        lab.bastion.start()
        yield state
        lab.bastion.terminate()
        assert lab.bastion.ended() == 0
    finally:
        lab.bastion.kill()
        run(["umount", str(state)])
        state.rmdir()
        aside.rename(state)


@contextlib.contextmanager
def full(state):
    ballast = state / "ballast"
    with open(ballast, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    yield
    ballast.unlink()


def test_records_wait_for_room_and_commands_are_refused(own_lab):
    with small_disk(own_lab) as state:
        for user in ["alice", "bob"]:
            own_lab.ssh(user, "true").succeeded()  # a host that is not known yet has to be written down
        with ledger_of(own_lab) as ledger:
            until(lambda: ledger.names("SELECT action FROM audit").count("logout") == 2, "they are written down")
            before = ledger.last()
        with full(state):
            for user in ["alice", "bob"]:
                own_lab.ssh(user, "true").succeeded()
            until(lambda: "records wait to be written count=" in own_lab.log, "the log says that they wait")
            for words in [["user", "add", "nina"], ["user", "add", "nina", "--json"]]:
                refused = own_lab.bastion.tries(*words)
                assert (refused.status, refused.stdout) == (1, "")
                assert "disk is full" in refused.stderr
            listed = own_lab.bastion.tries("user", "list", "--json")
            assert "alice" in [row["name"] for row in json.loads(listed.stdout)]
            assert listed.status == 0
            assert "missing in the audit" in listed.stderr
            over_ssh = own_lab.ssh("root", "admin user list --json", "-s")
            assert "alice" in [row["name"] for row in json.loads(over_ssh.stdout)]
        waiting = "SELECT actor, action FROM audit WHERE id > ? AND actor IN ('alice', 'bob') ORDER BY id"
        with ledger_of(own_lab) as ledger:
            until(lambda: len(ledger.rows(waiting, before)) == 6, "they are written")
            rows = ledger.rows(waiting, before)
            ledger.check()
        for user in ["alice", "bob"]:
            assert [action for actor, action in rows if actor == user] == ["login", "enter", "logout"]
        until(lambda: "records are written again" in own_lab.log, "the log says so")
        assert "records lost" not in own_lab.log
        own_lab.bastion.admin("user", "add", "nina")
