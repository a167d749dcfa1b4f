"""docs/FLEET.md, from nothing to two bastions, and on: its commands are given as they stand, each on the machine that it is for."""

import shutil

import pytest

import examples
from fleet import ADDRESS, Fleet
from lab.deadline import until
from operators import Operator

pytestmark = pytest.mark.bastion_only

(PAGE,) = [page for page in examples.PAGES if page.name == "FLEET.md"]
FIRST, SECOND, THIRD = "The first bastion", "A second bastion", "A bastion that has users already"
GONE = "A bastion goes, and comes back"


def blocks(section):
    """The commands below a heading."""
    return [each for each in examples.below(PAGE, section) if each.is_run]


def operator(fleet, bastion):
    places = {
        "/etc/bastion/passfile": bastion.config.parent / "passfile",
        "host=/run/postgresql": f"host={fleet.postgres.folder} user=bastion",
        "192.0.2.21": ADDRESS,
        "192.0.2.22/32": "10.1.1.0/24",
    }
    return Operator(bastion, places, fleet.postgres)


@pytest.fixture
def fleet(own_lab):
    with Fleet(own_lab, listens=False) as fleet:
        fleet.postgres.becomes_as_installed()
        yield fleet


def test_the_page_leads_from_nothing_to_two_bastions(fleet):
    lab = fleet.lab
    first = operator(fleet, lab.bastion)
    for block in blocks(FIRST):
        first.give(block)
    assert fleet.ssh("bastion", "alice", "echo $BOX").stdout == "be1/alice"
    second = operator(fleet, fleet.machine("two", workers=2))
    on_first, to_carry, on_second, both = blocks(SECOND)
    first.give(on_first)
    first.give(to_carry)
    for file in ("join-key", "passfile"):
        shutil.move(first.folder / file, second.folder / file)
    second.give(on_second)
    second.give(both)
    assert fleet.ssh("two", "alice", "echo $BOX").stdout == "be1/alice"
    until(lambda: "nina" in lab.bastion.admin("user", "list"), "the first one has what the second one has added")
    # One that has users already: another alice, and nobody else.
    third = operator(fleet, fleet.machine("three", workers=2))
    third.bastion.init("root", lab.key("root").path.with_suffix(".pub"))
    third.bastion.admin("user", "add", "alice", "--key", lab.key("alice-3").public)
    third.bastion.start()
    first.give(to_carry)
    for file in ("join-key", "passfile"):
        shutil.move(first.folder / file, third.folder / file)
    for block in blocks(THIRD):
        third.give(block)
    assert fleet.ssh("three", "alice", "echo $BOX").stdout == "be1/alice"
    until(lambda: "alice-3" in lab.bastion.admin("user", "list"), "the first one has what the third one has brought along")
    # It is removed, and comes back.
    removal, coming_back, leaving = blocks(GONE)
    first.give(removal)
    assert second.bastion.tries("user", "add", "olga").status == 1
    second.give(coming_back)
    second.bastion.admin("user", "add", "olga")
    until(lambda: "olga" in lab.bastion.admin("user", "list"), "it is one of the fleet again")
    # It goes for good, with what it has.
    second.give(leaving)
    second.bastion.admin("user", "add", "pia")
    assert fleet.ssh("two", "alice", "echo $BOX").stdout == "be1/alice"
    assert "pia" not in lab.bastion.admin("user", "list")
