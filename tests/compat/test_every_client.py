"""The matrix in short: every client does what it can, and every kind of sshd is reached.

`tests/compat/run` tries all of it, with large files; docs/COMPATIBILITY.md is what came of that.
"""

import matrix
import pytest
from upstreams import UPSTREAMS
from world import World


@pytest.fixture(scope="module")
def world():
    """One for all: a step leaves nothing behind."""
    with World(UPSTREAMS) as world:
        yield world


@pytest.mark.parametrize("cell", matrix.short_cells(), ids=str)
def test_cell(world, cell):
    before = len(world.lab.log)
    verdict = matrix.attempt(world, cell, world.short)
    print("log of the bastion:", world.lab.log[before:], sep="\n")
    if verdict.colour == matrix.SKIPPED:
        pytest.skip(verdict.said)
    if red := cell.known_red:
        assert verdict.colour == matrix.RED or not red.always, "this is green now: take it out of KNOWN_RED"
        pytest.xfail(red.why)
    assert verdict.colour == matrix.GREEN, verdict.said
