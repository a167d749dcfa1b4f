"""With the keyboard alone, with a screen reader, in the dark, on something narrow."""

from selenium.webdriver.common.keys import Keys

import browser as browsers
import pytest
import stand_in
from lab.deadline import until

PAGES = ["now", "history/sessions", "history/audit", "recordings", "recording/RECORDING", "session/SESSION", "users", "user/alice",
         "containers", "backends", "container/alice/web", "backend/be3", "explain", "explain/erin", "explain/dave", "mine"]


def address(world, page):
    return page.replace("RECORDING", next(iter(world.recordings))).replace("SESSION", world.sessions[0]["id"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [browsers.WIDE, browsers.NARROW], ids=["wide", "narrow"])
def test_nothing_keeps_anybody_out(browser, serves, axe, size, scheme):
    world = stand_in.calm()
    url = serves(world)
    browser.looks(size, scheme)
    faults = {}
    for page in PAGES:
        browser.opens(url, address(world, page))
        if found := browser.accessibility_faults(axe):
            faults[page] = found
    assert faults == {}


def test_nor_does_a_question_or_what_users_see(browser, serves, axe):
    browser.opens(serves(stand_in.calm()))
    browser.named("End the session of bob from 10.1.0.5").click()
    assert browser.accessibility_faults(axe) == []
    browser.opens(serves(stand_in.calm("user", "alice")))
    for each in browser.all("summary"):
        each.click()
    assert browser.accessibility_faults(axe) == []


@pytest.mark.parametrize("make", [stand_in.calm, stand_in.hostile], ids=["calm", "hostile"])
def test_a_narrow_window_has_all_of_it(browser, serves, make):
    world = make()
    url = serves(world)
    browser.looks(browsers.NARROW)
    for page in PAGES:
        browser.opens(url, address(world, page))
        assert browser.script("return document.documentElement.scrollWidth") <= 360, page


def test_a_page_is_found_with_the_keyboard_alone(browser, serves):
    browser.opens(serves(stand_in.calm()))
    browser.presses(Keys.TAB)
    assert browser.focus() == "To the content"
    browser.tabs_to("Explain")
    browser.presses(Keys.ENTER)
    until(lambda: browser.script("return document.activeElement.innerText") == "Explain a login", "the heading of the new page has the focus")
    browser.tabs_to("User, or user+container")
    browser.presses("erin", Keys.ENTER)
    browser.shows("This login fails")


def test_the_menu_can_be_skipped(browser, serves):
    browser.opens(serves(stand_in.calm()))
    browser.presses(Keys.TAB, Keys.ENTER)
    assert browser.script("return document.activeElement.tagName") == "H1"


def test_a_session_is_ended_with_the_keyboard_alone(browser, serves):
    world = stand_in.calm()
    browser.opens(serves(world))
    browser.tabs_to("End the session of dave from 2001:db8::17")
    browser.presses(Keys.ENTER)
    browser.shows("End the session of dave?", "dialog")
    browser.presses(Keys.ESCAPE)
    until(lambda: not browser.is_there("dialog"), "Escape leaves it open")
    assert browser.focus() == "End the session of dave from 2001:db8::17"
    browser.presses(Keys.ENTER)
    browser.tabs_to("End the session", most=3)
    browser.presses(Keys.ENTER)
    until(lambda: "dave" not in [each["user"] for each in world.sessions], "it is ended")


def test_a_table_is_sorted_with_the_keyboard(browser, serves):
    browser.opens(serves(stand_in.calm()))
    browser.tabs_to("User")
    browser.presses(Keys.ENTER)
    users = [row[0].split()[0] for row in browser.rows("section[aria-labelledby=card-sessions]")]
    assert users == sorted(users)
    assert browser.all("th[aria-sort=ascending]")[0].text.startswith("User")


def test_who_listens_is_not_told_everything_at_once(browser, serves):
    world = stand_in.calm()
    browser.opens(serves(world))
    browser.script("""
        window.spoken = [];
        const target = document.querySelector("[role=status].unseen");
        new MutationObserver(() => spoken.push(target.textContent)).observe(target, {childList: true, characterData: true, subtree: true});""")
    for number in range(40):
        world.arrives(f"user{number:02}")
    spoken = until(lambda: browser.script("return spoken"), "something is said")
    until(lambda: "user39" in browser.text(), "all are there")
    assert len(browser.script("return spoken")) <= 3, spoken
    assert max(map(len, spoken)) < 250
