"""Whoever watches the bastion: metrics that are right, health that is proven, readiness that ends before the bastion does."""

import ctypes
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading

import pytest

import examples
import scrapes
from lab import until
from lab.client import echoes, finish
from scrapes import Scraped, asks, figures, samples, sees

pytestmark = [pytest.mark.bastion_only, pytest.mark.lab_with(settings=scrapes.SETTINGS)]

PAGE = {page.name: page for page in examples.PAGES}["METRICS.md"]


class Held:
    """One thread of a process that does not run while this lasts (ptrace(2)). A tracer is a thread: it has its own."""

    _ATTACH, _DETACH = 16, 17

    def __init__(self, thread):
        self._thread, self._held, self._enough = thread, threading.Event(), threading.Event()
        self._tracer = threading.Thread(target=self._trace)

    def _trace(self):
        ptrace = ctypes.CDLL(None, use_errno=True).ptrace
        ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        assert ptrace(self._ATTACH, self._thread, None, None) == 0
        os.waitpid(self._thread, 0x40000000)  # __WALL
        self._held.set()
        self._enough.wait()
        ptrace(self._DETACH, self._thread, None, None)

    def __enter__(self):
        self._tracer.start()
        assert self._held.wait(20)

    def __exit__(self, *_):
        self._enough.set()
        self._tracer.join()


def test_what_happens_is_counted(own_lab):
    before = figures(own_lab)
    alice = own_lab.session()
    assert own_lab.ssh("bob", "head -c 100000 /dev/zero | wc -c").stdout == "100000"
    assert own_lab.ssh("nobody", "true").status == 255
    ends = 'bastion_sessions_ended_total{reason="ok"}'
    until(lambda: figures(own_lab)[ends] == before[ends] + 1, "the end of a session is counted")
    # What threads carry is as old as when they were last asked, each for itself.
    carried = {"bastion_sessions": 1, "bastion_channels": 1, "bastion_tunnels": 0, "bastion_strangers": 0, "bastion_hops": 2}
    until(lambda: carried.items() <= figures(own_lab).items(), "one session is left, and the hops of both")
    now = figures(own_lab)
    grew = lambda name: now[name] - before[name]
    assert grew('bastion_logins_total{method="publickey",result="accepted",reason="ok"}') == 2
    assert sum(grew(name) for name in before if name.startswith("bastion_logins_total") and "failed" in name) == 1
    assert grew('bastion_container_logins_total{result="done",reason="ok"}') == 2
    assert grew('bastion_auth_denials_total{method="publickey"}') >= 1
    for phase in ("handshake", "authentication", "route", "hops", "container_login"):
        assert grew(f'bastion_login_phase_seconds_count{{phase="{phase}"}}') >= 2, phase
    assert grew('bastion_dials_total{result="done"}') == grew("bastion_dial_seconds_count") >= 2
    assert grew("bastion_store_records_total") > 0 and now["bastion_store_records_lost_total"] == 0
    assert now["process_open_fds"] > 10 and now["process_resident_memory_bytes"] > 1e6
    assert now["process_cpu_seconds_total"] > 0 and now["process_threads"] > 10
    assert finish(alice).status == 3


def test_nothing_that_anybody_says_becomes_a_label(own_lab):
    for name in ("mallory", 'x"} 1', "alice+evil"):
        own_lab.ssh(name, "true")
    own_lab.ssh("alice", "true")
    _, body = asks(own_lab, "/metrics")
    for said in ("mallory", "evil", "alice", "be1", "SHA256", "10.1."):
        assert said not in body


def test_the_bytes_of_sessions_only_grow(own_lab):
    carried = 'bastion_channel_bytes_total{from="containers"}'
    last = figures(own_lab)[carried]
    for _ in range(3):
        own_lab.ssh("alice", "head -c 300000 /dev/zero").succeeded()
        now = figures(own_lab)[carried]
        assert now >= last
        last = now
    until(lambda: figures(own_lab)[carried] >= 900_000, "all of it is counted")


