"""Whatever somebody calls themselves, or writes into a comment: it stands there as it was written."""

from urllib.parse import quote

import pytest
import stand_in
from lab.deadline import until

UNSEEN = {"\u202e": "\\u202e", "\u202c": "\\u202c", "\u001b": "\\u001b", "\u0007": "\\u0007"}


def written(text):
    """With what cannot be seen written out, and not more of it than anybody reads."""
    for character, shown in UNSEEN.items():
        text = text.replace(character, shown)
    return text


def pages(world):
    evil = stand_in.EVIL
    one = [f"user/{quote(name, safe='')}" for name in evil] + [f"explain/{quote(name, safe='')}" for name in evil]
    return ["now", "history/sessions", "history/audit", "recordings", "users", "containers", "backends", "mine", *one,
            f"session/{world.sessions[0]['id']}", f"backend/{quote(evil[0], safe='')}", "no/%E0%A4%A", f"recording/{quote(evil[0], safe='')}"]


def test_no_page_takes_it_for_anything_else(browser, serves):
    world = stand_in.hostile()
    url = serves(world)
    browser.opens(url)
    for page in pages(world):
        browser.goes(page)
        said = browser.script("""
            const main = document.getElementById("main");
            return [window.taken ?? null, main.querySelectorAll("img, script, iframe, object, style, link, [onerror], [onmouseover], [style], a[href^=java]").length,
                    /[\\u0000-\\u0008\\u000e-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069]/.test(main.innerText + document.title)];""")
        assert said == [None, 0, False], page
    browser.driver.get_log("browser")  # one recording is not there, which the browser says


@pytest.mark.parametrize("page", ["now", "users", "containers", "backends", "history/sessions", "history/audit", "mine"])
def test_all_of_it_is_shown(browser, serves, page):
    browser.opens(serves(stand_in.hostile()), page)
    until(lambda: len(browser.text("main")) > 300, "the page has its content")
    text = browser.script("return document.getElementById('main').textContent")
    missing = [name for name in stand_in.EVIL if written(name) not in text]
    assert missing == []


def test_a_link_of_such_a_name_leads_to_it(browser, serves):
    browser.opens(serves(stand_in.hostile()), "users")
    evil = stand_in.EVIL[0]
    browser.named(evil, "main td a").click()
    until(lambda: evil in browser.text("h1"), "it is the page of that one")
    assert browser.script("return window.taken ?? null") is None


def test_the_bastion_is_asked_for_exactly_that_name(browser, serves):
    world = stand_in.hostile()
    browser.opens(serves(world), f"explain/{quote(stand_in.EVIL[1], safe='')}")
    until(lambda: ["explain", stand_in.EVIL[1]] in world.asked, "it is asked for as it stands")
