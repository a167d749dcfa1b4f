"""`placement = "memory"`: `container create --auto-place` asks every backend what its machine has to spare, and says whom it passed
over."""

import json

import pytest

from instances import Instances
from lab.client import finish

pytestmark = [pytest.mark.bastion_only, pytest.mark.lab_with(settings={"placement": "memory"})]

GIB = 1 << 30
CREATE = ["admin", "container", "create", "web", "--owner", "alice", "--auto-place"]


def resources(free, load=0.5, processors=4):
    """What `incus query /1.0/resources` prints, as far as it counts."""
    memory = {"total": 64 * GIB, "used": 64 * GIB - free}
    return json.dumps({"cpu": {"total": processors}, "load": {"Average1Min": load}, "memory": memory})


class Site:
    """Two backends that make instances. By the number of containers be2 has the most room: be1 has three others."""

    def __init__(self, lab):
        self.lab = lab
        self.be1, self.be2 = Instances(lab, "be1"), Instances(lab, "be2")
        lab.bastion.admin("container", "remove", "alice/web")
        for number in range(3):
            address = f"10.0.3.{200 + number}"
            lab.bastion.admin("container", "add", f"other{number}", "--owner", "bob", "--backend", "be1", "--address", address)
        machine = lab.container("alice")
        machine.stop()
        machine.authorize()
        # What is made at be2 is not what these stories are about.
        self.be2.answers('case $verb in init) echo "Error: not today" >&2; exit 1 ;; esac')
        lab.restart_middle()

    def say(self, be1, be2):
        for instances, document in ((self.be1, be1), (self.be2, be2)):
            instances.backend.put("resources", document.encode())

    def begins(self):
        return self.lab.client.start(*self.lab.client.ssh_line("root", "bastion", " ".join(CREATE), "-s"))

    def made_at_be1(self):
        process = self.begins()
        self.be1.boots("web", self.lab.container("alice"))
        outcome = finish(process)
        assert outcome.status == 0, outcome.stderr
        shown = json.loads(self.lab.bastion.admin("container", "show", "alice/web", "--json"))
        assert shown["backend"] == "be1"
        assert self.lab.ssh("alice+web", "echo $BOX").stdout == "be1/alice"
        return outcome.stderr.splitlines()

    def tried_at_be2(self):
        outcome = finish(self.begins())
        assert outcome.status == 1
        assert outcome.stderr.splitlines()[-1].startswith("backend be2: Error: not today")
        assert self.be1.asked("init") == []


@pytest.fixture
def site(own_lab):
    return Site(own_lab)


def test_it_goes_where_most_memory_is_free(site):
    site.say(resources(free=32 * GIB), resources(free=16 * GIB))
    assert site.made_at_be1()[0] == "making web on backend be1"
    assert site.be1.asked("query") == site.be2.asked("query") == ["query /1.0/resources"]


def test_and_so_it_does_the_other_way_round(site):
    site.say(resources(free=16 * GIB), resources(free=32 * GIB))
    site.tried_at_be2()


def test_one_whose_processors_are_taken_comes_last(site):
    site.say(resources(free=32 * GIB, load=4.5), resources(free=1 * GIB))
    site.tried_at_be2()


def test_one_that_does_not_say_it_is_passed_over_and_named(site):
    site.say(resources(free=1 * GIB), "{}")
    assert site.made_at_be1()[0] == "be2 is passed over: it does not say how much memory is free"


def test_one_that_is_full_is_not_asked(site):
    site.lab.bastion.admin("backend", "set", "be2", "--capacity", "2")
    site.say(resources(free=1 * GIB), resources(free=32 * GIB))
    site.made_at_be1()
    assert site.be2.asked("query") == []


def test_where_none_says_it_nothing_is_made(site):
    site.say('{"memory": {"total": 1, "used": 2}}', "Error: no")
    outcome = finish(site.begins())
    assert outcome.status == 1
    said = outcome.stderr.splitlines()
    assert said == [
        "be1 is passed over: it says of its memory what cannot be",
        "be2 is passed over: it does not say how much memory is free",
        "no active backend says what is free there: be1, be2",
    ]
    assert site.be1.asked("init") == site.be2.asked("init") == []
