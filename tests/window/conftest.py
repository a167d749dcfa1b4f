"""The window in a real browser: with a stand-in for the bastion (stand_in.py), and with the real one over SSH."""

import pytest

import axe as axe_core
import stand_in
from browser import Browser
from lab.downloads import Unavailable


@pytest.fixture(scope="session")
def _chromium():
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def browser(_chromium):
    """Whatever a test does with it, no page may ask elsewhere, break its own policy or throw an error."""
    _chromium.looks()
    _chromium.faults()
    yield _chromium
    assert _chromium.leaves() == []


@pytest.fixture(scope="session")
def axe():
    try:
        return axe_core.script()
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture
def serves(request):
    """serves(world) is the address at which a stand-in serves it, while the test runs."""

    def start(world):
        standing = stand_in.StandIn(world)
        request.addfinalizer(lambda: standing.__exit__(None, None, None))
        return standing.__enter__()

    return start
