"""The pages and the real bastion: what the stand-in says, the bastion says too."""

import contextlib
import json
import re

import pytest

from lab.client import finish
from lab.deadline import until
from passage import forwarded, port_to, window_of

SESSIONS = "section[aria-labelledby=card-sessions]"
REFUSED = "section[aria-labelledby=card-refused-lately]"


@contextlib.contextmanager
def window(lab, browser, user):
    """The user's window is open while the block runs, and the browser leaves it before it is closed."""
    with window_of(lab, user) as url:
        try:
            yield url
        finally:
            faults = browser.leaves()
        assert faults == []


def rows_of(browser, user):
    return [row for row in browser.rows(SESSIONS) if row[0].split()[:1] == [user]]


def test_a_login_arrives_and_is_ended(lab, browser):
    with window(lab, browser, "root") as url:
        browser.opens(url)
        with lab.logged_in("dave") as process:
            row = until(lambda: rows_of(browser, "dave") and rows_of(browser, "dave")[0][1] and rows_of(browser, "dave")[0], "dave is seen")
            assert row[1:4] == ["dave/web", "10.1.0.2", "be2 › be3 › be4"]
            browser.named("End the session of dave from 10.1.0.2").click()
            browser.named("End the session", "dialog button").click()
            until(lambda: process.poll() is not None, "dave's client has ended")
            assert "an administrator has ended your session" in finish(process).stderr
        until(lambda: "ended" in rows_of(browser, "dave")[0][4], "the row says that it ended")
    audit = json.loads(lab.bastion.admin("audit", "list", "--user", "root", "--limit", "20", "--json"))
    assert [row["outcome"] for row in audit if row["action"] == "session kill"][:1] == ["done"]


def test_why_another_one_failed(lab, browser):
    with window(lab, browser, "root") as url:
        browser.opens(url)
        assert lab.ssh("bob+nowhere", "true").status == 255
        browser.shows("you have no container named nowhere", REFUSED)
        browser.named("Why? Explain the login of bob").click()
        browser.shows("This login fails")
        browser.shows("The user reads: “you have no container named nowhere”")


def test_a_wrong_key_is_told_from_a_right_one(lab, browser):
    wrong = lab.key("bob")
    with window(lab, browser, "root") as url:
        browser.opens(url)
        refused = lab.client.run("ssh", *lab.client.options("bob"), "-o", "IdentitiesOnly=yes", "alice@bastion", "true")
        assert "Permission denied (publickey)" in refused.stderr
        browser.shows(wrong.fingerprint, REFUSED)
        browser.named("Why? Explain the login of alice").click()
        browser.shows(f"user alice has no key {wrong.fingerprint}")


def test_every_page_of_an_administrator(lab, browser, axe):
    with lab.logged_in("alice"), window(lab, browser, "root") as url:
        browser.opens(url)
        (row,) = until(lambda: rows_of(browser, "alice"), "alice is there")
        id = re.search(r"#/session/(\w+)", browser.named("alice", f"{SESSIONS} td a").get_attribute("href")).group(1)
        assert row[3] == "be1"
        expected = {
            "now": "alice/web", "history/sessions": "alice/web", "history/audit": "learn-host-key", "recordings": "Recordings", "users": "alice",
            "user/alice": "SHA256:", "containers": "alice/db", "backends": "be4", "container/alice/web": "10.0.3.100", "backend/be3": "carol/web",
            "explain/dave": "This login succeeds", f"session/{id}": "alice/web", "mine": "Who I am here",
        }
        for page, text in expected.items():
            browser.goes(page)
            browser.shows(text)
            assert browser.accessibility_faults(axe) == [], page
        assert not browser.is_there(".failure")


def test_ssh_ends_and_is_there_again(lab, browser):
    path = lab.client.folder / "window-again"
    with port_to(path) as url:
        with forwarded(lab, "root", path):
            browser.opens(url)
            browser.shows("root", SESSIONS)
        browser.shows("The connection to the bastion is closed", "#lost")
        assert "root" in browser.text(SESSIONS), "what was seen stays"
        with forwarded(lab, "root", path):
            until(lambda: browser.text("#state") == "live", "the page goes on by itself")
            carriers = lambda: ["ended" in row[4] for row in browser.rows(SESSIONS) if "this window" in row[0]]
            until(lambda: carriers() == [False], "and knows by which session")
            browser.driver.get_log("browser")  # of each try that failed
            assert browser.leaves() == []


def test_the_map_is_that_of_the_lab(lab, browser):
    with window(lab, browser, "root") as url:
        browser.opens(url)
        until(lambda: browser.is_there(".map ul ul ul .box"), "the map has a chain of three")
        assert browser.script("return document.querySelector('.map ul ul ul .name').innerText") == "be4"


def test_a_user_sees_what_is_theirs(lab, browser, axe):
    with lab.logged_in("bob"), window(lab, browser, "alice") as url:
        browser.opens(url)
        browser.shows("alice/db")
        browser.shows("carries this window")
        assert [each.text for each in browser.all("#menu a")] == ["My account"]
        assert "bob" not in browser.text()
        assert browser.accessibility_faults(axe) == []
        with lab.logged_in("alice+db"):
            own = until(lambda: [row for row in browser.rows("section[aria-labelledby=card-my-sessions]") if "alice/db" in row[0]], "the other session is seen")
            assert own


@pytest.mark.lab_with(backends=("be1", "be2", "be3"), settings={"me": ["share"]})
def test_one_of_two_shares_is_ended(own_lab, browser):
    lab = own_lab
    for user in ("bob", "carol"):
        lab.bastion.admin("container", "share", "alice/web", user)
    with window(lab, browser, "alice") as url:
        browser.opens(url)
        browser.named("Unshare alice/web with bob").click()
        browser.named("Unshare", "dialog button").click()
        until(lambda: [row[:2] for row in browser.rows("section[aria-labelledby=card-my-shares]")] == [["alice/web", "carol"]], "one is left")


def test_an_auditor_ends_nobody(lab, browser):
    lab.bastion.admin("user", "set", "carol", "--role", "auditor")
    try:
        with lab.logged_in("bob"), window(lab, browser, "carol") as url:
            browser.opens(url)
            until(lambda: rows_of(browser, "bob"), "bob is seen")
            assert not [each for each in browser.all("main button") if each.text == "End…"]
    finally:
        lab.bastion.admin("user", "set", "carol", "--role", "user")


@pytest.mark.lab_with(backends=("be1", "be2"), settings={"record": "terminals"})
def test_last_nights_session_is_played(own_lab, browser):
    with own_lab.terminal("alice") as terminal:
        terminal.type("echo this was $((6*7)) last night\n")
        terminal.expect("this was 42 last night")
        terminal.type("exit\n")
        terminal.end()
    with window(own_lab, browser, "root") as url:
        browser.opens(url, "recordings")
        until(lambda: browser.rows(), "it is listed")
        browser.named("Play the session of alice").click()
        until(lambda: "this was 42 last night" in browser.text(".screen").replace("\n", ""), "the terminal shows what stood there")
