"""The service under a systemd that is the first process of a machine: what the unit promises, and what its sandbox lets
through. The machine is one for all of these tests, and each leaves it as it was."""

import contextlib
import json
import re

from frozen import frozen, threads
from lab.client import echoes, finish
from lab.deadline import until

FAST = "[Service]\nWatchdogSec=4\n"


@contextlib.contextmanager
def handover(booted):
    """What is done in the block leads to another process that serves."""
    before = booted.serving()
    yield
    until(lambda: booted.serving() != before and booted.property("ActiveState") == "active", "another process serves")


def install_another(booted):
    """The program is another file, as after an upgrade, and is asked to serve."""
    with handover(booted):
        booted.run("sh", "-c", "cp /usr/bin/bastion /usr/bin/bastion.new && mv /usr/bin/bastion.new /usr/bin/bastion")
        booted.run("systemctl", "reload", "bastion")


def test_its_status_says_what_it_carries(booted):
    assert booted.property("ActiveState") == "active"
    until(lambda: booted.property("StatusText") == "0 sessions", "the status is there")
    with booted.logged_in("alice"):
        until(lambda: 'Status: "1 session"' in booted.run("systemctl", "status", "bastion"), "the status counts a session")
    until(lambda: booted.property("StatusText") == "0 sessions", "the status has counted down")


def test_it_is_confined_as_the_unit_says(booted):
    exposure = booted.run("systemd-analyze", "security", "bastion.service")
    (level,) = re.findall(r"exposure level for bastion.service: ([\d.]+)", exposure)
    assert float(level) <= 1.5
    for pid in booted.processes():
        status = booted.run("cat", f"/proc/{pid}/status")
        assert re.search(r"^NoNewPrivs:\t1$", status, re.MULTILINE) and re.search(r"^Seccomp:\t2$", status, re.MULTILINE)


def test_users_do_in_the_sandbox_what_they_do(booted):
    assert booted.login("alice", "id -un").succeeded().stdout == "alice"
    seen = booted.login("alice", "tty; exit 7", options=["-tt"])
    assert seen.status == 7 and seen.stdout.startswith("/dev/pts/")
    folder = booted.client.folder
    (folder / "sent").write_bytes(bytes(range(256)) * 4096)
    batch = "put sent there\nget there back\n"
    booted.client.run("sftp", *booted.options("alice"), "-b", "-", "alice@127.0.0.1", input=batch).succeeded()
    assert (folder / "back").read_bytes() == (folder / "sent").read_bytes()
    with booted.logged_in("alice", "-L", "127.0.0.1:7022:127.0.0.1:2022"):
        assert booted.client.run("ssh-keyscan", "-p", "7022", "127.0.0.1").succeeded().stdout
    banner = booted.client.run("timeout", "20", "ssh", *booted.options("bob"), "-W", "web:2022", "bob@127.0.0.1")
    assert "SSH-2.0-OpenSSH" in banner.stdout


def test_administrators_do_in_the_sandbox_what_they_do(booted):
    assert "be1" in booted.login("you", "admin", "backend", "list", options=["-s"]).succeeded().stdout
    config = "Host gw\n  HostName 192.0.2.12\nHost dev\n  HostName 10.0.3.7\n  User carol\n  ProxyJump hop@gw\n"
    imported = booted.login("you", "admin", "import", "ssh-config", "-", "--dry-run", options=["-s"], input=config)
    assert "gw" in imported.succeeded().stdout
    assert "yes" in booted.login("you", "admin", "explain", "alice", options=["-s"]).succeeded().stdout
    booted.run("systemctl", "start", "bastion-backup.service")
    backup = booted.run("sh", "-c", "ls /var/lib/bastion/backups/*.db").split()[-1]
    with booted.logged_in("alice") as session:
        assert booted.admin("restore", backup, "--yes")
        echoes(session)


def test_it_is_watched_at_its_socket(booted):
    before = booted.run("cat", "/etc/bastion/bastion.toml")
    with handover(booted):
        booted.configure('metrics = "unix:/run/bastion/metrics.sock"\n')
    ask = lambda page: booted.run("curl", "--silent", "--unix-socket", "/run/bastion/metrics.sock", f"http://bastion/{page}")
    until(lambda: ask("healthz") == "ok\n", "it is healthy")
    assert ask("readyz") == "ok\n" and "bastion_loop_lag_seconds" in ask("metrics")
    with handover(booted):
        booted.configure(before)


def test_the_audit_is_given_to_the_journal_by_its_service_and_by_hand(booted):
    booted.run("bastion", "admin", "user", "add", "journaled")
    booted.run("systemctl", "start", "bastion-audit")
    until(lambda: "journaled" in booted.run("journalctl", "--no-pager", "--identifier=bastion-audit"), "the service has given the row away")
    booted.run("systemctl", "stop", "bastion-audit")
    program = ["systemd-cat", "--identifier=by-hand"]
    booted.run("bastion", "audit", "forward", "--cursor", "/var/lib/bastion/by-hand.cursor", "--once", "--", *program)
    until(lambda: "journaled" in booted.run("journalctl", "--no-pager", "--identifier=by-hand"), "the row is in the journal")
    booted.run("rm", "/var/lib/bastion/by-hand.cursor")
    booted.run("bastion", "admin", "user", "remove", "journaled", "--yes")


