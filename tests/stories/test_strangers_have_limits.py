"""Whoever fails again and again is refused for a while, whoever is silent makes room, and nobody else notices."""

import contextlib
import json
import re
import signal
import socket
import threading

import pytest

from lab import until
from lab.lab import PORT
from lab.topology import BASTION, CLIENT

pytestmark = pytest.mark.bastion_only

_SENTENCE = b"Not allowed at this time\r\n"

# A penalty that is over soon, for what a wrong key is; a look at the door costs nothing.
_SHORT = {"authfail": 4, "noauth": 0, "min": 6, "max": 8}
_LONG = {"authfail": 300, "noauth": 0, "min": 500, "max": 900}


def strict(penalties, **settings):
    return pytest.mark.lab_with(settings={"exempt": [], "penalties": penalties, "log_level": "info", **settings})


def live_at(lab, *addresses):
    """More addresses of the client's machine."""
    lab.client.namespace.ip(*(f"addr add {address}/24 dev front" for address in addresses))


def knocks(lab, address):
    """A connection from there, which says nothing."""
    with lab.client.namespace.entered():
        return socket.create_connection((BASTION["front"], PORT), timeout=20, source_address=(address, 0))


def is_refused(lab, address):
    """Whether nobody there is let in; it is told so in one line, as by sshd."""
    with knocks(lab, address) as connection:
        said = connection.recv(100)
        assert said.startswith(b"SSH-2.0-") or said == _SENTENCE
        return said == _SENTENCE


def fails(lab, address):
    """A login of alice with a key that is not hers."""
    line = ["ssh", *lab.client.options("stranger"), "-b", address, "alice@bastion", "true"]
    assert lab.client.run(*line).status == 255


def logs_in(lab, address, user="alice"):
    return lab.ssh(user, "true", "-b", address).status == 0


def bans(lab):
    return {ban["network"]: ban for ban in json.loads(lab.bastion.admin("ban", "list", "--json"))}


@strict(_SHORT)
def test_who_fails_again_and_again_is_refused_until_the_penalty_has_passed(own_lab):
    live_at(own_lab, "10.1.0.50", "10.1.0.51")
    fails(own_lab, "10.1.0.50")
    assert not is_refused(own_lab, "10.1.0.50"), "once is no reason"
    fails(own_lab, "10.1.0.50")
    until(lambda: is_refused(own_lab, "10.1.0.50"), "it is refused")
    assert logs_in(own_lab, "10.1.0.51"), "its neighbour is not"
    until(lambda: bans(own_lab).get("10.1.0.50", {}).get("cause") == "authfail", "it is listed")
    until(lambda: logs_in(own_lab, "10.1.0.50"), "it is let in again", 60)
    until(lambda: not bans(own_lab), "and is not listed any more")
    assert len(re.findall(r"connection refused from=10.1.0.50 port=\d+ reason=penalty", own_lab.log)) == 1


@strict(_LONG)
def test_a_penalty_outlives_the_bastion_and_can_be_lifted(own_lab):
    live_at(own_lab, "10.1.0.50")
    for _ in range(2):
        fails(own_lab, "10.1.0.50")
    until(lambda: "10.1.0.50" in bans(own_lab), "it is written")
    own_lab.restart_middle()
    assert is_refused(own_lab, "10.1.0.50")
    own_lab.bastion.admin("ban", "lift", "10.1.0.50")
    until(lambda: not is_refused(own_lab, "10.1.0.50"), "it is let in")
    assert logs_in(own_lab, "10.1.0.50")
    assert not bans(own_lab)


def test_a_ban_counts_at_once_and_ends_no_session(own_lab):
    live_at(own_lab, "10.1.0.50")
    with own_lab.logged_in("alice", "-b", "10.1.0.50") as alice:
        own_lab.bastion.admin("ban", "add", "10.1.0.50")
        until(lambda: is_refused(own_lab, "10.1.0.50"), "nobody new comes from there")
        assert logs_in(own_lab, CLIENT["front"])
        alice.stdin.write(b"still here\n")
        alice.stdin.flush()
        assert alice.stdout.readline() == b"still here\n"
        own_lab.restart_middle()
    assert is_refused(own_lab, "10.1.0.50"), "it is kept"
    assert bans(own_lab)["10.1.0.50"]["by"] == "local"
    own_lab.bastion.admin("ban", "lift", "10.1.0.50")
    until(lambda: logs_in(own_lab, "10.1.0.50"), "it is over")


