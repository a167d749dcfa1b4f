"""A backend that dials in has a link to each bastion of a fleet: what one of them has is no way for another one."""

import json

import pytest

from fleet import Fleet
from lab.deadline import until
from lab.key import Key
from lab.process import run
from test_a_backend_dials_in import SHOWN, Far, Unit

pytestmark = pytest.mark.bastion_only

TWO = {"front": "10.1.0.101", "wire1": "10.1.1.101"}


class FarFromBoth(Far):
    """Its machine is let out to either bastion, and dials each by its own address."""

    def __init__(self, fleet, two):
        super().__init__(fleet.lab)
        self._fleet = fleet
        self.two = two
        self.machine.namespace.ip(f"route add {TWO['front']} via {TWO['wire1']}")

    def dials_in_to_two(self):
        unit = Unit([*self.link_line()[:-1], f"be9@{TWO['front']}"])
        self._units.append(unit)
        return unit

    def has_links_to_two(self, count):
        listening = self.two.namespace.command("ss", "--unix", "--listening", "--no-header")
        until(lambda: run(listening).count("/links/") == count, f"{count} links to two are there")

    def lands_by(self, bastion):
        assert self._fleet.ssh(bastion, "bob+far", "echo $BOX").succeeded().stdout == "be2/bob"

    def is_refused_by(self, bastion, sentence):
        refused = self._fleet.ssh(bastion, "bob+far", "true")
        assert refused.status == 255
        assert sentence in refused.stderr


@pytest.fixture
def site(own_lab):
    with Fleet(own_lab) as fleet:
        two = fleet.add("two", fleet.begin())
        far = FarFromBoth(fleet, two)
        until(lambda: "far" in two.admin("container", "list"), "the second one has it too")
        yield far
        far.hangs_up()


def links_at(bastion):
    return len(json.loads(bastion.admin("backend", "show", "be9", "--json"))["links"])


def test_each_bastion_needs_a_link_of_its_own(site):
    one, two = site.lab.bastion, site.two
    first = site.dials_in()
    site.has_links(1)
    site.lands_by("bastion")
    host_key = json.loads(one.admin("backend", "show", "be9", "--json"))["host_key"]
    # Whoever comes to the other one is not sent on.
    site.is_refused_by("two", f"bastion: {SHOWN} yet; tell your administrator")
    assert (links_at(one), links_at(two)) == (1, 0)
    site.dials_in_to_two()
    site.has_links_to_two(1)
    site.lands_by("two")
    assert (links_at(one), links_at(two)) == (1, 1)
    # It is the same machine to both: the host key that one has learned is that of the other one too.
    assert json.loads(two.admin("backend", "show", "be9", "--json"))["host_key"] == host_key
    first.stop()
    site.has_links(0)
    site.is_refused_by("bastion", f"bastion: {SHOWN} since 20")
    site.lands_by("two")


def test_one_that_ends_takes_its_own_link_only(site):
    site.dials_in()
    site.dials_in_to_two()
    site.has_links(1)
    site.has_links_to_two(1)
    site.lab.bastion.kill()
    site.lands_by("two")
    site.lab.bastion.start()
    site.lands_by("bastion")  # who comes at once waits for the next link


def test_another_key_ends_the_links_at_every_bastion(site):
    site.dials_in()
    site.dials_in_to_two()
    site.has_links(1)
    site.has_links_to_two(1)
    site.two.admin("backend", "set", "be9", "--key", Key(site.lab.folder / "another").public)
    for bastion in (site.lab.bastion, site.two):
        bastion.waits_for_log("link down ")
        assert "reason=key_removed" in bastion.log
    site.has_links(0)
    site.has_links_to_two(0)
