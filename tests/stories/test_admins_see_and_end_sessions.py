"""Whoever is connected can be seen and sent away, by an administrator at any door, whichever worker has the session."""

import json

import pytest

from lab.client import finish
from lab.deadline import until

pytestmark = pytest.mark.bastion_only

ENDED = "an administrator has ended your session"


def remote(lab, *words):
    return lab.client.run(*lab.client.ssh_line("root", "bastion", "admin", "-s"), *words)


def local(lab, *words):
    return lab.bastion.tries(*words)


DOORS = pytest.mark.parametrize("door", [remote, local], ids=["ssh", "local"])


def sessions(lab, door=local, *words):
    return json.loads(door(lab, "session", "list", "--json", *words).succeeded().stdout)


def of(lab, user, door=local):
    return [row for row in sessions(lab, door) if row["user"] == user]


@DOORS
def test_a_running_session_is_seen_with_all_that_is_known_of_it(lab, door):
    with lab.logged_in("bob") as process:
        until(lambda: of(lab, "bob", door) and of(lab, "bob", door)[0]["container"], "bob is listed in his container")
        process.stdin.write(b"x" * 1000 + b"\n")
        process.stdin.flush()
        assert process.stdout.read(1001)
        until(lambda: of(lab, "bob", door)[0]["bytes_from_user"] >= 1000, "what bob sent is counted")
        (row,) = of(lab, "bob", door)
        assert (row["from"], row["container"], row["route"]) == ("10.1.0.2", "bob/web", "be2")
        assert (row["key"], row["channels"]) == (lab.key("bob").fingerprint, 1)
        assert row["idle_seconds"] < 60
        shown = json.loads(door(lab, "session", "show", row["id"], "--json").succeeded().stdout)
        assert (shown["id"], shown["user"], shown["tunnels"]) == (row["id"], "bob", [])
    until(lambda: not of(lab, "bob", door), "bob is gone from the list")


def test_all_workers_are_asked(lab):
    with lab.logged_in("alice"), lab.logged_in("alice"), lab.logged_in("bob"), lab.logged_in("bob"):
        assert len(of(lab, "alice")) == len(of(lab, "alice", remote)) == 2
        assert len(of(lab, "bob")) == 2


@DOORS
def test_a_session_is_ended_by_its_id(lab, door):
    with lab.logged_in("alice") as other, lab.logged_in("bob") as process:
        (row,) = of(lab, "bob", door)
        assert row["id"] in door(lab, "session", "kill", row["id"]).succeeded().stdout
        outcome = finish(process)
        assert outcome.status == 255
        assert ENDED in outcome.stderr
        assert other.poll() is None
    assert "killed" in "\n".join(lab.bastion.log_of(row["id"], has="killed"))


@pytest.mark.parametrize("how", [["--user", "bob"], ["--container", "bob/web"], ["--backend", "be2"]], ids=str)
def test_sessions_are_ended_by_what_they_have_in_common(lab, how):
    with lab.logged_in("alice") as alice, lab.logged_in("bob") as first, lab.logged_in("bob") as second:
        until(lambda: [row["container"] for row in of(lab, "bob")] == ["bob/web"] * 2, "both are there")
        lab.bastion.admin("session", "kill", *how)
        for process in [first, second]:
            assert ENDED in finish(process).stderr
        assert alice.poll() is None


def test_a_session_that_streams_is_ended_at_once(lab):
    stream = lab.client.start(*lab.client.ssh_line("bob", "bastion", "cat /dev/zero"))
    assert stream.stdout.read(100_000)
    lab.bastion.admin("session", "kill", "--user", "bob")
    while stream.stdout.read(1 << 20):
        pass
    outcome = finish(stream)
    assert outcome.status == 255
    assert ENDED in outcome.stderr


def test_who_ended_it_is_written_down(own_lab):
    with own_lab.logged_in("bob") as process:
        (row,) = of(own_lab, "bob")
        remote(own_lab, "session", "kill", "--user", "bob").succeeded()
        finish(process)
    (audited,) = [a for a in json.loads(own_lab.bastion.admin("audit", "list", "--json")) if a["action"] == "session kill"]
    assert (audited["user"], audited["subject"]) == ("root", row["id"])


@DOORS
def test_what_is_not_there_cannot_be_ended(lab, door):
    assert door(lab, "session", "kill", "000000000000").status == 1
    assert door(lab, "session", "kill", "--user", "nobody").status == 1
    assert door(lab, "session", "kill").status == 2
    assert door(lab, "session", "show", "000000000000").status == 1


def test_without_a_server_the_database_says_what_it_knows(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    own_lab.bastion.terminate()
    assert own_lab.bastion.ended() == 0
    listed = own_lab.bastion.tries("session", "list", "--json").succeeded()
    assert json.loads(listed.stdout) == []
    assert "no running bastion uses this state directory" in listed.stderr
    assert own_lab.bastion.tries("session", "kill", "--user", "alice").status == 1
    own_lab.bastion.start()
