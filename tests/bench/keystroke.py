"""How long a keystroke takes to its echo while three other users fill the same hop and the same worker.

Everybody logs in first and starts to move bytes then: whoever came into a full hop would be given another one. Clients and containers
want the same processors, so some of a keystroke's time is theirs: it is also measured how long one takes through a jump host that does
nothing else, beside the same uploads and downloads through the bastion.
"""

import contextlib
import random
import statistics
import time

import saturation
import service
from lab import Lab

_KEYSTROKES = 300
_OTHERS = 3


def measure(table, ours, theirs, options):
    del ours  # it has several workers
    with Lab(("be2",), path="bastion", settings={"log_level": "info", "workers": 1}) as narrow:
        service.prioritize(narrow)
        # Who types, and beside whom.
        places = {"bastion": (narrow, narrow), "openssh": (theirs, theirs), "beside": (theirs, narrow)}
        for way in (saturation.down, saturation.up):
            rounds = max(1, options.rounds // 2)
            echoes = {name: [] for name in places}
            moved = {name: [] for name in places}
            for _ in range(rounds):
                for name, (typing, crowded) in places.items():
                    delays, rate = _type_beside(typing, crowded, way)
                    echoes[name].append(delays)
                    moved[name].append(rate)
            _rows(table, way, echoes, moved)


def _rows(table, way, echoes, moved):
    beside = f"beside {_OTHERS} users who {way.verb}"
    for percent, goal in ((50, None), (99, 0.5)):
        delays = {name: [percentile(each, percent) * 1000 for each in series] for name, series in echoes.items()}
        what = f"keystroke to echo {beside}, p{percent}"
        table.compare(what, "ms", delays["bastion"], delays["openssh"], at_most=goal)
        table.compare(f"{what}, and through a quiet jump host beside the same", "ms", delays["bastion"], delays["beside"])
    table.compare(f"what they {way.verb} meanwhile", "MiB/s", moved["bastion"], moved["openssh"])


def _type_beside(lab, crowded, way):
    """Delays of a series of keystrokes in seconds, and the MiB/s that the others moved meanwhile."""
    with terminal(lab) as typing, saturation.crowd(crowded, "bob", way, _OTHERS) as crowd:
        before = crowd.moved(), time.monotonic()
        delays = type_into(typing, _KEYSTROKES)
        rate = (crowd.moved() - before[0]) / (time.monotonic() - before[1])
    return delays, rate


@contextlib.contextmanager
def terminal(lab):
    # Newer clients hold keystrokes back to hide their rhythm, older ones do not know the word.
    plain = ["-o", "IgnoreUnknown=ObscureKeystrokeTiming", "-o", "ObscureKeystrokeTiming=no"]
    with lab.terminal("bob", *plain, "-tt", "echo ready; exec cat >/dev/null") as typing:
        typing.expect("ready\n")
        yield typing


def type_into(typing, count):
    """Delays of so many keystrokes in seconds."""
    pause = random.Random(1)
    return [_echo(typing, pause.uniform(0.01, 0.03)) for _ in range(count)]


def _echo(typing, pause):
    time.sleep(pause)
    began = time.monotonic()
    typing.type("x")
    typing.expect("x")
    return time.monotonic() - began


def percentile(values, at):
    return statistics.quantiles(values, n=100, method="inclusive")[at - 1]
