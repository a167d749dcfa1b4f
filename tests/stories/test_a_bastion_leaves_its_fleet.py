"""A bastion of a fleet becomes one of its own again, with what it has, whether or not the fleet can be told."""

import pytest

from fleet import AWAY, PASSWORD, Fleet
from lab.deadline import until

pytestmark = pytest.mark.bastion_only


@pytest.fixture
def fleet(own_lab):
    with Fleet(own_lab) as fleet:
        yield fleet


def both(fleet, key=None):
    """A fleet of two, each of which has been seen."""
    two = fleet.add("two", key or fleet.begin())
    until(lambda: "two" in fleet.lab.bastion.admin("fleet", "list"), "it has been seen")
    return two


def stopped(bastion):
    bastion.terminate()
    assert bastion.ended() == 0


def test_one_that_leaves_goes_on_alone_with_what_it_has(fleet):
    lab, one = fleet.lab, fleet.lab.bastion
    two = both(fleet)
    assert "another bastion serves from" in two.leaves().stderr
    stopped(two)
    # It leaves with all that there is.
    one.admin("user", "add", "nina", "--key", lab.key("nina").public)
    one.admin("container", "share", "alice/web", "nina")
    said = two.leaves().succeeded().stdout
    assert "This bastion is one of its own now" in said and "was not told" not in said
    assert "this bastion has not joined a fleet" in two.leaves().stderr
    # With [fleet] it is nothing that could serve.
    assert "has not joined it: run `bastion join`" in two.serves_too().stderr
    two.configure(fleet={})
    assert "the configuration names no fleet" in two.leaves().stderr
    assert two.check().status == 0
    two.start()
    for user in ("alice", "nina"):
        assert fleet.ssh("two", user, "echo $BOX").stdout == "be1/alice"
    # What is changed at one of them is nothing to the other, and nobody waits for who has gone.
    two.admin("user", "remove", "nina")
    assert one.tries("user", "set", "nina", "--max-sessions", "5").stderr == ""
    assert fleet.ssh("bastion", "nina", "echo $BOX").stdout == "be1/alice"
    assert "removed" in one.admin("fleet", "list")
    assert "leave" in two.admin("audit", "list")
    # It can begin a fleet of its own.
    stopped(two)
    fleet.postgres.ask("CREATE DATABASE other OWNER bastion")
    two.configure(fleet={"database": fleet.postgres.by_network.replace("dbname=postgres", "dbname=other"), "node": "two"})
    assert "two is the first bastion of the fleet" in two.joins().succeeded().stdout
    two.start()
    two.admin("user", "add", "olga")
    assert PASSWORD not in two.log


def test_where_the_fleet_cannot_be_told_it_leaves_only_when_it_is_said_so(fleet):
    one = fleet.lab.bastion
    two = both(fleet)
    stopped(two)
    fleet.postgres.stop()
    refused = two.leaves()
    assert refused.status == 1 and AWAY in refused.stderr and "nothing was changed: `bastion leave --alone`" in refused.stderr
    # That is so: it is still one of them.
    two.start()
    assert AWAY in two.tries("user", "add", "olga").stderr
    stopped(two)
    said = two.leaves("--alone").succeeded().stdout
    assert "The fleet was not told" in said and "`fleet remove two`" in said
    two.configure(fleet={})
    two.start()
    two.admin("user", "add", "olga")
    assert fleet.ssh("two", "alice", "echo $BOX").stdout == "be1/alice"
    fleet.postgres.start()
    until(lambda: one.tries("fleet", "remove", "two", "--yes").status == 0, "the others do without it")


def test_one_that_has_left_comes_back_with_what_it_has_made(fleet):
    lab, one = fleet.lab, fleet.lab.bastion
    key = fleet.begin()
    two = both(fleet, key)
    stopped(two)
    two.leaves().succeeded()
    two.configure(fleet={})
    two.start()
    two.admin("user", "add", "pia", "--key", lab.key("pia").public)
    one.admin("user", "add", "nina", "--key", lab.key("nina").public)
    stopped(two)
    two.configure(fleet={"database": fleet.postgres.by_network, "node": "two"})
    assert "`bastion join --merge`" in two.joins(key).stderr
    two.joins(key, "--merge").succeeded()
    two.start()
    until(lambda: "pia" in one.admin("user", "list"), "the fleet has what it has made")
    assert "nina" in two.admin("user", "list")
    one.admin("container", "share", "alice/web", "pia")
    until(lambda: fleet.ssh("two", "pia", "echo $BOX").stdout == "be1/alice", "what is changed at one of them counts at both")
    until(lambda: "removed" not in one.admin("fleet", "list"), "it is one of them")