def test_a_ban_of_a_network_that_ends_by_itself(own_lab):
    live_at(own_lab, "10.1.0.70", "10.1.0.200")
    own_lab.bastion.admin("ban", "add", "10.1.0.64/27", "--expires", "4s")
    until(lambda: is_refused(own_lab, "10.1.0.70"), "it counts")
    assert not is_refused(own_lab, "10.1.0.200")
    until(lambda: not is_refused(own_lab, "10.1.0.70"), "it is over")


def test_an_administrator_does_not_ban_where_they_come_from(own_lab):
    outcome = own_lab.client.run(*own_lab.client.ssh_line("root", "bastion", "admin", "-s"), "ban", "add", "10.1.0.0/24")
    assert outcome.status == 1
    assert outcome.stderr.strip() == "10.1.0.0/24 is where you come from"


@pytest.mark.lab_with(settings={"max_startups": "100:30:200", "max_startups_per_source": 20, "log_level": "info"})
def test_ten_addresses_with_twenty_silent_connections_lock_nobody_out(own_lab):
    addresses = [f"10.1.0.{number}" for number in range(50, 60)]
    live_at(own_lab, *addresses)
    with contextlib.ExitStack() as silent:
        for number in range(200):
            silent.enter_context(knocks(own_lab, addresses[number % 10]))
        until(lambda: logs_in(own_lab, CLIENT["front"]), "alice is let in")
        for user in ("alice", "bob", "alice", "bob"):
            until(lambda user=user: logs_in(own_lab, CLIENT["front"], user), "so is everybody")
        # Those who live where the silent ones do are, too, as soon as those have been silent for a second.
        for _ in range(4):
            until(lambda: logs_in(own_lab, addresses[0], "bob"), "bob is let in")
    lines = re.findall(r"connections? let go from=(\S+) .*reason=made_room", own_lab.log)
    assert lines and set(lines) <= {*addresses, "others"}
    assert len(lines) <= 2 * len(addresses), "a line for each address, and how many more there were"


@pytest.mark.lab_with(settings={"login_grace": 600, "log_level": "info"})
def test_who_sends_no_version_line_is_let_go(own_lab):
    own_lab.bastion.configure(version_grace=1)
    own_lab.bastion.send(signal.SIGHUP)
    until(lambda: "version_grace 10 -> 1" in own_lab.log, "it counts")
    with knocks(own_lab, CLIENT["front"]) as silent:
        assert silent.recv(100).startswith(b"SSH-2.0-")
        assert silent.recv(100) == b""
    until(lambda: re.search(r"connection let go from=\S+ port=\d+ reason=no_version_line", own_lab.log), "the log says so")


_RSA = ("-o", "HostKeyAlgorithms=rsa-sha2-512")


def rsa_key(lab, address):
    """What a stranger there is shown who wants the RSA host key: nothing, if nobody signs for it."""
    line = ["ssh", *lab.client.options("stranger"), "-b", address, *_RSA, "-v", "-o", "PreferredAuthentications=none"]
    return re.search(r"Server host key: ssh-rsa", lab.client.run(*line, "alice@bastion", "true").stderr)


