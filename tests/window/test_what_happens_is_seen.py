"""Somebody looks, who has read nothing: a login that arrives, why another failed, last night's session, and the end of a third."""

from selenium.webdriver.common.keys import Keys

import pytest
import stand_in
from lab.deadline import until

SESSIONS = "section[aria-labelledby=card-sessions]"
REFUSED = "section[aria-labelledby=card-refused-lately]"
MAP = "section[aria-labelledby=card-backends-and-containers]"


def row_of(browser, text):
    return next((row for row in browser.rows(SESSIONS) if text in row[0]), None)


def test_a_login_arrives(browser, serves):
    world = stand_in.calm()
    browser.opens(serves(world))
    assert row_of(browser, "frank") is None
    world.arrives("frank", "frank/web", "10.1.0.77", ["be2", "be3"])
    row = until(lambda: row_of(browser, "frank"), "frank is in the table")
    assert row[0].split() == ["frank", "new"]
    assert row[1:4] == ["frank/web", "10.1.0.77", "be2 › be3"]
    assert browser.rows(SESSIONS)[0] == row, "who came last stands on top"
    until(lambda: "frank has logged in from 10.1.0.77" in browser.script("return document.querySelector('[role=status].unseen').textContent"), "who listens is told")


def test_why_another_one_failed(browser, serves):
    world = stand_in.calm()
    browser.opens(serves(world))
    world.refuses("erin", "backend_unreachable", "backend be5 is unreachable", "10.1.0.21")
    browser.shows("backend be5 is unreachable", REFUSED)
    browser.named("Why? Explain the login of erin").click()
    browser.shows("This login fails")
    browser.shows("The user reads: “backend be5 is unreachable”")
    browser.shows("Connection refused; is its sshd running?")
    boxes = [box.text.splitlines() for box in browser.all(".step")]
    assert [box[:2] for box in boxes[-4:]] == [["Hop be2", "good"], ["Hop be5", "fails here"], ["Container", "not reached"], ["Login", "not reached"]]
    assert browser.all(".step.down .what")[0].text == "backend be5 is unreachable"


def test_the_container_that_was_asked_for_is_explained(browser, serves):
    browser.opens(serves(stand_in.calm()))
    browser.named("Why? Explain the login of bob").click()
    browser.shows("user show bob lists what they may enter")
    assert browser.script("return document.querySelector('main input').value") == "bob+alice/web"


def test_what_was_in_the_way_may_be_gone(browser, serves):
    world = stand_in.calm()
    world.refuses("dave", "backend_unreachable", "backend be4 is unreachable")
    browser.opens(serves(world))
    browser.named("Why? Explain the login of dave").click()
    browser.shows("This login succeeds")
    browser.shows("A while ago it was refused: “backend be4 is unreachable”")


def test_a_login_that_would_succeed(browser, serves):
    browser.opens(serves(stand_in.calm()), "explain")
    browser.named("dave", "main button").click()
    browser.shows("This login succeeds")
    assert [box.text.splitlines()[0] for box in browser.all(".step")] == ["User", "Key", "Options of the key", "Route", "Hop be2", "Hop be3", "Hop be4", "Container", "Login"]
    browser.types("User, or user+container", "nobody" + Keys.ENTER)
    browser.shows("there is no user nobody")


def test_a_login_that_has_to_choose_is_not_said_to_get_in(browser, serves):
    world = stand_in.calm()
    explained = stand_in.explained("bob", [], "", ("route", "you have several containers; name one: ssh bob+web@... (web, x)", "container set bob/NAME --default decides it"))
    explained["steps"][-1]["outcome"] = "asks"
    world.explained["bob"] = explained | {"succeeds": True}
    browser.opens(serves(world), "explain/bob")
    browser.shows("This login has to choose")
    browser.shows("container set bob/NAME --default decides it")
    assert "all the way" not in browser.text()


def test_the_map_has_hops_and_containers(browser, serves):
    world = stand_in.calm()
    browser.opens(serves(world))
    browser.shows("dave/web", MAP)
    chain = browser.script("return [...document.querySelectorAll('.map ul ul ul .name')].map((each) => each.innerText)")
    assert chain == ["be4"]
    assert "down" in browser.script("return [...document.querySelectorAll('.box')].find((each) => each.innerText.startsWith('be5')).innerText")
    world.backends[4]["state"] = "up"
    until(lambda: not browser.is_there(".box.down"), "be5 is seen to be back")


