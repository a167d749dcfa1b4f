"""Three bastions behind a balancer, in use: one is upgraded, one is told to end, one is killed. Only the sessions of the one
that was killed end, everybody who logs in lands, and nobody is asked about a host key."""

import contextlib
import re
import types
from concurrent.futures import ThreadPoolExecutor

import pytest

import balancer
from fleet import Fleet
from lab import until
from lab.client import finish
from upgrades import Logins, Stream

_USERS = 60
_AT_ONCE = 6
_CLIENT = "10.1.0.4"

pytestmark = [
    pytest.mark.bastion_only,
    pytest.mark.lab_with(backends=("be1", "be2"), settings={"proxy_protocol": [balancer.ADDRESS], "drain_timeout": 60, "connect_timeout": 20}),
]


def name(number):
    return f"user{number:02}"


def user_list(lab):
    """Each of them with a key of their own, and a share of one of two containers."""
    lines = []
    for number in range(_USERS):
        lines.append(f"user add {name(number)} --key '{lab.key(name(number)).public}'")
        lines.append(f"container share {('alice/web', 'bob/web')[number % 2]} {name(number)}")
    return "\n".join(lines)


def come(lab, numbers):
    """One session of each, some at a time."""
    sessions = {}
    for first in range(0, len(numbers), _AT_ONCE):
        some = {n: lab.client.start(*lab.client.ssh_line(name(n), "bastion", "echo up; cat; exit 3", *balancer.way(_CLIENT)))
                for n in numbers[first : first + _AT_ONCE]}
        for number, client in some.items():
            assert client.stdout.readline() == b"up\n", (number, finish(client))
            sessions[number] = Stream(client, pause=0.5, size=8192)
    return sessions


def of(bastion, sessions):
    """Those of them that are at this one."""
    there = {int(number) for number in re.findall(r"login accepted .*user=user(\d\d)", bastion.log)}
    return {number: stream for number, stream in sessions.items() if number in there}


class Arrivals(Logins):
    """Whoever is on the way through a bastion while that is killed comes again, as people do."""

    def __init__(self, lab):
        through = types.SimpleNamespace(ssh=lambda user, command: lab.ssh(user, command, *balancer.way(_CLIENT)))
        super().__init__(through, users=("alice", "bob", "alice+db"), pause=0.2)

    def cut_off(self):
        return [outcome for outcome in self.failed if outcome.status == 255 and re.search(r"closed by|reset by|Broken pipe", outcome.stderr)]


def test_three_bastions_behind_a_balancer(own_lab):
    lab = own_lab
    with Fleet(lab) as fleet, contextlib.ExitStack() as stack:
        key = fleet.begin()
        one, two, three = lab.bastion, fleet.add("two", key), fleet.machine("three")
        three.joins(key).succeeded()
        three.install()
        three.start()
        client = lab.client
        client.run(*client.ssh_line("root", "two", "admin", "-s"), input=user_list(lab)).succeeded()
        for bastion in (one, two, three):
            until(lambda: bastion.admin("user", "list").count("user") >= _USERS, "everybody has come to all of them")
        addresses = [bastion.address for bastion in (one, two, three)]
        stack.enter_context(balancer.haproxy(lab, [_CLIENT], addresses))
        logins = stack.enter_context(Arrivals(lab))
        sessions = come(lab, range(_USERS))
        shares = {bastion: of(bastion, sessions) for bastion in (one, two, three)}
        assert sum(map(len, shares.values())) == _USERS and all(shares.values())

        three.install()
        three.hands_over()
        logins.more(6)

        two.terminate()
        two.waits_for_log("stopping: sessions have 60 s to end")
        logins.more(6)
        assert two.is_running()
        for stream in (shares[two] | shares[three]).values():
            stream.moves_on()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(Stream.ends_whole, shares[two].values()))
        assert two.ended() == 0
        assert logins.failed == []

        one.kill()
        logins.more(12)
        assert logins.failed == logins.cut_off() and len(logins.failed) <= 3
        for stream in shares[one].values():
            until(lambda: stream.has_failed(), "who was there is told")
        for stream in shares[three].values():
            stream.moves_on()

        # They come back, and everybody comes to wherever there is room.
        one.start()
        two.start()
        come_back = come(lab, list(shares[one])[:_AT_ONCE])
        for stream in come_back.values():
            stream.moves_on()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(Stream.ends_whole, (come_back | shares[three]).values()))
        for bastion in (one, two, three):
            assert re.search(rf" info: login accepted .* from={_CLIENT} ", bastion.log)
            assert not re.search(rf" info: .* from={re.escape(balancer.ADDRESS)} ", bastion.log)
