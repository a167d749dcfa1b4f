"""A user without a role has a window too: their own containers, sessions, keys and shares, and nothing of anybody else."""

import stand_in
from lab.deadline import until


def own(world_user="alice", may="container, key, session, share"):
    world = stand_in.calm("user", world_user)
    world.own["may_change"] = may
    return world


def menu(browser):
    return [each.text for each in browser.all("#menu a")]


def test_it_is_about_them_only(browser, serves):
    browser.opens(serves(own()))
    browser.shows("alice/db")
    assert menu(browser) == ["My account"]
    for other in ("bob", "carol", "be2", "192.0.2.40"):
        assert other not in browser.text()


def test_pages_of_administrators_lead_back(browser, serves):
    browser.opens(serves(own()), "users")
    browser.shows("Who I am here")
    assert browser.script("return location.hash") == "#/mine"


def test_a_session_of_theirs_is_ended(browser, serves):
    world = own()
    world.arrives("alice", "alice/web", "10.9.9.9")
    browser.opens(serves(world))
    browser.named("End my session from 10.9.9.9").click()
    browser.shows("What runs in it without a terminal multiplexer ends too.", "dialog")
    browser.named("End the session", "dialog button").click()
    until(lambda: "10.9.9.9" not in [each["from"] for each in world.sessions], "it is ended")
    row = until(lambda: [row for row in browser.rows("section[aria-labelledby=card-my-sessions]") if row[1] == "10.9.9.9" and row[4] == "ended"], "the row stays, and says so")
    assert row


def test_one_that_begins_elsewhere_appears(browser, serves):
    world = own()
    browser.opens(serves(world))
    world.arrives("alice", "alice/web", "10.9.9.8")
    browser.shows("10.9.9.8")


def test_a_key_is_added_and_removed(browser, serves):
    browser.opens(serves(own()))
    browser.named("Add a key").click()
    browser.types("Public key: the line of ~/.ssh/id_….pub", "ssh-ed25519 AAAA phone")
    browser.named("Add").click()
    browser.named("Remove the key phone").click()
    browser.named("Remove the key", "dialog button").click()
    until(lambda: "phone" not in browser.text("section[aria-labelledby=card-my-keys]"), "it is gone")


def test_a_container_is_shared(browser, serves):
    browser.opens(serves(own()))
    browser.named("Share a container").click()
    browser.types("With", "bob")
    browser.named("Share").click()
    browser.named("Unshare alice/web with bob")
    browser.named("Share a container").click()
    browser.types("With", "group research")
    browser.named("Share").click()
    browser.named("Unshare alice/web with group research").click()
    browser.named("Unshare", "dialog button").click()
    shares = "section[aria-labelledby=card-my-shares]"
    until(lambda: [row[:2] for row in browser.rows(shares)] == [["alice/web", "bob"]], "one share is left")
    browser.named("Unshare alice/web with bob").click()
    browser.named("Unshare", "dialog button").click()
    browser.shows("You share nothing with anybody", shares)


def test_what_others_share_is_among_their_containers(browser, serves):
    world = own("bob")
    next(box for box in world.containers if box["owner"] == "alice" and box["name"] == "db")["shared_with"] = ["bob"]
    browser.opens(serves(world))
    browser.shows("alice/db shared with me", "section[aria-labelledby=card-my-containers]")
    browser.shows("You share nothing with anybody", "section[aria-labelledby=card-my-shares]")


def test_what_they_may_not_change_has_no_button(browser, serves):
    browser.opens(serves(own(may="container")))
    browser.shows("alice/db")
    names = {each.accessible_name for each in browser.all("main button, main summary")}
    assert not {name for name in names if name.startswith(("End", "Remove", "Add", "Share a", "Unshare"))}


def test_who_has_a_role_has_it_as_well(browser, serves):
    browser.opens(serves(stand_in.calm("auditor", "alice")))
    assert menu(browser) == ["Now", "History", "Recordings", "Users", "Containers", "Explain", "My account"]
    browser.named("My account").click()
    browser.shows("Who I am here")
