"""A backend at the end of a long line: everybody has a connection of their own there, and what stands still is noticed."""

import subprocess

import pytest

from lab import until
from lab.client import finish

pytestmark = pytest.mark.bastion_only


@pytest.mark.lab_with(settings={"workers": 1}, backends=("be2",), distant=True)
def test_each_login_finds_a_connection_that_nobody_has(own_lab):
    own_lab.line.becomes(round_trip=0.06)
    with own_lab.logged_in("bob"):
        until(lambda: own_lab.log.count("hop connected backend=be2") == 2, "one is in reserve")
        with own_lab.logged_in("alice+db"):
            until(lambda: own_lab.log.count("hop connected backend=be2") == 3, "one more is in reserve")
    assert own_lab.ssh("bob", "echo $BOX").stdout == "be2/bob"
    assert own_lab.hop_connections("be2") == 3


@pytest.mark.lab_with(settings={"workers": 1}, backends=("be2",), distant=True)
def test_a_line_that_loses_large_packets_only(own_lab):
    """As where a tunnel on the way is too narrow and nobody says so."""
    ticking = own_lab.client.start(*own_lab.client.ssh_line("bob", "bastion", "while sleep 0.1; do echo tick; done"))
    assert ticking.stdout.readline() == b"tick\n"
    copying = own_lab.client.start(*own_lab.client.ssh_line("alice+db", "bastion", "echo up >&2; wc -c"))
    assert copying.stderr.readline() == b"up\n"
    own_lab.line.becomes(largest=1000)
    source = subprocess.Popen(["head", "-c", "4000000", "/dev/zero"], stdout=copying.stdin)
    until(lambda: "hop stands still backend=be2 channels=2 why=\"large packets" in own_lab.log, "the log says so")
    own_lab.line.becomes(largest=1536)
    assert source.wait(30) == 0
    outcome = finish(copying)
    assert (outcome.status, outcome.stdout) == (0, "4000000")
    until(lambda: "hop flows again backend=be2" in own_lab.log, "the log says that it is over")
    ticking.kill()
    ticking.communicate()
