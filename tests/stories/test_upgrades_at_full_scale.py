"""A day of upgrades on a bastion that is in use: many stream, idle, tunnel and log in, an administrator looks on, somebody
scrapes, and what is installed is not always right. Nobody notices but whoever is still there at the limit."""

import contextlib
import json
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab import until
from lab.client import echoes, finish
from lab.service import Service
from scrapes import SETTINGS, Scraped, figures, sees
from upgrades import CRASHES, Logins, Stream, installed, listed, upgrade

pytestmark = pytest.mark.bastion_only

_STREAMS = 30
_IDLE_FIRST, _IDLE_LATER = 4, 2  # before the first upgrade, and after each
_TUNNELS = 5
_USERS = ["alice", "bob", "alice+db"]
_PORT = 7007
_AT_ONCE = 6  # who come at the beginning: the story is of what follows


class Echo(Service):
    """Says back what it is told, behind a tunnel."""

    def __init__(self, namespace):
        with namespace.entered():
            super().__init__(socket.create_server(("0.0.0.0", _PORT)))

    def answer(self, peer):
        threading.Thread(target=self._say_back, args=(peer.dup(),), daemon=True).start()

    @staticmethod
    def _say_back(peer):
        with peer, contextlib.suppress(OSError):
            while part := peer.recv(65536):
                peer.sendall(part)


def come(lab, count):
    """So many sessions, of all users. What they run in ends with the thread that has started it."""
    all = []
    for first in range(0, count, _AT_ONCE):
        users = (_USERS * count)[first : min(first + _AT_ONCE, count)]
        some = [lab.client.start(*lab.client.ssh_line(user, "bastion", "echo up; cat; exit 3")) for user in users]
        for client in some:
            assert client.stdout.readline() == b"up\n"
        all += some
    return all


def tunnels(lab):
    """`ssh -W`: whoever is at their ends is no ssh."""
    line = lab.client.ssh_line("alice", "bastion", None, "-W", f"web:{_PORT}")
    clients = [lab.client.start(*line) for _ in range(_TUNNELS)]
    for client in clients:
        echoes(client)
    return clients


def at_rest(lab):
    """Of those who stay, who have heard only the first word."""
    return [row for row in listed(lab).values() if row["bytes_from_container"] == len("up\n")]


class Console:
    """An administrator's, which is left open all day."""

    def __init__(self, lab, stack):
        self._terminal = stack.enter_context(lab.client.terminal("root", "bastion", "-s", "-t", "-t", "admin", columns=200))
        self._terminal.expect("root@bastion> ")

    def shows(self, id):
        self._terminal.type(f"session show {id}\r")
        self._terminal.expect(rf"id +{id}")
        self._terminal.expect("root@bastion> ")


def refused(bastion, why):
    """What was installed or written does not serve, and the process that does stays."""
    serving, generations = bastion.pid, bastion.generations()
    bastion.send(signal.SIGHUP)
    bastion.waits_for_log(why)
    until(lambda: bastion.generations() == generations, "those of before are left")
    assert bastion.pid == serving


@pytest.mark.lab_with(settings=SETTINGS)
def test_a_day_of_upgrades(own_lab):
    lab, bastion = own_lab, installed(own_lab)
    workers = bastion.workers
    with contextlib.ExitStack() as stack:
        stack.enter_context(Echo(lab.container("alice").namespace))
        console = Console(lab, stack)
        streams = [Stream(client, pause=0.25, size=8192) for client in come(lab, _STREAMS)]
        idle = come(lab, _IDLE_FIRST)
        tunneled = tunnels(lab)
        scraped = stack.enter_context(Scraped(lab, pause=0.5))
        # Ten logins a second where the machine has room for them.
        with Logins(lab, users=_USERS + ["bob"], pause=0.4) as logins:
            for turn in range(3):
                upgrade(bastion)
                logins.more(len(_USERS))
                idle += come(lab, _IDLE_LATER)
                console.shows(max(at_rest(lab), key=lambda row: row["opened"])["id"])
                sees(lab, generations=turn + 2, generations_silent=0, tunnels=_TUNNELS)
            bastion.install(CRASHES)
            refused(bastion, "it was ended by SIGSEGV before it was ready")
            bastion.install()
            bastion.configure(workers="many")
            refused(bastion, "workers must be a number from 0 to 256")
            bastion.configure(workers=workers)
            for stream in streams:
                stream.moves_on()
            logins.more(len(_USERS))
        assert logins.failed == []
        everybody = len(streams) + len(idle) + len(tunneled) + 1
        until(lambda: len(listed(lab)) == everybody, "all who stay are listed")
        sees(lab, generations=4, sessions=everybody, channels=everybody, tunnels=_TUNNELS)
        assert figures(lab)['bastion_logins_total{method="publickey",result="accepted",reason="ok"}'] == everybody + logins.count
        for client in idle + tunneled:
            echoes(client)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(Stream.ends_whole, streams))
            assert {outcome.status for outcome in pool.map(finish, idle)} == {3}
            list(pool.map(finish, tunneled))
        sees(lab, generations=2, sessions=1)  # the console's is the oldest
        stays = stack.enter_context(lab.client.terminal("alice", "bastion", columns=200))
        stays.expect(r"\$ ")
        bastion.configure(handover_limit=8)
        upgrade(bastion)
        stays.expect("this session ends in [12] seconds?: the bastion was upgraded or reconfigured; log in again to go on")
        stays.expect("closed: the bastion was upgraded or reconfigured [89] seconds ago; log in again to go on")
        scraped.more()
        assert scraped.less == []
    until(lambda: len(bastion.generations()) == 1, "the older processes have ended")
    reasons = {row["reason"] for row in json.loads(bastion.admin("session", "list", "--all", "--limit", "1000", "--json"))}
    assert reasons == {"ok", "handed_over"}
