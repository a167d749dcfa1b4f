"""Sessions at two bastions of a fleet are seen and ended from either, and what has happened is in one place."""

import json

import pytest

from fleet import ADDRESS, AWAY, Fleet
from lab.deadline import until

pytestmark = pytest.mark.bastion_only


@pytest.fixture
def fleet(own_lab):
    with Fleet(own_lab) as fleet:
        yield fleet


def two_bastions(fleet):
    """Alice and nina may come in at both."""
    two = fleet.add("two", fleet.begin())
    two.admin("user", "add", "nina", "--key", fleet.lab.key("nina").public)
    two.admin("container", "share", "alice/web", "nina")
    until(lambda: set(nodes(two)) == {"one", "two"}, "both have said that they are there")
    until(lambda: "nina" in fleet.lab.bastion.admin("user", "list"), "both have the same directory")
    return two


def listed(bastion):
    """What `session list` says: the node and the id of each user's session, and what it says beside it."""
    outcome = bastion.tries("session", "list", "--json")
    assert outcome.status == 0, outcome.stderr
    return {row["user"]: (row["node"], row["id"]) for row in json.loads(outcome.stdout)}, outcome.stderr


def nodes(bastion):
    return {row["node"]: row for row in json.loads(bastion.admin("fleet", "list", "--json"))}


def end_of(session):
    status = session.wait(20)
    return status, session.communicate()[1].decode()


def test_sessions_of_both_are_seen_and_ended_from_either(fleet):
    one = fleet.lab.bastion
    two = two_bastions(fleet)
    here, there = fleet.session("bastion", "alice"), fleet.session("two", "nina")
    for bastion in (one, two):
        sessions, said = listed(bastion)
        assert (sessions["alice"][0], sessions["nina"][0], said) == ("one", "two", "")
    assert '"node":"two"' in one.admin("session", "show", sessions["nina"][1], "--json").replace(" ", "")
    until(lambda: nodes(two)["one"]["sessions"] == 1 and nodes(one)["two"]["behind"] == 0, "it is counted")
    # Ended from the other side, with the sentence that is always said.
    one.admin("session", "kill", sessions["nina"][1])
    status, said = end_of(there)
    assert status == 255 and "an administrator has ended your session" in said
    two.admin("session", "kill", "--user", "alice")
    status, said = end_of(here)
    assert status == 255 and "an administrator has ended your session" in said
    # Who is disabled at one is nowhere any more.
    there = fleet.session("two", "nina")
    one.admin("user", "disable", "nina")
    assert end_of(there)[0] == 255
    two.waits_for_log("user_disabled")
    # What both have written down is in one place.
    def audits():
        return fleet.postgres.ask("SELECT count(*) FROM audit_records WHERE action = 'login' AND outcome = 'done' AND actor = 'nina'")
    until(lambda: audits() == "2", "both logins are there")
    closed = "SELECT count(*) FROM session_records WHERE user_name = 'nina' AND node = 'two' AND closed_at IS NOT NULL"
    until(lambda: fleet.postgres.ask(closed) == "2", "and how they ended")
    rows = json.loads(one.admin("audit", "list", "--json"))
    assert {row["node"] for row in rows} == {"one", "two"}
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)
    # In pages it is the same.
    first = one.tries("audit", "list", "--json", "--limit", "4")
    behind = first.stderr.split("--before ")[1].strip()
    rest = json.loads(one.admin("audit", "list", "--json", "--before", behind))
    names = [(row["node"], row["id"]) for row in json.loads(first.stdout) + rest]
    assert [name for name in names if name in {(row["node"], row["id"]) for row in rows}] == [(row["node"], row["id"]) for row in rows]
    ended = json.loads(one.admin("session", "list", "--all", "--json"))
    assert {(row["node"], row["user"]) for row in ended} >= {("one", "alice"), ("two", "nina")}


def test_whoever_looks_on_sees_what_happens_at_both(fleet):
    one = fleet.lab.bastion
    two = two_bastions(fleet)
    here, there = fleet.session("bastion", "alice"), fleet.session("two", "nina")
    for bastion, name in ((one, "one"), (two, "two")):
        seen = json.loads(bastion.admin("top", "--json"))
        assert (seen["bastion"], seen["bastions"], seen["missing"]) == (name, 2, None)
        assert {session["user"]: session["bastion"] for session in seen["sessions"]} == {"alice": "one", "nina": "two"}
        assert {loop["bastion"] for loop in seen["loops"]} == {"one", "two"}
    two.kill()
    seen = until(lambda: named(one, "two"), "it is named while it may come back")
    assert [session["user"] for session in seen["sessions"]] == ["alice"]
    for session in (here, there):
        session.terminate()
        session.wait(20)


def named(bastion, node):
    """What happens, where that bastion is missing."""
    seen = json.loads(bastion.admin("top", "--json"))
    return seen if node in (seen["missing"] or "") else None