def test_promtool_has_nothing_to_complain_of(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    _, body = asks(own_lab, "/metrics")
    checked = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_health_is_that_every_loop_turns(own_lab):
    assert asks(own_lab, "/healthz") == (200, "ok\n")
    with Held(own_lab.bastion.pid):
        until(lambda: asks(own_lab, "/healthz")[0] == 503, "it says that a loop stands still")
        assert re.fullmatch(r"main 0 has not turned for \d+ s\n", asks(own_lab, "/healthz")[1])
        assert asks(own_lab, "/readyz")[0] == 503
        assert figures(own_lab)['bastion_loop_lag_seconds{loop="main",number="0"}'] >= 5
    until(lambda: asks(own_lab, "/healthz") == (200, "ok\n"), "it turns again")


def test_readiness_ends_when_it_drains_and_when_the_database_is_gone(own_lab):
    assert asks(own_lab, "/readyz") == (200, "ok\n")
    database = own_lab.bastion.state / "bastion.db"
    database.rename(own_lab.bastion.state / "elsewhere")
    status, why = asks(own_lab, "/readyz")
    assert status == 503 and "bastion.db" in why
    assert asks(own_lab, "/healthz") == (200, "ok\n")
    (own_lab.bastion.state / "elsewhere").rename(database)
    assert asks(own_lab, "/readyz") == (200, "ok\n")
    alice = own_lab.session()
    own_lab.bastion.terminate()
    until(lambda: asks(own_lab, "/readyz") == (503, "draining\n"), "it says that it drains")
    assert asks(own_lab, "/healthz") == (200, "draining\n")
    assert finish(alice).status == 3
    assert own_lab.bastion.ended() == 0


def test_an_address_that_is_taken_keeps_nobody_out(own_lab):
    own_lab.bastion.terminate()
    assert own_lab.bastion.ended() == 0
    with own_lab.bastion.namespace.entered():
        other = socket.create_server(("127.0.0.1", 9222))
    own_lab.bastion.start()
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
    own_lab.waits_for_log("nobody can watch this bastion for now")
    other.close()
    until(lambda: asks(own_lab, "/readyz")[0:1] == (200,), "it has the address")


ACCEPTED = 'bastion_logins_total{method="publickey",result="accepted",reason="ok"}'
ENDED = 'bastion_sessions_ended_total{reason="ok"}'


def hands_over(lab, turn):
    lab.bastion.configure(workers=1 + turn % 3)
    lab.bastion.hands_over()


@pytest.mark.threaded
def test_what_is_counted_is_that_of_every_process(own_lab):
    held = []
    with Scraped(own_lab) as scraped:
        for turn in range(3):
            held.append(own_lab.session())
            assert own_lab.ssh("bob", "head -c 100000 /dev/zero | wc -c").stdout == "100000"
            hands_over(own_lab, turn)
            sees(own_lab, generations=turn + 2, generations_silent=0, sessions=turn + 1, channels=turn + 1)
            counted = samples(asks(own_lab, "/metrics")[1])
            assert (counted[ACCEPTED], counted[ENDED]) == (2 * turn + 2, turn + 1)
        echoes(held[0])
        for left, client in reversed(list(enumerate(held))):
            assert finish(client).status == 3
            sees(own_lab, generations=left + 1, sessions=left)
        scraped.more()
    assert scraped.less == []
    counted = samples(asks(own_lab, "/metrics")[1])
    assert (counted[ACCEPTED], counted[ENDED]) == (6, 6)
    carried = counted['bastion_channel_bytes_total{from="containers"}']
    assert carried >= 6 + len("100000\n") * 3


def test_a_process_that_hangs_holds_up_nobody_who_watches(own_lab):
    client = own_lab.session()
    hangs = own_lab.bastion.pid
    hands_over(own_lab, 0)
    sees(own_lab, generations=2, sessions=1)
    accepted = samples(asks(own_lab, "/metrics")[1])[ACCEPTED]
    os.kill(hangs, signal.SIGSTOP)
    sees(own_lab, generations=2, generations_silent=1, sessions=0)
    assert samples(asks(own_lab, "/metrics")[1])[ACCEPTED] == accepted, "what it has counted stays"
    assert asks(own_lab, "/healthz") == (200, "ok\n")
    os.kill(hangs, signal.SIGCONT)
    sees(own_lab, generations=2, generations_silent=0, sessions=1)
    assert finish(client).status == 3
    sees(own_lab, generations=1, sessions=0)


def test_examples_of_the_page(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    for example in examples.examples(PAGE):
        if example.is_run:
            line = own_lab.bastion.namespace.command("sh", "-euc", example.text)
            subprocess.run([*map(str, line)], check=True, timeout=60)
        elif example.language == "toml":
            assert example.text in "".join(f'{key} = {json.dumps(value)}\n' for key, value in [("metrics", "127.0.0.1:9222")])


def test_a_unix_socket_is_for_user_and_group(own_lab):
    file = pathlib.Path(own_lab.folder) / "metrics.sock"
    own_lab.bastion.terminate()
    assert own_lab.bastion.ended() == 0
    own_lab.bastion.configure(metrics=f"unix:{file}")
    own_lab.bastion.start()
    until(file.exists, "the socket is there")
    assert file.stat().st_mode & 0o777 == 0o660
    said = subprocess.run(["curl", "--fail", "--silent", "--unix-socket", file, "http://bastion/readyz"], capture_output=True, check=False)
    assert (said.returncode, said.stdout) == (0, b"ok\n")
    own_lab.bastion.terminate()
    assert own_lab.bastion.ended() == 0
    assert not file.exists()