def test_a_reload_keeps_the_session_whether_or_not_the_program_is_another_one(booted):
    supervisor = booted.property("MainPID")
    with booted.logged_in("alice") as session:
        before, read = booted.serving(), booted.journal().count("configuration read again")
        booted.run("systemctl", "reload", "bastion")
        until(lambda: booted.journal().count("configuration read again") > read, "the configuration is read again")
        assert booted.serving() == before
        echoes(session)
        install_another(booted)
        echoes(session)
        assert booted.login("bob", "id -un").succeeded().stdout == "bob"
        until(lambda: "1 session in an older process" in booted.property("StatusText"), "the status has the older process")
    until(lambda: booted.property("StatusText") == "0 sessions", "the older process is gone")
    assert booted.property("MainPID") == supervisor and booted.property("NRestarts") == "0"


def since_start(booted):
    times = [int(booted.property(f"{name}TimestampMonotonic")) for name in ("Watchdog", "ActiveEnter")]
    return times[0] - times[1]


def test_one_that_hangs_is_started_anew_and_one_that_works_is_not(booted):
    booted.drop_in("fast", FAST)
    try:
        booted.run("systemctl", "restart", "bastion")
        until(lambda: since_start(booted) > 5_000_000, "the watchdog was fed for longer than it waits")
        assert booted.property("NRestarts") == "0"
        hangs = booted.serving()
        booted.run("kill", "-STOP", str(hangs))
        until(lambda: booted.property("NRestarts") == "1", "systemd has started it anew", seconds=40)
        until(lambda: booted.property("ActiveState") == "active", "it is ready")
        assert "Watchdog timeout" in booted.journal() and str(hangs) not in map(str, booted.processes())
        assert booted.login("alice", "id -un").succeeded().stdout == "alice"
    finally:
        booted.drop_in("fast", None)
        booted.run("systemctl", "restart", "bastion")


def test_one_loop_that_stands_still_is_enough(booted):
    booted.drop_in("fast", FAST)
    try:
        booted.run("systemctl", "restart", "bastion")
        (thread,) = [number for name, number in threads(booted.outside(booted.serving())) if name == "worker"][:1]
        with frozen(thread):
            until(lambda: "worker 0 has not turned for" in booted.property("StatusText"), "the status says which", seconds=40)
            until(lambda: booted.property("NRestarts") == "1", "systemd has started it anew", seconds=40)
        until(lambda: booted.property("ActiveState") == "active", "it is ready")
        assert "error: worker 0 has not turned for" in booted.journal()
        assert booted.login("alice", "id -un").succeeded().stdout == "alice"
    finally:
        booted.drop_in("fast", None)
        booted.run("systemctl", "restart", "bastion")


def test_sessions_that_come_to_an_end_have_their_time_whatever_the_watchdog_waits(booted):
    before = booted.run("cat", "/etc/bastion/bastion.toml")
    booted.drop_in("fast", FAST)
    booted.configure("drain_timeout = 8\n")
    try:
        booted.run("systemctl", "restart", "bastion")
        with booted.logged_in("alice") as session:
            booted.run("systemctl", "stop", "bastion")
            session.wait(20)
            assert "shutting down" in finish(session).stderr
        assert booted.property("Result") == "success"
        began, ended = [int(booted.property(f"{name}TimestampMonotonic")) for name in ("ActiveExit", "InactiveEnter")]
        assert ended - began > 7_000_000
    finally:
        booted.run("sh", "-c", "cat >/etc/bastion/bastion.toml", input=before)
        booted.drop_in("fast", None)
        booted.run("systemctl", "restart", "bastion")


def test_an_older_process_that_hangs_ends_alone(booted):
    booted.drop_in("fast", FAST)
    try:
        booted.run("systemctl", "restart", "bastion")
        with booted.logged_in("alice"):
            older = booted.serving()
            install_another(booted)
            with booted.logged_in("bob") as session:
                booted.run("kill", "-STOP", str(older))
                until(lambda: older not in booted.processes(), "the one that hangs is gone", seconds=40)
                echoes(session)
        assert "a process that was handed over from stands still, and is killed" in booted.journal()
        assert booted.property("NRestarts") == "0"
    finally:
        booted.drop_in("fast", None)
        booted.run("systemctl", "restart", "bastion")


def test_socket_units_stand_in_the_place_of_its_own_sockets(booted):
    over = {"IPv4": ("127.0.0.1", []), "IPv6": ("::1", []), "unix": ("bastion", ["-o", "ProxyCommand=nc -U /run/bastion.sock"])}
    booted.put(booted.key_of("alice").path, "/root/alice")
    booted.run("chmod", "600", "/root/alice")
    here = ["ssh", "-F", "none", "-i", "/root/alice", "-o", "StrictHostKeyChecking=no", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR"]

    def all_lead_in():
        for name, (address, options) in over.items():
            assert booted.run(*here, *options, f"alice@{address}", "id -un") == "alice\n", name

    booted.run("systemctl", "stop", "bastion")
    booted.run("systemctl", "enable", "--now", "bastion.socket")
    try:
        assert booted.property("ActiveState") == "inactive"
        all_lead_in()  # the first one starts it
        assert booted.property("ActiveState") == "active"
        listens = booted.run("ss", "-Hltn")
        assert ":22 " in listens and ":2222 " not in listens
        assert "listening on unix:/run/bastion.sock, which a socket unit has opened" in booted.journal()
        rows = json.loads(booted.admin("session", "list", "--all", "--limit", "3", "--json"))
        assert [row["from"] for row in rows] == ["127.0.0.1", "::1", "127.0.0.1"]  # the newest came through the unix socket

        install_another(booted)
        all_lead_in()
        booted.run("systemctl", "restart", "bastion")
        all_lead_in()
    finally:
        booted.run("systemctl", "disable", "--now", "bastion.socket")
        booted.run("systemctl", "restart", "bastion")
