"""A page is what its address says: a link leads there, a reload stays there, and the way back leads to what was before.
And a page that stays open is about what is there by then."""

from selenium.webdriver.common.keys import Keys

import stand_in
from lab.deadline import until
from world import OWN

SESSIONS = "section[aria-labelledby=card-sessions]"


def value(browser, label):
    return browser.named(label, "input, select").get_attribute("value")


def reloads(browser):
    browser.driver.refresh()
    until(browser.is_settled, "the page is there again")


def test_filters_are_in_the_address(browser, serves):
    browser.opens(serves(stand_in.calm()), "history/audit")
    browser.types("Contains", "kill")
    browser.named("What", "select").send_keys("changes")
    browser.types("User", "olga" + Keys.ENTER)
    until(lambda: [row[1:3] for row in browser.rows()] == [["olga", "session kill"]], "only that row is left")
    reloads(browser)
    assert [row[1:3] for row in browser.rows()] == [["olga", "session kill"]]
    assert (value(browser, "Contains"), value(browser, "User"), value(browser, "What")) == ("kill", "olga", "changes")


def test_a_list_stays_filtered(browser, serves):
    browser.opens(serves(stand_in.calm()), "users")
    browser.types("Find", "carol")
    until(lambda: [row[0] for row in browser.rows()] == ["carol"], "only carol is left")
    reloads(browser)
    assert [row[0] for row in browser.rows()] == ["carol"]


def test_the_way_back_leads_to_the_explanation_before(browser, serves):
    browser.opens(serves(stand_in.calm()), "explain")
    browser.types("User, or user+container", "erin" + Keys.ENTER)
    browser.shows("This login fails")
    browser.types("User, or user+container", "dave" + Keys.ENTER)
    browser.shows("This login succeeds")
    assert browser.driver.title == "Explain dave – bastion-1"
    browser.driver.back()
    browser.shows("This login fails")
    assert value(browser, "User, or user+container") == "erin"


def test_where_there_is_nothing_the_page_says_so(browser, serves):
    browser.opens(serves(stand_in.World()))
    browser.shows("Nobody is logged in", SESSIONS)
    browser.shows("There is no backend yet")
    for page, text in {"history/sessions": "Nobody has had a session yet", "history/audit": "Nothing has happened yet", "containers": "There is no container yet",
                       "backends": "There is no backend yet", "recordings": "Nothing has been recorded", "session/nothing": "There is no such session"}.items():  # fmt: skip
        browser.goes(page)
        browser.shows(text)


def test_a_page_of_nothing_in_particular_leads_to_all_of_them(browser, serves):
    browser.opens(serves(stand_in.calm()))
    for page, to in {"user": "users", "container/alice": "containers", "backend": "containers", "recording": "recordings", "session": "now", "no": "now"}.items():
        browser.goes(page)
        until(lambda to=to: browser.script("return location.hash") == f"#/{to}", f"{page} leads to {to}")


def test_a_filter_that_nothing_passes_says_so(browser, serves):
    browser.opens(serves(stand_in.calm()))
    browser.types("Find a session", "nobody-like-this")
    browser.shows("No session has these words", SESSIONS)
    browser.types("Find a session", "")
    until(lambda: len(browser.rows(SESSIONS)) == 5, "all are there again")


def test_a_past_session_is_reached_from_the_history(browser, serves):
    world = stand_in.calm()
    id = world.was_there("erin", "erin/web", 7200, 600, reason="container_vanished", recording=stand_in.recording())
    browser.opens(serves(world), "history/sessions")
    browser.named(id).click()
    browser.shows("This session ended at")
    browser.shows("container vanished")
    browser.named("Play the recording").click()
    browser.shows("erin in erin/web", ".about")


def test_what_was_today_gets_a_date_when_the_day_is_over(browser, serves):
    world = stand_in.calm()
    browser.opens(serves(world))
    world.refuses("erin", "denied", "not now")
    browser.shows("not now")
    browser.script("""
        const { DateTimeFormat } = Intl;
        const tomorrow = Date.now() + 86400 * 1000;
        window.Date = class extends Date { constructor(...given) { super(...(given.length ? given : [tomorrow])); } };""")
    until(lambda: "," in browser.text(".refusals time"), "it has its day")


def test_the_session_that_carries_the_window_is_marked(browser, serves):
    world = stand_in.calm()
    world.session = world.arrives("ann", source="10.1.0.99")
    browser.opens(serves(world))
    assert browser.rows(SESSIONS)[0][0].split() == ["ann", "this", "window"]
    browser.named("End the session of ann from 10.1.0.99").click()
    browser.shows("It carries this window, which ends with it.", "dialog")


def test_a_bastion_that_says_nothing_more_is_not_called_live(browser, serves):
    world = stand_in.calm()
    browser.opens(serves(world))
    world.silent = True
    until(lambda: browser.text("#state") == "not connected", "the page has noticed", 40)
    world.silent = False
    until(lambda: browser.text("#state") == "live", "it goes on")


def test_one_page_too_many_says_what_is_wrong(browser, serves):
    world = stand_in.calm()
    url = serves(world)
    browser.opens(url)
    world.full = "too many pages of the window are live: close one, and this one goes on"
    world.falls_silent()
    browser.shows(world.full, "#lost")
    world.full = None
    world.falls_silent(False)
    until(lambda: browser.text("#state") == "live", "it goes on")
    browser.driver.get_log("browser")  # of each try that was refused


def test_behind_the_same_port_there_is_somebody_else(browser, serves):
    world = stand_in.calm()
    browser.opens(serves(world))
    assert "Users" in browser.text("#menu")
    world.falls_silent()
    browser.shows("The connection to the bastion is closed", "#lost")
    world.user, world.role, world.commands = "alice", "user", OWN
    world.falls_silent(False)
    until(lambda: browser.text("#menu") == "My account", "the page is theirs now")
    browser.driver.get_log("browser")  # of each try that failed