@strict({**_LONG, "authfail": 0}, max_rsa_signatures_per_source=3)
def test_a_source_has_so_many_signatures_by_rsa_and_any_number_that_cost_little(own_lab):
    lab = own_lab
    live_at(lab, "10.1.0.50", "10.1.0.51")
    known = lab.client.folder / "rsa_known_hosts"
    scan = lab.client.run("ssh-keyscan", "-t", "rsa,ed25519", "-p", str(PORT), BASTION["front"]).succeeded().stdout
    known.write_text(scan)
    learned = ("-o", f"UserKnownHostsFile={known}")
    # Logins do not count, and neither do the key exchanges of those who have logged in.
    for _ in range(5):
        assert lab.ssh("alice", "true", *_RSA, *learned, "-b", "10.1.0.50").status == 0
    line = "head -c 10000000 /dev/zero"
    rekeys = lab.ssh("alice", line, *_RSA, *learned, "-b", "10.1.0.50", "-v", "-o", "RekeyLimit=64K").succeeded().stderr
    assert rekeys.count("SSH2_MSG_NEWKEYS received") > 4, "more than there are for strangers"
    for _ in range(3):
        assert rsa_key(lab, "10.1.0.50")
    until(lambda: not rsa_key(lab, "10.1.0.50"), "three of strangers are all there are")
    refused = lab.ssh("alice", "true", *_RSA, *learned, "-b", "10.1.0.50")
    assert refused.status == 255
    assert "too many signatures by RSA for this address within a minute" in refused.stderr
    until(
        lambda: re.search(r"connection let go from=10.1.0.50 port=\d+ reason=max_rsa_signatures_per_source", lab.log),
        "the log says so",
    )
    for _ in range(5):
        assert lab.ssh("alice", "true", *learned, "-o", "HostKeyAlgorithms=ssh-ed25519", "-b", "10.1.0.50").status == 0
    assert lab.ssh("alice", "true", *_RSA, *learned, "-b", "10.1.0.51").status == 0, "its neighbour is another source"
    lab.bastion.configure(max_rsa_signatures_per_source=0)
    lab.bastion.send(signal.SIGHUP)
    until(lambda: "max_rsa_signatures_per_source 3 -> 0" in lab.log, "it is read again")
    until(lambda: rsa_key(lab, "10.1.0.50"), "there is no limit any more")


@strict(_LONG, max_startups_per_source=20)
def test_neighbours_at_one_address_come_in_while_another_one_hammers(own_lab):
    live_at(own_lab, "10.1.0.50")
    assert logs_in(own_lab, "10.1.0.50"), "somebody there may come in"
    enough = threading.Event()
    line = ["ssh", *own_lab.client.options("stranger"), "-b", "10.1.0.50", "alice@bastion", "true"]

    def hammer():
        while not enough.is_set():
            own_lab.client.run(*line)

    hammers = [threading.Thread(target=hammer) for _ in range(4)]
    for each in hammers:
        each.start()
    try:
        until(lambda: "10.1.0.50" in bans(own_lab), "there is a penalty")
        for user in ("alice", "bob", "alice", "bob"):
            assert logs_in(own_lab, "10.1.0.50", user)
    finally:
        enough.set()
        for each in hammers:
            each.join()


@contextlib.contextmanager
def again_and_again(count, attempt):
    """So many who do it until the block ends."""
    enough = threading.Event()

    def go_on():
        while not enough.is_set():
            attempt()

    threads = [threading.Thread(target=go_on) for _ in range(count)]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        enough.set()
        for each in threads:
            each.join()


@strict(_LONG | {"noauth": 300}, max_startups_per_source=5)
def test_neighbours_at_one_address_come_in_while_another_one_says_nothing(own_lab):
    live_at(own_lab, "10.1.0.50")
    assert logs_in(own_lab, "10.1.0.50"), "somebody there may come in"

    def says_nothing():
        with contextlib.suppress(OSError), knocks(own_lab, "10.1.0.50") as connection:
            connection.settimeout(3)
            while connection.recv(1000):
                pass

    with again_and_again(60, says_nothing):
        until(lambda: "10.1.0.50" in bans(own_lab), "there is a penalty")
        for user in ("alice", "bob", "alice", "bob"):
            assert logs_in(own_lab, "10.1.0.50", user)


@strict(_LONG | {"noauth": 300}, max_startups_per_source=5)
def test_neighbours_at_one_address_come_in_while_another_one_exchanges_keys(own_lab):
    live_at(own_lab, "10.1.0.50")
    assert logs_in(own_lab, "10.1.0.50"), "somebody there may come in"
    line = own_lab.client.ssh_line("alice", "bastion", "true", "-b", "10.1.0.50", "-o", "PreferredAuthentications=none")
    with again_and_again(6, lambda: own_lab.client.run(*line)):
        until(lambda: "10.1.0.50" in bans(own_lab), "there is a penalty")
        for user in ("alice", "bob", "alice", "bob"):
            assert logs_in(own_lab, "10.1.0.50", user)


