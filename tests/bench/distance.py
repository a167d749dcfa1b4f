"""MiB/s over a long line between the bastion and a backend: one user and four, with loss, and after the route has changed.

Everybody has moved bytes for a while when the measurement begins, so that the time in which windows grow does not count.
"""

import contextlib
import time

import saturation
import service
from lab import Lab

_WAYS = (saturation.down, saturation.up)
_SECONDS = 4
# Every ten seconds BBR takes what is on its way off a line, to measure it once more: for both, but not at the same time.
_SECONDS_OF_BBR = 20


def measure(table, ours, theirs, options):
    del ours, theirs  # their backends are near
    shape = {"backends": ("be2",), "distant": True}
    # A hop that has known another line would have to learn what this one is: that is a row of its own.
    settings = {"log_level": "info", "workers": 1, "hop_idle_timeout": 0}
    with Lab(path="bastion", settings=settings, **shape) as bastion, Lab(path="openssh", **shape) as openssh:
        service.prioritize(bastion)
        labs = bastion, openssh
        rounds = max(1, options.rounds // 2)
        for milliseconds in (50, 100, 200):
            for way in _WAYS:
                for users in (1, 4):
                    _row(table, labs, rounds, way, users, f"{milliseconds} ms", 1.0, round_trip=milliseconds / 1000)
        for way in _WAYS:
            for users, goal in ((1, None), (4, 0.8)):
                _row(table, labs, rounds, way, users, "50 ms, 1 % lost", goal, round_trip=0.05, loss=0.01)
        for way in _WAYS:
            rates = _in_turns(labs, rounds, lambda lab, way=way: _after_a_change(lab, way))
            table.compare(f"1 user {way.verb}s, the route has become 100 ms long", "MiB/s", *rates, at_least=1.0)


def _row(table, labs, rounds, way, users, line, goal, **rules):
    rates = _in_turns(labs, rounds, lambda lab: _rate(lab, way, users, **rules))
    who = f"1 user {way.verb}s" if users == 1 else f"{users} users {way.verb}"
    table.compare(f"{who}, {line}", "MiB/s", *rates, at_least=goal)


def _in_turns(labs, rounds, measure):
    rates = [[] for _ in labs]
    for _ in range(rounds):
        for series, lab in zip(rates, labs, strict=True):
            series.append(measure(lab))
    return rates


def _rate(lab, way, users, **rules):
    with _line(lab, **rules), saturation.crowd(lab, "bob", way, users) as crowd:
        time.sleep(3 + 10 * rules["round_trip"])
        return _moved_by(crowd)


def _after_a_change(lab, way):
    """They began on a line of 1 ms. How long it takes until the change is noticed is not measured here."""
    with _line(lab, round_trip=0.001), saturation.crowd(lab, "bob", way, 1) as crowd:
        time.sleep(2)
        lab.line.becomes(round_trip=0.1)
        time.sleep(20)
        return _moved_by(crowd, _SECONDS_OF_BBR)


def _moved_by(crowd, seconds=_SECONDS):
    before, began = crowd.moved(), time.monotonic()
    time.sleep(seconds)
    return (crowd.moved() - before) / (time.monotonic() - began)


@contextlib.contextmanager
def _line(lab, **rules):
    """The line is short again when the block is left, so that nobody waits for the end of what was measured."""
    lab.line.becomes(**rules)
    try:
        yield
    finally:
        lab.line.becomes(round_trip=0, loss=0)
