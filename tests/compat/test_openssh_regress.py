"""A few of OpenSSH's own tests through the bastion; `tests/compat/run regress` has all of them, and every path."""

import pytest
import suite


@pytest.fixture(scope="module")
def tests():
    if reason := suite.missing():
        pytest.skip(reason)
    with suite.Suite("bastion") as tests:
        yield tests


@pytest.mark.parametrize("name", suite.QUICK)
def test_of_openssh(tests, name):
    result = tests.run(name)
    assert result.colour == suite.OK, f"{result.said}\n{tests.logs()}"
