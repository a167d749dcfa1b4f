"""What others notice while strangers make the machine in the middle compute, beside a quiet minute there and beside OpenSSH 10, whose
sshd punishes their addresses (PerSourcePenalties).
"""

import contextlib
import dataclasses
import signal
import statistics
import subprocess
import time

import cpu
import keystroke
import service
from lab import Lab, backports
from lab.bastion import binary
from lab.sshd import BACKPORTS

_HOST, _PORT = "10.1.0.1", "2222"
_ADDRESSES = [f"10.1.0.{number}" for number in range(50, 80)]
_KEYSTROKES = 500
_LOGINS = 3
_PATIENCE = 20
_FIRST = 6  # seconds: until those are refused who will be
_WINDOW = 8  # seconds
_PACE = 200  # attempts a second, where both are asked equally often
_PACED = 400  # so many take turns at it: each waits for its answer
_LONGEST = 180  # seconds: how long they go on at most, and what stands for a login that was not let in

# What they do, from which addresses, how many at once. Nobody has logged in from any of them.
_NOBODY = "nobody"
_FLOODS = {
    _NOBODY: None,
    "4 who pipeline bad signatures": ("signatures", _ADDRESSES[1:2], 4),
    "20 who pipeline bad signatures": ("signatures", _ADDRESSES[2:3], 20),
    "80 who exchange keys and ask for RSA": ("handshakes", _ADDRESSES[3:11], 80),
    "200 who say nothing, of 10 addresses": ("silence", _ADDRESSES[11:21], 200),
}


@dataclasses.dataclass
class _Spent:
    """In the middle, and for how many attempts."""

    cpu: float  # seconds
    attempts: int


@dataclasses.dataclass
class _Seen:
    echoes: list[float]  # seconds, of keystrokes
    logins: list[float]  # seconds, from elsewhere
    at_will: _Spent
    paced: _Spent


def measure(table, ours, theirs, options):
    del ours, theirs  # here the limits are those of a new installation
    if reason := backports.missing():
        print(f"  strangers: {reason}")
        return
    settings = {"log_level": "info", "max_startups": "100:30:200", "max_startups_per_source": 20, "login_grace": 60, "exempt": []}
    places = ("be2",)
    with Lab(places, path="bastion", settings=settings) as bastion, Lab(places, path="openssh", sshd={"jump": BACKPORTS}) as openssh:
        labs = bastion, openssh
        for lab in labs:
            lab.client.namespace.ip(*(f"addr add {address}/24 dev front" for address in _ADDRESSES))
        # One of each round stands beside the one of nobody in that round.
        rounds = [{name: [_notice(lab, flood) for lab in labs] for name, flood in _FLOODS.items()} for _ in range(max(1, options.rounds // 2))]
        for name, flood in _FLOODS.items():
            seen = [[(each[name][lab], each[_NOBODY][lab]) for each in rounds] for lab in range(len(labs))]
            _rows(table, name, seen)
            table.compare(f"login from one of their addresses beside {name}", "s", *(_beside(lab, flood) for lab in labs))


def _rows(table, name, seen):
    """Of two machines in the middle, round by round: what was seen beside them, and beside nobody."""
    noticed = {
        "keystroke to echo, p50": ("ms", 2, lambda each: keystroke.percentile(each.echoes, 50) * 1000),
        "keystroke to echo, p99": ("ms", 2, lambda each: keystroke.percentile(each.echoes, 99) * 1000),
        "login from elsewhere": ("s", 1.5, lambda each: statistics.median(each.logins)),
    }
    for what, (unit, goal, figure) in noticed.items():
        beside, quiet = ([[figure(each[at]) for each in machine] for machine in seen] for at in (0, 1))
        table.compare(f"{what}, beside {name}", unit, *beside)
        if name != _NOBODY:
            times = (statistics.median(each) / statistics.median(before) for each, before in zip(beside, quiet))
            table.value(f"{what}, beside {name}: times that beside {_NOBODY}", "", *times, at_most=goal)
    if name != _NOBODY:
        _costs(table, name, [[(each.at_will, quiet.at_will) for each, quiet in machine] for machine in seen])
        paced = [[(each.paced, quiet.paced) for each, quiet in machine] for machine in seen]
        _costs(table, f"{name}, held to {_PACE} a second", paced, at_most=1)


def _costs(table, name, spent, *, at_most=None):
    """What the machine in the middle spends on them, beyond what it spends on nobody."""
    more = [[each.cpu - quiet.cpu for each, quiet in machine] for machine in spent]
    attempts = [[each.attempts for each, _ in machine] for machine in spent]
    table.compare(f"CPU in the middle for {name}, in a second", "ms", *([1000 * cpu / _WINDOW for cpu in machine] for machine in more))
    table.compare(f"attempts a second of {name}", "1/s", *([number / _WINDOW for number in machine] for machine in attempts))
    if all(map(all, attempts)):
        each = ([1000 * cpu / number for cpu, number in zip(*machine)] for machine in zip(more, attempts))
        table.compare(f"CPU in the middle for one attempt of {name}", "ms", *each, at_most=at_most)


def _notice(lab, flood):
    """What is seen while they are there. A penalty of the row before does not count any more."""
    lab.restart_middle()
    if lab.bastion:
        lab.bastion.tries("ban", "lift", "0.0.0.0/0")  # penalties outlive it
        service.prioritize(lab)
    with keystroke.terminal(lab) as terminal:
        with _strangers(lab, flood) as attempts:
            time.sleep(_FIRST)
            at_will = _spent(lab, attempts)
            echoes = keystroke.type_into(terminal, _KEYSTROKES)
            logins = [_login(lab) for _ in range(_LOGINS)]
        with _strangers(lab, flood, pace=_PACE) as attempts:
            return _Seen(echoes, logins, at_will, _spent(lab, attempts))


def _spent(lab, attempts):
    before = _Spent(cpu.exact_seconds(lab), attempts())
    time.sleep(_WINDOW)
    return _Spent(cpu.exact_seconds(lab) - before.cpu, attempts() - before.attempts)


def _beside(lab, flood):
    """Logins from one of their addresses, from which somebody has logged in before they came."""
    at_home = ["-b", _ADDRESSES[0]]
    _login(lab, *at_home)
    if flood:
        kind, addresses, at_once = flood
        flood = kind, [_ADDRESSES[0], *addresses[1:]], at_once
    with _strangers(lab, flood):
        time.sleep(_PATIENCE)  # until that address has penalties
        return [_login(lab, *at_home) for _ in range(_LOGINS)]


def _login(lab, *options):
    """Seconds; whoever is not let in has waited for ever."""
    began = time.monotonic()
    with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
        if lab.ssh("bob", "true", "-o", f"ConnectTimeout={_PATIENCE}", *options).status == 0:
            return time.monotonic() - began
    return _LONGEST


@contextlib.contextmanager
def _strangers(lab, flood, *, pace=None):
    """Gives what says how many attempts they have made."""
    if flood is None:
        yield lambda: 0
        return
    kind, addresses, at_once = flood
    limits = [_PACED, _LONGEST, pace] if pace else [at_once, _LONGEST]
    line = lab.client.namespace.command(_program(), kind, _HOST, _PORT, ",".join(addresses), *map(str, limits))
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)

    def said():
        return int(process.stdout.readline().split()[0])

    def attempts():
        process.send_signal(signal.SIGUSR1)
        return said()

    said()  # from here it listens to signals
    try:
        yield attempts
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def _program():
    """Of the same build as the bastion: others compute more for the same attempt."""
    return binary().parents[1] / "tests" / "flood"
