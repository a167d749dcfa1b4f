"""A new program takes over from the one that serves: nobody is dropped, nobody is refused, and one that does not serve
changes nothing."""

import ctypes
import json
import os
import signal
import socket

import pytest

from lab import until
from lab.client import echoes, finish
from lab.greeter import Greeter, said_by
from lab.lab import PORT
from lab.process import run
from lab.topology import BASTION
from upgrades import CRASHES, ENDS, NO_PROGRAM, Logins, Stream, installed, listed, upgrade

pytestmark = pytest.mark.bastion_only

def _descriptor_of(pid, number):
    """A copy of what another process has open (pidfd_getfd(2))."""
    process = os.pidfd_open(pid)
    try:
        copy = ctypes.CDLL(None, use_errno=True).syscall(438, process, number, 0)
        assert copy >= 0, os.strerror(ctypes.get_errno())
        return copy
    finally:
        os.close(process)


@pytest.fixture
def bastion(own_lab):
    return installed(own_lab)


@pytest.mark.threaded
def test_three_upgrades_in_a_row_while_people_stream_and_log_in(own_lab, bastion):
    """As fast as it goes, and small enough for ThreadSanitizer; test_upgrades_at_full_scale.py has many more people."""
    streams = [Stream(own_lab.session(user)) for user in ("alice", "bob", "alice")]
    idle = [own_lab.session("bob") for _ in range(2)]
    with Logins(own_lab) as logins:
        for _ in range(3):
            logins.more()
            upgrade(bastion)
            for stream in streams:
                stream.moves_on()
            logins.more()
    assert logins.failed == []
    for client in idle:
        echoes(client)
        assert finish(client).status == 3
    for stream in streams:
        stream.ends_whole()
    until(lambda: len(bastion.generations()) == 1, "those that nobody uses any more have ended")
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


@pytest.mark.parametrize(
    "content, why",
    [
        (CRASHES, "it was ended by SIGSEGV before it was ready"),
        (ENDS, "it has ended with status 3 before it was ready"),
        (NO_PROGRAM, "Exec format error"),
    ],
    ids=["crashes", "ends", "no program"],
)
def test_a_program_that_does_not_serve_leaves_the_one_before(own_lab, bastion, content, why):
    alice = own_lab.session()
    serving = bastion.pid
    upgrade(bastion, content)
    bastion.waits_for_log(f"error: not handed over, and the process that serves goes on as before: {why}\n")
    until(lambda: bastion.generations() == [serving], "the one before serves alone")
    assert own_lab.ssh("bob", "echo $BOX").stdout == "be2/bob"
    echoes(alice)
    # The next one is as good as ever.
    upgrade(bastion)
    assert own_lab.ssh("bob", "echo $BOX").stdout == "be2/bob"
    assert finish(alice).status == 3


@pytest.mark.parametrize(
    "settings, why",
    [
        ({"workers": "many"}, "workers must be a number from 0 to 256"),
        ({"listen": ["192.0.2.1:2222"]}, "cannot listen on 192.0.2.1:2222: Cannot assign requested address"),
        ({"state_dir": "/nowhere"}, "which counts after a restart"),
    ],
    ids=["wrong", "impossible", "another state"],
)
def test_a_configuration_that_is_no_good_leaves_the_one_before(own_lab, bastion, settings, why):
    serving = bastion.pid
    right = bastion.config.read_text()
    bastion.configure(**settings)
    bastion.install()
    bastion.send(signal.SIGHUP)
    until(lambda: why in bastion.log, f"the log says {why!r}")
    (said,) = [line for line in bastion.log.splitlines() if " error: " in line or line.startswith("error: ")]
    assert "not handed over, and the process that serves goes on as before: " in said and why in said
    until(lambda: bastion.generations() == [serving], "the one before serves alone")
    assert own_lab.ssh("bob", "echo $BOX").stdout == "be2/bob"
    bastion.config.write_text(right)


def test_what_cannot_change_in_a_process_changes_by_another_one(own_lab):
    """Without a new program: the configuration wants it."""
    alice = own_lab.session()
    before = own_lab.bastion.pid
    own_lab.bastion.configure(workers=3, listen=[f"{BASTION['front']}:{PORT}", f"{BASTION['front']}:2223"])
    own_lab.bastion.send(signal.SIGHUP)
    own_lab.bastion.waits_for_log("workers 2 -> 3, counts for new connections, by a handover")
    own_lab.bastion.waits_for_log("handed over to another process")
    assert own_lab.bastion.pid != before
    with own_lab.client.connect(BASTION["front"], 2223) as stranger:
        assert stranger.recv(8) == b"SSH-2.0-"
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
    echoes(alice)
    assert finish(alice).status == 3


