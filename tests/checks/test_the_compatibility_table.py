"""docs/COMPATIBILITY.md is the matrix in tests/compat with what a run saw; when the matrix changes it has to be written again."""

import document
import matrix
import pytest
import suite
from clients import CLIENTS
from steps import STEPS

PAGE = document.FILE.read_text()

# What a client needs to have for a step; login and the transfers of `parallel` come with the others.
WORDS = {
    "RSA key": "with_key",
    "terminal": "shell",
    "exec": "execute",
    "exit status": "execute",
    "upload": "upload",
    "download": "download",
    "-L": "local_forward",
    "-R": "remote_forward",
    "keepalive": "stay",
    "rekey": "rekeying",
    "both ways": "echo",
}


def test_the_page_is_what_the_matrix_writes():
    assert document.text(document.read(PAGE)) == PAGE, "tests/compat/run --write writes it anew"


@pytest.mark.parametrize("part", [CLIENTS[3].name, "keepalive", "`rsync TARGET", "dropbear  ", "lftp", "ControlPersist"])
def test_a_page_without_a_part_of_it_is_not(part):
    assert part in PAGE
    page = "\n".join(line for line in PAGE.splitlines() if part not in line)
    assert document.text(document.read(page)) != page


def test_what_is_not_green_is_explained():
    possible = {(client.name, step) for client in CLIENTS for step in STEPS if step not in client.cannot}
    assert possible - document.read(PAGE).green == {(red.client.name, red.step) for red in matrix.KNOWN_RED}


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.plain_name())
def test_a_client_has_a_word_or_a_reason_for_each_step(client):
    assert {step for step, word in WORDS.items() if not hasattr(client, word)} <= set(client.cannot) <= set(STEPS)
    assert all(client.cannot.values())


def test_every_openssh_test_was_seen_on_every_path():
    seen = document.read(PAGE).suite
    unseen = [f"{name}, {path}" for name in suite.TESTS for path in suite.PATHS if not seen.get((name, path))]
    assert unseen == [], "tests/compat/run regress --write tries them all"


def test_openssh_tests_that_fail_are_explained():
    seen = document.read(PAGE).suite
    failed = {key for key, colour in seen.items() if colour == suite.FAILED}
    assert failed == {(name, path) for name, red in suite.KNOWN_RED.items() for path in red.paths}
    assert set(suite.KNOWN_RED) <= set(suite.TESTS)
    assert set(suite.QUICK) <= set(suite.TESTS) - set(suite.KNOWN_RED)


@pytest.mark.parametrize(
    "name, path, colour, said, surprise",
    [
        ("transfer", "hop", suite.OK, "", ""),
        ("transfer", "hop", suite.SKIPPED, "", ""),
        ("transfer", "hop", suite.FAILED, "", "it fails"),
        ("banner", "direct", suite.FAILED, suite.KNOWN_RED["banner"].says, "it fails"),
        ("banner", "hop", suite.FAILED, f"test banner\n{suite.KNOWN_RED['banner'].says}\n", ""),
        ("banner", "hop", suite.OK, "", "it is ok now: take it out of KNOWN_RED"),
        ("banner", "hop", suite.FAILED, "no such file", "it fails in another way: it does not say 'banner size 10 mismatch'"),
    ],
)
def test_an_openssh_test_that_does_what_is_not_known_of_it_is_a_surprise(name, path, colour, said, surprise):
    assert suite.surprise(name, path, suite.Result(colour, said)) == surprise
