"""The admin subsystem: the commands of `bastion admin`, given by an administrator from wherever she is."""

import json
import re

import pytest

from lab.client import finish

pytestmark = pytest.mark.bastion_only

BIG = 500


def admin(lab, *words, user="root", input=None):
    """`ssh -s root@bastion admin WORDS…`, as a person types it."""
    return lab.client.run(*lab.client.ssh_line(user, "bastion", "admin", "-s"), *words, input=input)


def audited(lab, action):
    rows = json.loads(lab.bastion.admin("audit", "list", "--json"))
    return [row for row in rows if row["action"] == action]


def test_a_command_answers_as_it_would_on_the_machine(lab):
    there = admin(lab, "user", "list").succeeded()
    assert there.stdout + "\n" == lab.bastion.admin("user", "list") + "\n"
    assert there.stderr == ""
    assert json.loads(admin(lab, "user", "show", "alice", "--json").stdout)["name"] == "alice"


def test_the_exit_status_says_what_came_of_it_and_errors_stand_apart(lab):
    refused = admin(lab, "user", "show", "nobody")
    assert (refused.status, refused.stdout) == (1, "")
    assert "nobody" in refused.stderr
    wrong = admin(lab, "user", "shwo", "alice")
    assert (wrong.status, wrong.stdout) == (2, "")
    assert 'did you mean "user show"?' in wrong.stderr
    assert admin(lab, "user", "add", "--help").stdout.startswith("user add NAME")


def test_a_command_without_a_container_to_run_in_says_how_the_bastion_is_given_one(lab):
    astray = lab.ssh("root", "user list")
    assert astray.status != 0
    assert "bastion: you have no container; what is for the bastion itself needs -s and admin: ssh -s root@... admin help" in astray.stderr


def test_a_change_is_audited_with_the_key_and_the_address_of_who_made_it(own_lab):
    admin(own_lab, "user", "add", "nina").succeeded()
    (row,) = audited(own_lab, "user add")[:1]
    assert (row["user"], row["subject"], row["outcome"]) == ("root", "nina", "done")
    assert (row["key"], row["from"]) == (own_lab.key("root").fingerprint, "10.1.0.2")


def test_a_key_comes_on_standard_input_or_as_words_and_never_from_a_file_of_the_bastion(own_lab):
    nina = own_lab.key("nina")
    admin(own_lab, "user", "add", "nina", "--key", "-", input=nina.public).succeeded()
    assert "you have no container yet" in own_lab.ssh("nina", "true").stderr
    admin(own_lab, "key", "remove", "nina", nina.fingerprint).succeeded()
    admin(own_lab, "key", "add", "nina", nina.public, "--expires", "30d").succeeded()
    assert "you have no container yet" in own_lab.ssh("nina", "true").stderr
    refused = admin(own_lab, "key", "add", "nina", "/etc/ssh/ssh_host_ed25519_key.pub")
    assert refused.status == 1
    assert "files of your machine cannot be read from here" in refused.stderr


def test_a_batch_is_one_command_on_a_line(own_lab):
    lines = ["# newcomers", "user add nina --role user", "", 'user add "otto"', "user show otto --json"]
    done = admin(own_lab, input="\n".join(lines)).succeeded()
    assert "otto" in done.stdout
    assert {"nina", "otto"} <= {row["name"] for row in json.loads(own_lab.bastion.admin("user", "list", "--json"))}


def test_a_batch_stops_at_the_first_command_that_fails(own_lab):
    lines = ["user add nina", "user add nina", "user add otto"]
    stopped = admin(own_lab, input="\n".join(lines))
    assert stopped.status == 1
    assert stopped.stderr.startswith("line 2: ")
    names = {row["name"] for row in json.loads(own_lab.bastion.admin("user", "list", "--json"))}
    assert "nina" in names and "otto" not in names


def test_nobody_else_is_let_in_and_it_is_written_down(own_lab):
    for user in ["alice", "bob"]:
        refused = admin(own_lab, "user", "list", user=user)
        assert refused.status != 0
        assert refused.stdout == ""
        assert "this is for administrators" in refused.stderr
    assert {row["user"] for row in audited(own_lab, "admin")} == {"alice", "bob"}
    assert {row["outcome"] for row in audited(own_lab, "admin")} == {"refused"}


def test_a_user_without_a_container_is_refused_too(own_lab):
    own_lab.bastion.admin("user", "add", "nina", "--key", own_lab.key("nina").public)
    refused = admin(own_lab, "user", "list", user="nina")
    assert refused.stdout == ""
    # The second is ssh's own line: it ends at once when a subsystem is refused, and may not print what it has read.
    assert re.search("this is for administrators|subsystem request failed", refused.stderr), refused
    assert [(row["user"], row["outcome"]) for row in audited(own_lab, "admin")] == [("nina", "refused")]
    assert "you have no container yet" in own_lab.ssh("nina", "true").stderr


def test_who_is_no_administrator_any_more_is_refused_in_the_session_she_has(own_lab):
    own_lab.bastion.admin("user", "set", "alice", "--role", "admin")
    line = own_lab.client.ssh_line("alice", "bastion", "admin", "-s")
    batch = own_lab.client.start(*line)
    batch.stdin.write(b"user list\n")
    batch.stdin.flush()
    assert batch.stdout.readline().startswith(b"NAME")
    own_lab.bastion.admin("user", "set", "alice", "--role", "user")
    batch.stdin.write(b"user add nina\n")
    batch.stdin.flush()
    outcome = finish(batch)
    assert outcome.status != 0
    assert own_lab.bastion.tries("user", "show", "nina").status == 1


def test_an_admin_has_her_container_and_the_commands(own_lab):
    own_lab.bastion.admin("user", "set", "alice", "--role", "admin")
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
    assert "alice" in admin(own_lab, "user", "list", user="alice").succeeded().stdout
    own_lab.container("alice").stop()
    assert "alice" in admin(own_lab, "user", "list", user="alice").succeeded().stdout


def test_a_key_that_is_bound_to_a_command_opens_no_door(own_lab):
    own_lab.bastion.admin("user", "set", "alice", "--role", "admin", "--options", 'command="echo bound"')
    assert admin(own_lab, "user", "list", user="alice").stdout == "bound"


def test_long_answers_reach_a_slow_reader_whole(own_lab):
    """More than the client's window and every buffer on the way hold: the bastion has to wait for her."""
    admin(own_lab, input="".join(f"user add guest{number:03d}\n" for number in range(BIG))).succeeded()
    rounds = 100
    process = own_lab.client.start(*own_lab.client.ssh_line("root", "bastion", "admin", "-s"))
    process.stdin.write(b"user list\n" * rounds)
    process.stdin.close()
    process.stdin = None
    listed = b"".join(iter(lambda: process.stdout.read(1000), b""))
    assert finish(process).status == 0
    assert listed == (own_lab.bastion.admin("user", "list") + "\n").encode() * rounds