def test_what_can_change_in_the_process_does_and_that_process_stays(own_lab, bastion):
    before = bastion.pid
    bastion.configure(login_grace=7)
    bastion.send(signal.SIGHUP)
    bastion.waits_for_log("login_grace 20 -> 7, counts for new connections")
    bastion.waits_for_log("configuration read again: that is all")
    assert bastion.generations() == [before]


def test_another_host_key_is_presented_from_a_reload_on(own_lab, bastion):
    alice = own_lab.session()
    keys = bastion.state / "host_keys"
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keys / "fresh"])
    fresh = (keys / "fresh.pub").read_text().split()[1]
    (keys / "ed25519").rename(keys / "ed25519.old")
    (keys / "fresh").rename(keys / "ed25519")
    bastion.send(signal.SIGHUP)
    bastion.waits_for_log("handed over to another process")
    scanned = own_lab.client.run("ssh-keyscan", "-t", "ed25519", "-p", str(PORT), BASTION["front"])
    assert fresh in scanned.stdout
    echoes(alice)
    assert finish(alice).status == 3


def test_limits_in_time_follow_for_those_who_stay(own_lab, bastion):
    alice = own_lab.session()
    upgrade(bastion)
    own_lab.bastion.configure(max_session=1)
    own_lab.bastion.send(signal.SIGHUP)
    assert alice.wait(20) != 0
    assert "closed: session limit" in finish(alice).stderr


def test_a_reload_that_is_asked_for_during_a_handover_is_not_lost(own_lab, bastion):
    bastion.install()
    bastion.send(signal.SIGHUP)
    until(lambda: len(bastion.generations()) > 1, "another process starts")
    bastion.send(signal.SIGHUP)
    bastion.waits_for_log("configuration read again: nothing has changed")


def test_commands_see_and_end_the_sessions_of_every_process(own_lab, bastion):
    clients = []
    for turn in range(3):
        if turn > 0:
            upgrade(bastion)
        before = set(listed(own_lab))
        client = own_lab.session()
        (id,) = until(lambda: set(listed(own_lab)) - before, "it is listed")  # noqa: B023
        clients.append((client, id))
    assert len(bastion.generations()) == 3
    assert set(listed(own_lab)) == {id for _, id in clients}
    (oldest, id), *others = clients
    assert id in bastion.admin("session", "show", id)
    bastion.admin("session", "kill", id)
    assert oldest.wait(20) != 0
    assert "an administrator has ended your session" in finish(oldest).stderr
    assert set(listed(own_lab)) == {id for _, id in others}
    until(lambda: len(bastion.generations()) == 2, "the process of that one has ended")
    # And whoever may not stay has to go, wherever they are.
    bastion.admin("user", "disable", "alice")
    for client, _ in others:
        assert client.wait(20) != 0
        assert "your account was disabled" in finish(client).stderr


def test_a_console_stays_and_sees_and_ends_the_sessions_of_the_newest(own_lab, bastion):
    elsewhere = "10.1.0.50"
    own_lab.client.namespace.ip(f"address add {elsewhere}/24 dev front")
    comes_in = lambda: own_lab.ssh("bob", "true", "-b", elsewhere).status == 0
    assert comes_in()
    with own_lab.client.terminal("root", "bastion", "-s", "-t", "-t", "admin", columns=200) as console:
        console.expect("root@bastion> ")
        old = bastion.pid
        upgrade(bastion)
        alice = own_lab.session()
        (id,) = until(lambda: [id for id, row in listed(own_lab).items() if row["user"] == "alice"], "alice is listed")
        assert old in bastion.generations()
        console.type("session list\r")
        console.expect(id)
        console.expect("root@bastion> ")
        console.type(f"session kill {id}\r")
        console.expect(f"session {id} ended")
        assert alice.wait(20) != 0
        assert "an administrator has ended your session" in finish(alice).stderr
        # A ban counts where people come in.
        console.expect("root@bastion> ")
        console.type(f"ban add {elsewhere}\r")
        until(lambda: not comes_in(), "whoever comes from there is refused")
        console.expect("root@bastion> ")
        console.type(f"ban lift {elsewhere}\r")
        until(comes_in, "and is not any more")


def test_sessions_of_a_process_that_lives_are_not_closed_by_another_one(own_lab, bastion):
    alice = own_lab.session()
    (id,) = until(lambda: set(listed(own_lab)), "alice is listed")
    upgrade(bastion)
    upgrade(bastion)
    rows = {row["id"]: row for row in json.loads(bastion.admin("session", "list", "--json", "--all"))}
    assert rows[id]["closed"] is None
    assert finish(alice).status == 3
    ended = lambda: {row["id"]: row for row in json.loads(bastion.admin("session", "list", "--json", "--all"))}[id]
    until(lambda: ended()["closed"] is not None, "its end is written down")
    assert ended()["reason"] != "server_killed"


