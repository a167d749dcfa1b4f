"""How long a keystroke takes to its echo while three other users fill the same hop and the same worker.

Everybody logs in first and starts to move bytes then: whoever came into a full hop would be given another one.
"""

import contextlib
import random
import statistics
import time

import saturation
from lab import Lab

_KEYSTROKES = 300
_OTHERS = 3


def measure(table, ours, theirs, options):
    del ours  # it has several workers
    with Lab(("be2",), path="bastion", settings={"log_level": "info", "workers": 1}) as narrow:
        for way in (saturation.down, saturation.up):
            rounds = max(1, options.rounds // 2)
            echoes = {narrow: [], theirs: []}
            moved = {narrow: [], theirs: []}
            for _ in range(rounds):
                for lab in (narrow, theirs):
                    delays, rate = _type_beside(lab, way)
                    echoes[lab].append(delays)
                    moved[lab].append(rate)
            _rows(table, way, *([echoes[lab], moved[lab]] for lab in (narrow, theirs)))


def _rows(table, way, ours, theirs):
    beside = f"beside {_OTHERS} users who {way.verb}" if way else "with nobody else"
    for name, at, goal in (("p50", 50, None), ("p99", 99, 0.5 if way else None)):
        mine, other = ([_percentile(each, at) * 1000 for each in echoes] for echoes, _ in (ours, theirs))
        table.compare(f"keystroke to echo {beside}, {name}", "ms", mine, other, at_most=goal)
    if way:
        table.compare(f"what they {way.verb} meanwhile", "MiB/s", ours[1], theirs[1])


def _type_beside(lab, way):
    """Delays of a series of keystrokes in seconds, and the MiB/s that the others moved meanwhile."""
    with _terminal(lab) as terminal, saturation.crowd(lab, "bob", way, _OTHERS) if way else _nobody() as crowd:
        pause = random.Random(1)
        before = crowd.moved(), time.monotonic()
        delays = [_echo(terminal, pause.uniform(0.01, 0.03)) for _ in range(_KEYSTROKES)]
        rate = (crowd.moved() - before[0]) / (time.monotonic() - before[1])
    return delays, rate


@contextlib.contextmanager
def _terminal(lab):
    # Newer clients hold keystrokes back to hide their rhythm, older ones do not know the word.
    plain = ["-o", "IgnoreUnknown=ObscureKeystrokeTiming", "-o", "ObscureKeystrokeTiming=no"]
    with lab.terminal("bob", *plain, "-tt", "echo ready; exec cat >/dev/null") as terminal:
        terminal.expect("ready\n")
        yield terminal


def _echo(terminal, pause):
    time.sleep(pause)
    began = time.monotonic()
    terminal.type("x")
    terminal.expect("x")
    return time.monotonic() - began


@contextlib.contextmanager
def _nobody():
    yield saturation.Crowd([])


def _percentile(values, at):
    return statistics.quantiles(values, n=100, method="inclusive")[at - 1]
