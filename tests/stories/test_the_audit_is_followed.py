"""`audit list --follow` says what has happened, and goes on saying what happens, until nobody listens any more."""

import json

import pytest

from lab.deadline import until

pytestmark = pytest.mark.bastion_only

FOLLOW = ["audit", "list", "--follow", "--json"]
INTERRUPT = "\x03"


def remote(lab, *words):
    return lab.client.start(*lab.client.ssh_line("root", "bastion", "admin", "-s"), *words)


def local(lab, *words):
    words = [*lab.bastion.command_line().split(), *words]
    return lab.client.start(*words)


DOORS = pytest.mark.parametrize("door", [remote, local], ids=["ssh", "local"])


def next_of(process, action):
    """Reads on to the next row about this."""
    for line in process.stdout:
        row = json.loads(line)
        if row["action"] == action:
            return row
    raise AssertionError(f"no {action} before the end: {process.stderr.read().decode()}")


def ended(process):
    process.kill()
    process.communicate()


@DOORS
def test_what_is_there_comes_first_and_what_happens_follows(own_lab, door):
    own_lab.bastion.admin("user", "add", "nina")
    process = door(own_lab, *FOLLOW)
    assert next_of(process, "user add")["subject"] in ("alice", "nina")
    assert next_of(process, "audit list")["outcome"] == "done"  # itself
    own_lab.bastion.admin("user", "disable", "nina")
    row = next_of(process, "user disable")
    assert (row["user"], row["subject"], row["outcome"]) == ("local", "nina", "done")
    own_lab.ssh("bob", "true").succeeded()
    assert next_of(process, "login")["user"] == "bob"
    ended(process)


@DOORS
def test_only_one_user_is_followed(own_lab, door):
    process = door(own_lab, *FOLLOW, "--user", "bob")
    own_lab.ssh("alice", "true").succeeded()
    own_lab.ssh("bob", "true").succeeded()
    assert {json.loads(process.stdout.readline())["user"]} == {"bob"}
    ended(process)


def test_when_the_followers_go_the_bastion_has_nothing_left_of_them(own_lab):
    def come_and_go():
        followers = [remote(own_lab, *FOLLOW) for _ in range(3)]
        for process in followers:
            next_of(process, "audit list")
        for process in followers:
            ended(process)
        until(lambda: json.loads(own_lab.bastion.admin("session", "list", "--json")) == [], "they are gone")
        return own_lab.bastion.descriptors()

    once = come_and_go()
    for _ in range(3):
        last = come_and_go()
    # SQLite may keep a file that it has closed until the last lock on it is gone, and then uses it again.
    assert last <= once + 3


def test_where_nobody_reads_any_more_the_local_one_ends_by_itself(own_lab):
    process = local(own_lab, *FOLLOW)
    next_of(process, "user add")
    process.stdout.close()
    process.stdout = None
    process.wait(20)


def test_at_a_terminal_ctrl_c_ends_it(own_lab):
    line = ["-s", "-t", "-t", "admin", "audit", "list", "--follow", "--limit", "1"]
    with own_lab.client.terminal("root", "bastion", *line, columns=200) as terminal:
        terminal.expect("OUTCOME")
        own_lab.bastion.admin("user", "add", "nina")
        terminal.expect(r"local +user add +done +nina")
        terminal.type(INTERRUPT)
        assert terminal.end()[0] == 130


def test_the_console_goes_on_after_it(own_lab):
    with own_lab.client.terminal("root", "bastion", "-s", "-t", "-t", "admin", columns=200) as terminal:
        terminal.expect("root@bastion> ")
        terminal.type("audit list --follow --limit 1\r")
        terminal.expect("OUTCOME")
        own_lab.bastion.admin("user", "add", "nina")
        terminal.expect(r"local +user add +done +nina")
        terminal.type(INTERRUPT)
        terminal.expect("root@bastion> ")
        terminal.type("user show nina\r")
        terminal.expect(r"name +nina")


def test_a_batch_has_to_have_an_end(own_lab):
    batch = own_lab.client.run(*own_lab.client.ssh_line("root", "bastion", "admin", "-s"), input="audit list --follow\n")
    assert batch.status == 2
    assert "--follow has no end" in batch.stderr