def test_who_has_not_what_was_taken_away_is_named(fleet):
    lab, one = fleet.lab, fleet.lab.bastion
    two = two_bastions(fleet)
    there = fleet.session("two", "nina")
    # All have it when the command has answered, and sessions end by themselves; what only gives waits for nobody.
    assert one.tries("key", "add", "nina", lab.key("bob").public).stderr == ""
    assert one.tries("user", "disable", "nina").stderr == ""
    assert end_of(there)[0] == 255
    one.admin("user", "enable", "nina")
    there = fleet.session("two", "nina")
    # It reaches the backends, and not the database.
    two.namespace.ip(f"route add blackhole {ADDRESS}")
    # For some seconds it is taken for one that is there, and waited for; then it is silent.
    behind = "two has not answered: it counts there, and ends sessions, when that has caught up"
    for give, cap in ((one.tries, "5"), (lambda *words: fleet.gives("bastion", *words), "6")):
        given = give("user", "set", "nina", "--max-sessions", cap)
        assert given.status == 0 and behind in given.stderr, given.stderr
    assert one.tries("user", "add", "olga").stderr == ""
    given = one.tries("user", "disable", "nina")
    assert given.status == 0 and given.stdout == "user nina disabled" and behind in given.stderr
    assert there.poll() is None
    two.namespace.ip(f"route del blackhole {ADDRESS}")
    assert end_of(there)[0] == 255
    until(lambda: nodes(one)["two"]["state"] == "there", "it is seen again")
    assert one.tries("user", "enable", "nina").stderr == ""


def explained(bastion, *words):
    outcome = bastion.tries("explain", *words, "--json")
    return outcome.status, json.loads(outcome.stdout) if outcome.stdout else None, outcome.stderr


def test_a_login_is_explained_as_another_bastion_sees_it(fleet):
    one = fleet.lab.bastion
    two = two_bastions(fleet)
    status, there, said = explained(one, "alice", "--on", "two")
    assert (status, there["succeeds"], said) == (0, True, "")
    assert [step["step"] for step in there["steps"]] == [step["step"] for step in explained(one, "alice")[1]["steps"]]
    assert explained(one, "alice", "--on", "one")[1]["succeeds"]
    # The second one has no way to the backend any more.
    two.namespace.ip("route add blackhole 10.1.1.11")
    status, there, _ = explained(one, "alice", "--on", "two")
    assert status != 0 and not there["succeeds"]
    assert explained(two, "alice", "--on", "one")[1]["succeeds"]
    assert "there is no bastion three in the fleet" in explained(one, "alice", "--on", "three")[2]
    two.kill()
    until(lambda: nodes(one)["two"]["state"] == "silent", "it is missed")
    assert "two has not answered" in explained(one, "alice", "--on", "two")[2]


def test_without_their_database_each_sees_its_own_and_says_so(fleet):
    one = fleet.lab.bastion
    two_bastions(fleet)
    here, there = fleet.session("bastion", "alice"), fleet.session("two", "nina")
    fleet.postgres.kill()
    sessions, said = listed(one)
    assert set(sessions) == {"alice"} and "only sessions of one: " + AWAY in said
    assert AWAY in one.tries("fleet", "list").stderr
    audit = one.tries("audit", "list", "--json")
    assert {row["node"] for row in json.loads(audit.stdout)} == {"one"} and "only what happened at one: " + AWAY in audit.stderr
    assert "only what happened at one: " + AWAY in one.tries("session", "list", "--all").stderr
    killed = one.tries("session", "kill", sessions["alice"][1])
    assert killed.status == 0 and "done at one only: " + AWAY in killed.stderr
    assert end_of(here)[0] == 255
    refused = one.tries("session", "kill", "nothing")
    assert refused.status == 1 and "only sessions of one" in refused.stderr
    for _ in range(3):
        assert fleet.ssh("two", "alice", "true").status == 0
    fleet.postgres.start()
    # What was written meanwhile arrives once.
    logins = "SELECT count(*) FROM audit_records WHERE action = 'login' AND node = 'two' AND actor = 'alice'"
    until(lambda: fleet.postgres.ask(logins) == "3", "what was written down meanwhile has arrived")
    until(lambda: set(listed(one)[0]) == {"nina"}, "and all sessions are seen again")
    there.terminate()


def test_one_that_is_gone_is_named_until_it_is_removed(fleet):
    one = fleet.lab.bastion
    two = two_bastions(fleet)
    assert fleet.ssh("two", "alice", "true").status == 0
    refused = one.tries("fleet", "remove", "two")
    assert refused.status == 1 and "--yes removes it all the same" in refused.stderr
    assert "remove it at another one" in one.tries("fleet", "remove", "one").stderr
    two.kill()
    sessions, said = listed(one)
    assert "two has not answered: the sessions there are missing" in said
    assert one.admin("fleet", "remove", "two", "--yes") == "two removed from the fleet"
    assert nodes(one)["two"]["state"] == "removed"
    assert listed(one)[1] == ""
    # It serves what it has.
    two.start()
    two.waits_for_log("this bastion was removed from the fleet")
    assert fleet.ssh("two", "alice", "true").status == 0
    refused = two.tries("user", "add", "olga")
    assert refused.status == 1 and "this bastion was removed from the fleet: two changes nothing any more" in refused.stderr
    # It comes back as it went, and then nobody else may have its name.
    two.terminate()
    assert two.ended() == 0
    assert "two had been removed from the fleet, and may be one of it again" in two.joins().succeeded().stdout
    assert "removed" not in two.joins().succeeded().stdout
    two.start()
    assert two.admin("user", "add", "olga").startswith("user olga added")
    until(lambda: nodes(one)["two"]["state"] == "there", "it is seen again")
    other = fleet.machine("three", fleet={"database": fleet.postgres.by_network, "node": "two"})
    refused = other.joins()
    assert refused.status == 1 and "the fleet has a bastion two that is there" in refused.stderr
