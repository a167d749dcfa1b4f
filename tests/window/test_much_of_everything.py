"""Three hundred sessions, a recording of a hundred thousand events: it stays a page to work with."""

from selenium.webdriver.common.keys import Keys

import stand_in
from lab.deadline import until

EVENTS = 100_000
SESSIONS = "section[aria-labelledby=card-sessions]"

# Counts what the browser has to lay out anew: rows that come, go or move, and cells that change.
_COUNT = """
window.moved = 0; window.changed = 0; window.pictures = 0;
new MutationObserver((all) => {
  for (const each of all) {
    if (each.type === "childList" && each.target.tagName === "TBODY") moved += each.addedNodes.length + each.removedNodes.length;
    else changed += 1;
  }
}).observe(document.querySelector(arguments[0]), {childList: true, subtree: true, characterData: true});
"""


def snapshots(browser, number):
    before = browser.script("return performance.now()")
    until(lambda: browser.script("return performance.now()") > before + 1100 * number, "some more pictures came")


def test_three_hundred_sessions_change_only_where_they_changed(browser, serves):
    world = stand_in.crowded()
    browser.opens(serves(world))
    until(lambda: len(browser.rows(SESSIONS)) == 300, "all are there")
    world.moves_bytes = lambda: None
    snapshots(browser, 1)
    browser.script(_COUNT, SESSIONS)
    snapshots(browser, 3)
    assert browser.script("return moved") == 0
    # By the clock alone: who has been there for a minute more.
    assert browser.script("return changed") < 300
    world.leaves(world.sessions[150]["id"])
    world.arrives("frank", "frank/web")
    until(lambda: len(browser.rows(SESSIONS)) == 301, "one has come, and the one that went is still shown")
    assert browser.script("return moved") == 1


def test_what_has_the_focus_keeps_it(browser, serves):
    world = stand_in.crowded()
    browser.opens(serves(world))
    button = browser.named("End the session of user007 from 10.2.0.17")
    browser.script("arguments[0].focus()", button)
    top = browser.script("return arguments[0].getBoundingClientRect().top", button)
    snapshots(browser, 2)
    assert browser.focus() == "End the session of user007 from 10.2.0.17"
    assert browser.script("return arguments[0].getBoundingClientRect().top", button) == top
    browser.script("arguments[0].click()", browser.named("Received", "th button"))
    browser.script("arguments[0].focus()", button)
    snapshots(browser, 2)
    assert browser.focus() == "End the session of user007 from 10.2.0.17", "also where the rows change places"


def test_one_of_three_hundred_is_found(browser, serves):
    browser.opens(serves(stand_in.crowded()))
    browser.types("Find a session", "user123")
    until(lambda: [row[0] for row in browser.rows(SESSIONS)] == ["user123"], "only that one is left")
    browser.shows("1 of 300", SESSIONS)


def test_a_recording_of_a_hundred_thousand_events(browser, serves):
    world = stand_in.calm()
    id = world.was_there("alice", "alice/web", 3600, 600, recording=stand_in.recording(EVENTS))
    browser.opens(serves(world), f"recording/{id}-1")
    until(lambda: "lines have been printed here" in browser.text(".screen"), "it plays")
    browser.tabs_to("Terminal of the recording")
    browser.presses("9")
    shown = lambda: [int(word) for word in browser.text(".screen").split() if word.isdigit()]
    until(lambda: shown() and max(shown()) >= EVENTS * 0.89, "it has gone on to nine tenths")
    browser.presses(Keys.HOME)
    browser.goes("now")
    browser.shows("Sessions")
    assert not browser.is_there(".ap-player"), "the player is gone with its page"


def test_a_terminal_that_says_it_is_endless(browser, serves):
    """Who is recorded says how large their terminal is."""
    world = stand_in.calm()
    cast = stand_in.recording(40, width=4_000_000_000, height=4_000_000_000).splitlines()
    cast.insert(20, '[1.9, "r", "4000000000x4000000000"]')
    id = world.was_there("alice", "alice/web", 3600, 600, recording="\n".join(cast))
    browser.opens(serves(world), f"recording/{id}-1")
    until(lambda: "lines have been printed here" in browser.text(".screen"), "it plays")