def test_last_nights_session_is_played(browser, serves):
    browser.opens(serves(stand_in.calm()))
    browser.named("Recordings").click()
    browser.named("Play the session of alice").click()
    until(lambda: "lines have been printed here" in browser.text(".screen"), "the terminal shows what stood there")
    # A space plays and stops; by then it plays.
    until(lambda: browser.is_there(".ap-player"), "the player is there")


def test_from_the_history_too(browser, serves):
    browser.opens(serves(stand_in.calm()), "history/sessions")
    browser.types("Contains", "bob 10.1.0.2")
    until(lambda: [row[1] for row in browser.rows()] == ["bob"], "only bob's is left")
    browser.named("Play the session of bob").click()
    until(lambda: "uptime" in browser.text(".screen"), "it plays")


def test_a_third_is_ended_when_it_is_meant(browser, serves):
    world = stand_in.calm()
    browser.opens(serves(world))
    end = lambda: browser.named("End the session of dave from 2001:db8::17")
    end().click()
    browser.shows("End the session of dave?", "dialog")
    assert browser.focus() == "Leave it open", "what is harmless has the focus"
    browser.presses(Keys.ENTER)
    until(lambda: not browser.is_there("dialog"), "the question is answered")
    assert browser.focus() == "End the session of dave from 2001:db8::17"
    end().click()
    browser.named("End the session", "dialog button").click()
    until(lambda: "ended" in row_of(browser, "dave")[4], "the row stays, and says that it ended")
    assert [words[:2] for words in world.asked if words[1] == "kill"] == [["session", "kill"]]
    browser.shows("ended", ".notices")


def test_a_session_that_ends_while_it_is_looked_at(browser, serves):
    world = stand_in.calm()
    id = world.arrives("frank", "frank/web", recorded=True)
    world.recordings[f"{id}-1"] = stand_in.recording()
    browser.opens(serves(world), f"session/{id}")
    browser.shows("frank/web")
    world.leaves(id, "container_vanished")
    browser.shows("This session ended")
    browser.shows("container vanished")
    assert "frank/web" in browser.text()
    assert not browser.is_there("main button.danger")
    browser.named("Play the recording")


def test_what_the_bastion_refuses_is_said(browser, serves):
    world = stand_in.calm()
    browser.opens(serves(world))
    world._session_kill = lambda words: (None, "operators may not end the session of an administrator")
    browser.named("End the session of bob from 10.1.0.5").click()
    browser.named("End the session", "dialog button").click()
    browser.shows("operators may not end the session of an administrator", ".notices")
    assert row_of(browser, "bob")


@pytest.mark.parametrize("role, may", [("auditor", False), ("operator", True), ("admin", True)])
def test_who_may_not_end_a_session_has_no_button_for_it(browser, serves, role, may):
    browser.opens(serves(stand_in.calm(role)))
    assert browser.rows(SESSIONS)
    assert bool([each for each in browser.all("main button") if each.text == "End…"]) == may


def test_the_audit_goes_back_as_far_as_it_is_asked_to(browser, serves):
    world = stand_in.calm()
    for number in range(500):
        world.notes("carol", "login", f"box{number}", ago=0)
    browser.opens(serves(world), "history/audit")
    browser.types("Contains", "mallory")
    browser.shows("0 of 200 rows")
    browser.named("Look further back").click()
    browser.shows("of 400 rows")
    browser.named("Look further back").click()
    until(lambda: browser.rows() and browser.rows()[0][2:4] == ["user disable", "mallory"], "the row is found")
    assert "all there are" in browser.text()
    browser.types("User", "olga" + Keys.ENTER)
    browser.types("Contains", "")
    until(lambda: {row[1] for row in browser.rows()} == {"olga"}, "only what olga did")


def test_what_somebody_may_is_on_their_page(browser, serves):
    browser.opens(serves(stand_in.calm()), "users")
    browser.named("alice").click()
    browser.shows("alice/db")
    browser.named("Explain the login").click()
    browser.shows("This login succeeds")


def test_the_connection_is_lost_and_comes_back(browser, serves):
    world = stand_in.calm()
    browser.opens(serves(world))
    world.falls_silent()
    browser.shows("The connection to the bastion is closed", "#lost")
    assert row_of(browser, "alice"), "what was seen stays"
    world.arrives("frank")
    world.falls_silent(False)
    until(lambda: row_of(browser, "frank"), "it goes on by itself")
    assert browser.text("#state") == "live"
    # The browser says of each try that it failed, as it should.
    browser.driver.get_log("browser")
