"""Which lab a story gets: the shared one for stories that leave it as they found it, its own for all others."""

import contextlib
import os

import pytest

from lab import Lab
from lab.downloads import Unavailable
from lab.lab import remove_abandoned

ALL_BACKENDS = ("be1", "be2", "be3", "be4")


def pytest_sessionstart():
    if os.geteuid() == 0:
        remove_abandoned()


def pytest_collection_modifyitems(items):
    if os.environ.get("BASTION_LAB_PATH") == "openssh":
        for item in items:
            if item.get_closest_marker("bastion_only"):
                item.add_marker(pytest.mark.skip(reason="plain OpenSSH has no such words"))


@pytest.fixture(scope="session")
def shared_lab():
    with Lab(ALL_BACKENDS) as lab:
        yield lab


@pytest.fixture
def lab(shared_lab):
    """Every backend and container; leave it as it was found."""
    before = len(shared_lab.log)
    yield shared_lab
    print("log of the bastion during this story:", shared_lab.log[before:], sep="\n")


@pytest.fixture
def own_lab(request):
    """A lab for this story alone, to do harm in."""
    marker = request.node.get_closest_marker("lab_with")
    with contextlib.ExitStack() as stack:
        try:
            lab = stack.enter_context(Lab(**(marker.kwargs if marker else {})))
        except Unavailable as reason:
            pytest.skip(str(reason))
        yield lab
        print("log of the bastion:", lab.log, sep="\n")
