"""Whoever reads the log may stand still, go away, or never have been there: that costs lines, and nobody's session."""

import fcntl
import os
import pty
import re
import socket
import termios

import pytest

from lab import until
from lab.client import finish
from lab.lab import PORT
from lab.topology import BASTION

pytestmark = pytest.mark.bastion_only

# Enough to fill what the bastion keeps for a reader: two lines each, at the level debug.
STRANGERS = 11_000


class Reader:
    """The reading end of a pipe that holds little."""

    def __init__(self):
        self._pipe, self.end = os.pipe()
        fcntl.fcntl(self.end, fcntl.F_SETPIPE_SZ, 4096)
        os.set_blocking(self._pipe, False)
        self.text = ""

    def reads(self):
        """What has come until now."""
        try:
            while some := os.read(self._pipe, 65536):
                self.text += some.decode()
        except BlockingIOError:
            pass
        return self.text

    def close(self):
        os.close(self._pipe)


def restart(lab, **how):
    lab.bastion.terminate()
    assert lab.bastion.ended() == 0
    lab.bastion.start(**how)


@pytest.fixture
def reader(own_lab):
    """Reads the log of the bastion, when it is told to."""
    reader = Reader()
    restart(own_lab, log=reader.end)
    os.close(reader.end)
    return reader


def goes_on(lab, client):
    client.stdin.write(b"still here\n")
    client.stdin.flush()
    assert client.stdout.readline() == b"still here\n"
    assert lab.ssh("bob", "echo $BOX").stdout == "be2/bob"


def ends(lab):
    lab.bastion.terminate()
    assert lab.bastion.ended() == 0


def knock(lab, times):
    """Strangers who are greeted, say nothing and leave."""
    with lab.client.namespace.entered():
        for _ in range(times):
            with socket.create_connection((BASTION["front"], PORT)) as stranger:
                assert stranger.recv(1)


@pytest.mark.threaded
def test_a_reader_that_stands_still_costs_lines_which_are_counted(own_lab, reader):
    alice = own_lab.session()
    knock(own_lab, STRANGERS)
    goes_on(own_lab, alice)
    until(lambda: "warning: the log was not read: lines lost count=" in reader.reads(), "the reader is told what it has missed")
    own_lab.bastion.terminate()
    until(lambda: reader.reads() and not own_lab.bastion.is_running(), "it ends")
    assert own_lab.bastion.ended() == 0
    finish(alice)
    lines = reader.reads().splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:.]{12} (debug|info|warning|error): ", line) for line in lines)
    assert lines[-1].endswith(" info: stopped")


@pytest.mark.threaded
def test_nobody_waits_for_a_reader_that_stands_still(own_lab, reader):
    alice = own_lab.session()
    for _ in range(20):
        own_lab.ssh("bob", "true").succeeded()
    goes_on(own_lab, alice)
    finish(alice)
    ends(own_lab)
    assert "listening on" in reader.reads()


def test_a_reader_that_is_gone_is_not_missed(own_lab, reader):
    alice = own_lab.session()
    reader.close()
    goes_on(own_lab, alice)
    finish(alice)
    ends(own_lab)


def test_without_standard_error_it_serves_as_ever(own_lab):
    restart(own_lab, through=["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"])
    open_as = lambda pid, numbers: [os.readlink(f"/proc/{pid}/fd/{number}") for number in numbers]
    assert open_as(own_lab.bastion.supervisor, range(3)) == ["/dev/null"] * 3
    assert open_as(own_lab.bastion.pid, (1, 2)) == ["/dev/null"] * 2
    alice = own_lab.session()
    goes_on(own_lab, alice)
    finish(alice)
    ends(own_lab)


def test_a_full_disk_costs_the_log_alone(own_lab):
    with open("/dev/full", "wb") as disk:
        restart(own_lab, log=disk)
    alice = own_lab.session()
    goes_on(own_lab, alice)
    finish(alice)
    ends(own_lab)


def test_a_terminal_that_was_stopped_stops_nothing_else(own_lab):
    master, terminal = pty.openpty()
    restart(own_lab, log=terminal)
    termios.tcflow(terminal, termios.TCOOFF)
    alice = own_lab.session()
    goes_on(own_lab, alice)
    finish(alice)
    ends(own_lab)
    os.close(terminal)
    os.close(master)
