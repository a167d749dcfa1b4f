"""What others notice while strangers make the machine in the middle compute, beside a quiet minute there and beside OpenSSH 10, whose
sshd punishes their addresses (PerSourcePenalties).
"""

import contextlib
import pathlib
import signal
import subprocess
import time

import cpu
import keystroke
import service
from lab import Lab, backports
from lab.sshd import BACKPORTS

_HOST, _PORT = "10.1.0.1", "2222"
_ADDRESSES = [f"10.1.0.{number}" for number in range(50, 80)]
_KEYSTROKES = 1000
_LOGINS = 3
_PATIENCE = 20
_FIRST = 6  # seconds: until those are refused who will be
_WINDOW = 8  # seconds
_LONGEST = 180  # seconds: how long they go on at most, and what stands for a login that was not let in

# What they do, from which addresses, how many at once. Nobody has logged in from any of them.
_FLOODS = {
    "4 who pipeline bad signatures": ("signatures", _ADDRESSES[1:2], 4),
    "20 who pipeline bad signatures": ("signatures", _ADDRESSES[2:3], 20),
    "80 who exchange keys and ask for RSA": ("handshakes", _ADDRESSES[3:11], 80),
    "200 who say nothing, of 10 addresses": ("silence", _ADDRESSES[11:21], 200),
}


def measure(table, ours, theirs, options):
    del ours, theirs  # here the limits are those of a new installation
    if reason := backports.missing():
        print(f"  strangers: {reason}")
        return
    settings = {"log_level": "info", "max_startups": "100:30:200", "max_startups_per_source": 20, "login_grace": 60, "exempt": []}
    places = ("be2",)
    with Lab(places, path="bastion", settings=settings) as bastion, Lab(places, path="openssh", sshd={"jump": BACKPORTS}) as openssh:
        for lab in (bastion, openssh):
            lab.client.namespace.ip(*(f"addr add {address}/24 dev front" for address in _ADDRESSES))
        quiet = [_notice(lab, None) for lab in (bastion, openssh)]
        _rows(table, "nobody", quiet)
        for name, flood in _FLOODS.items():
            seen = [_notice(lab, flood) for lab in (bastion, openssh)]
            _rows(table, name, seen)
            _costs(table, name, quiet, seen)


def _rows(table, name, seen):
    ours, theirs = seen
    for percent in (50, 99):
        table.compare(f"keystroke to echo beside {name}, p{percent}", "ms", *([keystroke.percentile(each["echoes"], percent) * 1000] for each in seen))
    table.compare(f"login from elsewhere beside {name}", "s", ours["elsewhere"], theirs["elsewhere"])
    table.compare(f"login from one of their addresses beside {name}", "s", ours["beside"], theirs["beside"])


def _costs(table, name, quiet, seen):
    """What the machine in the middle spends on them, beyond what it spends on nobody."""
    more = [each["cpu"] - before["cpu"] for before, each in zip(quiet, seen)]
    table.compare(f"CPU in the middle for {name}, in a second", "ms", *([1000 * each / _WINDOW] for each in more))
    if all(each["attempts"] for each in seen):
        table.compare(f"attempts a second of {name}", "1/s", *([each["attempts"] / _WINDOW] for each in seen))
        table.compare(f"CPU in the middle for one attempt of {name}", "ms", *([1000 * cost / each["attempts"]] for cost, each in zip(more, seen)))


def _notice(lab, flood):
    """What is seen while they are there. A penalty of the row before does not count any more."""
    lab.restart_middle()
    if lab.bastion:
        lab.bastion.tries("ban", "lift", "0.0.0.0/0")  # penalties outlive it
        service.prioritize(lab)
    with keystroke.terminal(lab) as terminal, _strangers(lab, flood) as attempts:
        time.sleep(_FIRST)
        before = attempts(), cpu.exact_seconds(lab)
        time.sleep(_WINDOW)
        after = attempts(), cpu.exact_seconds(lab)
        echoes = keystroke.type_into(terminal, _KEYSTROKES)
        elsewhere = [_login(lab) for _ in range(_LOGINS)]
    return {"echoes": echoes, "elsewhere": elsewhere, "beside": _beside(lab, flood), "attempts": after[0] - before[0], "cpu": after[1] - before[1]}


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
def _strangers(lab, flood):
    """Gives what says how many attempts they have made."""
    if flood is None:
        yield lambda: 0
        return
    kind, addresses, at_once = flood
    line = lab.client.namespace.command(_program(), kind, _HOST, _PORT, ",".join(addresses), str(at_once), str(_LONGEST))
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)

    def attempts():
        process.send_signal(signal.SIGUSR1)
        return int(process.stdout.readline().split()[0])

    try:
        yield attempts
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def _program():
    built = (pathlib.Path(__file__).resolve().parents[2] / "build").glob("*/tests/flood")
    return max(built, key=lambda file: file.stat().st_mtime)