@strict(_LONG)
def test_who_is_refused_is_told_so_after_a_while_and_holds_up_nobody(own_lab):
    live_at(own_lab, "10.1.0.50")
    own_lab.bastion.admin("ban", "add", "10.1.0.50")
    until(lambda: is_refused(own_lab, "10.1.0.50"), "it counts")
    with contextlib.ExitStack() as refused:
        connections = [refused.enter_context(knocks(own_lab, "10.1.0.50")) for _ in range(50)]
        assert logs_in(own_lab, CLIENT["front"])
        for connection in connections:
            assert connection.recv(100) == _SENTENCE
            assert connection.recv(100) == b""


@pytest.mark.lab_with(settings={"max_sessions_per_user": 2})
def test_a_user_has_so_many_sessions_at_a_time(own_lab):
    with own_lab.logged_in("alice"):
        with own_lab.logged_in("alice"):
            outcome = own_lab.ssh("alice", "true")
            assert outcome.status == 255
            assert "you have 2 sessions already, which is all you may have" in outcome.stderr
            assert own_lab.ssh("bob", "true").status == 0
        until(lambda: own_lab.ssh("alice", "true").status == 0, "there is room again")


@pytest.mark.lab_with(settings={"max_logins_per_user": 2})
def test_a_user_logs_in_so_many_times_a_minute(own_lab):
    outcomes = [own_lab.ssh("bob", "true") for _ in range(3)]
    assert [each.status for each in outcomes] == [0, 0, 255]
    assert "you have logged in 2 times within a minute; log in again in a moment" in outcomes[2].stderr
    assert own_lab.ssh("alice", "true").status == 0


@pytest.mark.lab_with(settings={"max_bytes_per_user": 500_000})
def test_a_user_moves_so_many_bytes_a_second_over_all_sessions(own_lab):
    received = []

    def fetch():
        outcome = own_lab.ssh("alice", "timeout 4 cat /dev/zero")
        assert outcome.status == 124, "what is in between arrives too, and then the status"
        received.append(len(outcome.stdout))

    downloads = [threading.Thread(target=fetch) for _ in range(2)]
    for each in downloads:
        each.start()
    with own_lab.logged_in("bob") as bob:
        while any(each.is_alive() for each in downloads):
            bob.stdin.write(b"x" * 4000 + b"\n")
            bob.stdin.flush()
            assert len(bob.stdout.readline()) == 4001
    for each in downloads:
        each.join()
    # Four seconds of it, and what was on the way then: the windows of both channels.
    assert len(received) == 2 and sum(received) < 16 * 1024 * 1024


@pytest.mark.lab_with(settings={"max_rekeys_per_user": 3, "log_level": "info"})
def test_a_user_exchanges_keys_so_many_times_a_minute_over_all_sessions(own_lab):
    line = "head -c 30000000 /dev/zero"  # more than may be on its way while keys are exchanged
    assert own_lab.ssh("alice", line).status == 0
    for _ in range(2):
        outcome = own_lab.ssh("alice", line, "-o", "RekeyLimit=64K")
        assert outcome.status == 255
        assert "too many key exchanges within a minute, over all of your sessions" in outcome.stderr
    assert own_lab.ssh("alice", "true").status == 0
    assert own_lab.ssh("bob", line).status == 0


def test_a_user_may_have_caps_of_their_own(own_lab):
    own_lab.bastion.admin("user", "set", "alice", "--max-sessions", "1", "--max-bytes", "10000000")
    with own_lab.logged_in("alice"):
        outcome = own_lab.ssh("alice", "true")
        assert outcome.status == 255
        assert "you have 1 sessions already, which is all you may have" in outcome.stderr
        with own_lab.logged_in("bob"):
            assert own_lab.ssh("bob", "true").status == 0
    own_lab.bastion.admin("user", "set", "alice", "--max-sessions", "default")
    with own_lab.logged_in("alice"):
        assert own_lab.ssh("alice", "head -c 100000 /dev/zero").status == 0
