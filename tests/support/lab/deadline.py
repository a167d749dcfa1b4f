"""Waiting for the thing itself, with a bound: the only place of the tests that lets time pass."""

import time

PATIENCE = 20.0


def until(condition, what, seconds=PATIENCE):
    """Returns the first true value of condition(); fails naming `what` when it stays untrue for `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(0.02)