@pytest.mark.lab_with(settings={"handover_limit": 8})
def test_who_stays_is_told_before_the_limit_and_ended_at_it(own_lab, bastion):
    with own_lab.client.terminal("alice", "bastion", columns=200) as alice:
        alice.expect(r"\$ ")
        upgrade(bastion)
        alice.expect("this session ends in [12] seconds?: the bastion was upgraded or reconfigured; log in again to go on")
        alice.expect("closed: the bastion was upgraded or reconfigured [89] seconds ago; log in again to go on")
    until(lambda: len(bastion.generations()) == 1, "the older process has ended")
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


@pytest.mark.threaded
@pytest.mark.lab_with(settings={"drain_timeout": 1})
def test_to_stop_is_to_stop_every_process(own_lab, bastion):
    oldest = own_lab.session()
    upgrade(bastion)
    older = own_lab.session("bob")
    upgrade(bastion)
    newest = own_lab.session()
    everybody = bastion.generations()
    assert len(everybody) == 3
    bastion.terminate()
    assert bastion.ended() == 0
    for client in (oldest, older, newest):
        assert "the bastion is shutting down" in finish(client).stderr
    assert not any(os.path.exists(f"/proc/{pid}") for pid in everybody)
    bastion.start()


@pytest.mark.lab_with(settings={"max_sessions_per_user": 1})
def test_sessions_in_an_older_process_count_for_what_a_user_may_have(own_lab, bastion):
    alice = own_lab.session()
    upgrade(bastion)
    refused = until(lambda: (once := own_lab.ssh("alice", "true")).status == 255 and once, "one more is refused")
    assert "you have 1 sessions already" in refused.stderr
    own_lab.ssh("bob", "true").succeeded()
    assert finish(alice).status == 3
    until(lambda: own_lab.ssh("alice", "true").status == 0, "there is room again")


def test_a_process_that_is_killed_takes_all_of_it_along(own_lab, bastion):
    """Whoever started it starts it anew."""
    os.kill(bastion.pid, signal.SIGKILL)
    assert bastion.ended() == 1
    bastion.waits_for_log("error: the process that serves was ended by SIGKILL")
    bastion.start()
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


def test_who_serves_cannot_have_another_one_started(own_lab, bastion):
    """Its socket to the supervisor, in the hands of whoever has taken it."""
    bastion.install(CRASHES)
    serving = bastion.pid
    stolen = socket.socket(fileno=_descriptor_of(serving, 0))
    for message in (b"h", b"rzzzz 1 1", b"l", b"f", b"?", b"a0", b"x" * 16384):
        stolen.send(message)
    stolen.close()
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
    assert bastion.generations() == [serving]
    assert "handed over" not in bastion.log
    bastion.install()
    assert bastion.serves_too().status == 1  # the state directory is not given up either


def test_who_was_a_stranger_becomes_a_session_where_it_was(own_lab, bastion):
    with own_lab.client.connect(BASTION["front"], PORT) as stranger:
        assert stranger.recv(8) == b"SSH-2.0-"
        old = bastion.pid
        upgrade(bastion)
        stranger.sendall(b"SSH-2.0-Patience\r\n")
        assert stranger.recv(1 << 16)
        assert old in bastion.generations()
    until(lambda: bastion.generations() == [bastion.pid], "without it that process ends")


def test_systemd_is_told_when_it_begins_and_when_it_is_over(own_lab, bastion):
    notifications = bastion.notifications()
    bastion.install()
    bastion.send(signal.SIGHUP)
    assert notifications.told().startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert notifications.told() == "READY=1"
    notifications.close()


def test_a_forward_stays(own_lab, bastion):
    with Greeter("the box", namespace=own_lab.container("alice").namespace) as greeter:
        with own_lab.logged_in("alice", "-L", f"7022:localhost:{greeter.port}"):
            assert said_by(own_lab.client.connect("127.0.0.1", 7022)) == "the box"
            upgrade(bastion)
            assert said_by(own_lab.client.connect("127.0.0.1", 7022)) == "the box"


def test_a_tunnel_stays(own_lab, bastion):
    """`ssh -J`: the user's own session with the container, whose bytes the bastion does not read."""
    alice = own_lab.client
    known = alice.folder / "known-through"
    known.write_text(f"10.0.3.100 {own_lab.backend('alice').host_key}\n" + (alice.folder / "known_hosts").read_text())
    jump = " ".join(map(str, alice.ssh_line("alice", "bastion", None, "-W", "%h:%p")))
    through = ["ssh", "-o", f"ProxyCommand={jump}", "-o", f"UserKnownHostsFile={known}", "-o", "BatchMode=yes"]
    identity = ["-i", own_lab.key("alice").path, "-o", "IdentitiesOnly=yes", "-F", "none"]
    inner = alice.start(*through, *identity, "alice@10.0.3.100", "echo up; cat; exit 3")
    assert inner.stdout.readline() == b"up\n"
    upgrade(bastion)
    echoes(inner)
    assert finish(inner).status == 3
