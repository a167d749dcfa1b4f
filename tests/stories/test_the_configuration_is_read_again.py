"""SIGHUP: what the file says now counts as far as a running bastion can follow, and the log says how far that is."""

import signal

import pytest

from lab import until
from lab.client import finish
from lab.lab import PORT
from lab.topology import BASTION

pytestmark = pytest.mark.bastion_only


def reload(lab, says, times=1):
    """Reads the file again, and waits until the log has said this so often."""
    lab.bastion.send(signal.SIGHUP)
    until(lambda: lab.log.count(says) >= times, f"the log says {says!r} {times} times")


def test_it_says_what_has_changed_and_when_it_counts(own_lab):
    own_lab.bastion.configure(login_grace=7, max_startups=150)
    reload(own_lab, "configuration read again: ")
    lines = [line.partition("configuration: ")[2] for line in own_lab.log.splitlines() if "configuration: " in line]
    assert lines == [
        "login_grace 20 -> 7, counts for new connections",
        "max_startups 200 -> 150, counts at once",
    ]
    own_lab.bastion.configure(state_dir="/nowhere")
    for times in (1, 2):
        reload(own_lab, f'state_dir "{own_lab.bastion.state}" -> "/nowhere", counts after a restart', times=times)
    assert own_lab.log.count("login_grace") == 1
    own_lab.bastion.configure(state_dir=str(own_lab.bastion.state))


def test_where_nothing_has_changed_it_says_so(own_lab):
    reload(own_lab, "configuration read again: nothing has changed")


@pytest.mark.parametrize("damage", ["wrong", "gone", "directory", "large"])
def test_a_file_that_cannot_be_used_changes_nothing(own_lab, damage):
    alice = own_lab.session()
    file = own_lab.bastion.config
    text = file.read_text()
    why = {
        "wrong": f"{file}:{text.count(chr(10)) + 2}: max_startups must be a number from 1 to 100000, or like \"100:30:200\"",
        "gone": f"{file}: No such file or directory",
        "directory": f"{file}: this is a folder, not a file",
        "large": f"{file}: a configuration has 1048576 bytes at most",
    }[damage]
    match damage:
        case "wrong":
            file.write_text(text.replace("max_startups =", "# max_startups =") + "\nmax_startups = 0\n")
        case "gone":
            file.unlink()
        case "directory":
            file.unlink()
            file.mkdir()
        case "large":
            with open(file, "r+b") as large:
                large.truncate(1 << 30)
    reload(own_lab, f"error: the configuration stays as it is: {why}")
    assert own_lab.ssh("bob", "echo $BOX").stdout == "be2/bob"
    assert finish(alice).status == 3
    if damage == "directory":
        file.rmdir()
    file.write_text(text)
    reload(own_lab, "configuration read again: nothing has changed")


def test_a_pipe_in_the_place_of_the_file_is_not_waited_for(own_lab):
    own_lab.bastion.config.unlink()
    own_lab.client.run("mkfifo", own_lab.bastion.config).succeeded()
    reload(own_lab, "bastion.toml: this is not a file")
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


@pytest.mark.threaded
def test_many_at_once_are_one_or_two(own_lab):
    alice = own_lab.session()
    for grace in range(30, 60):
        own_lab.bastion.configure(login_grace=grace)
        own_lab.bastion.send(signal.SIGHUP)
    until(lambda: "-> 59, counts" in own_lab.log, "the last of the changes counts")
    assert own_lab.log.count("configuration read again") < 30
    assert finish(alice).status == 3


def test_the_level_of_the_log_follows(own_lab):
    own_lab.bastion.configure(log_level="error")
    reload(own_lab, 'log_level "debug" -> "error", counts at once')
    until(lambda: "that is all" in own_lab.log, "the reload is over")
    before = own_lab.log
    own_lab.ssh("alice", "true").succeeded()
    assert own_lab.log == before
    own_lab.bastion.configure(log_level="debug")
    reload(own_lab, 'log_level "error" -> "debug", counts at once')
    own_lab.ssh("alice", "true").succeeded()
    until(lambda: " debug: " in own_lab.log[len(before) :], "lines that only debug has")


def test_a_session_that_has_no_time_of_its_own_gets_another(own_lab):
    alice = own_lab.session()
    own_lab.bastion.admin("user", "set", "bob", "--max-session", "1h")
    bob = own_lab.session("bob")
    own_lab.bastion.configure(max_session=1)
    own_lab.bastion.send(signal.SIGHUP)
    assert alice.wait(20) != 0
    bob.stdin.write(b"still here\n")
    bob.stdin.flush()
    assert bob.stdout.readline() == b"still here\n"
    assert finish(bob).status == 3
    assert "closed: session limit" in finish(alice).stderr


def test_a_connection_that_nobody_needs_is_let_go_sooner(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    assert own_lab.hop_connections("be1") == 1
    own_lab.bastion.configure(hop_idle_timeout=0)
    own_lab.bastion.send(signal.SIGHUP)
    until(lambda: own_lab.hop_connections("be1") == 0, "the hop is let go")


def test_strangers_are_counted_anew(own_lab):
    own_lab.bastion.configure(max_startups=1)
    reload(own_lab, "max_startups 200 -> 1, counts at once")
    with own_lab.client.connect(BASTION["front"], PORT) as stranger:
        stranger.sendall(b"SSH-2.0-Patience\r\n")  # one that is silent would make room
        until(lambda: own_lab.ssh("alice", "true").status == 255, "there is room for one stranger")
    until(lambda: own_lab.ssh("alice", "true").status == 0, "there is room again")


@pytest.mark.lab_with(settings={"drain_timeout": 3600})
def test_the_time_to_drain_is_the_newest(own_lab):
    alice = own_lab.session()
    own_lab.bastion.configure(drain_timeout=0)
    reload(own_lab, "drain_timeout 3600 -> 0, counts at once")
    own_lab.bastion.terminate()
    assert own_lab.bastion.ended() == 0
    assert finish(alice).status != 0


def test_systemd_is_told_when_it_begins_and_when_it_is_over(own_lab):
    notifications = own_lab.bastion.notifications()
    for text in ("right = 1\n", own_lab.bastion.config.read_text()):
        own_lab.bastion.config.write_text(text)
        own_lab.bastion.send(signal.SIGHUP)
        begins = notifications.told().split("\n")
        assert begins[0] == "RELOADING=1"
        assert begins[1].startswith("MONOTONIC_USEC=")
        assert notifications.told() == "READY=1"
    notifications.close()
