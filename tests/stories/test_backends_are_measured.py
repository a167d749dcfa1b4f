"""`backend list` asks each backend, on the hop that logins use, whether it can be reached; who places containers listens."""

import json

import pytest

from lab import topology
from lab.deadline import until

pytestmark = pytest.mark.bastion_only


def remote(lab, *words):
    return lab.client.run(*lab.client.ssh_line("root", "bastion", "admin", "-s"), *words)


def local(lab, *words):
    return lab.bastion.tries(*words)


DOORS = pytest.mark.parametrize("door", [remote, local], ids=["ssh", "local"])


def listed(lab, door=local):
    outcome = door(lab, "backend", "list", "--json").succeeded()
    assert outcome.stderr == ""
    return {row["name"]: row for row in json.loads(outcome.stdout)}


def shown(lab, name, door=local):
    return json.loads(door(lab, "backend", "show", name, "--json").succeeded().stdout)


@DOORS
def test_what_is_there_answers_and_what_is_no_hop_is_not_measured(lab, door):
    rows = listed(lab, door)
    for name in ("be1", "be2", "be3", "be4"):
        assert rows[name]["reachable"] is True, rows[name]
        assert 0 <= rows[name]["latency_ms"] < 4000
        assert rows[name]["last_success"].endswith("Z")
    (direct,) = [row for row in rows.values() if row["route"] == "direct"]
    assert (direct["reachable"], direct["latency_ms"]) == (None, None)
    assert shown(lab, "be1", door)["reachable"] is True


def test_the_hop_of_a_login_is_used_and_no_other_is_dialled(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    assert own_lab.hop_connections("be1") == 1
    for _ in range(5):
        assert listed(own_lab)["be1"]["reachable"]
    assert own_lab.hop_connections("be1") == 1
    assert own_lab.hop_connections("be2") == 1


@DOORS
def test_what_is_switched_off_is_not_reachable_and_its_last_success_stays(own_lab, door):
    before = listed(own_lab, door)["be1"]
    own_lab.backend("be1").stop()
    until(lambda: listed(own_lab, door)["be1"]["reachable"] is False, "be1 is seen to be gone")
    gone = listed(own_lab, door)
    assert gone["be1"]["latency_ms"] is None
    assert gone["be1"]["last_success"] >= before["last_success"]
    assert gone["be2"]["reachable"] is True
    assert "backend be1 is unreachable" in shown(own_lab, "be1", door)["unreachable_because"]
    own_lab.backend("be1").start()
    until(lambda: listed(own_lab, door)["be1"]["reachable"], "be1 is back")


@pytest.mark.lab_with(backends=("be1", "be2"), settings={"keepalive_interval": 60})
def test_what_swallows_every_packet_costs_the_lister_a_bounded_time(own_lab):
    listed(own_lab)
    own_lab.backend("be2").unplug()
    gone = listed(own_lab)
    assert (gone["be1"]["reachable"], gone["be2"]["reachable"]) == (True, False)
    assert "answer" in shown(own_lab, "be2")["unreachable_because"]


def test_a_host_key_that_is_another_one_is_the_reason(own_lab):
    listed(own_lab)
    own_lab.backend("be1").new_host_key()
    until(lambda: listed(own_lab)["be1"]["reachable"] is False, "be1 is not trusted any more")
    assert "the host key of backend be1 has changed" in shown(own_lab, "be1")["unreachable_because"]


def test_without_a_server_it_is_said_that_nothing_is_measured(own_lab):
    own_lab.bastion.terminate()
    assert own_lab.bastion.ended() == 0
    outcome = own_lab.bastion.tries("backend", "list", "--json").succeeded()
    assert {row["reachable"] for row in json.loads(outcome.stdout)} == {None}
    assert "reachability is not measured" in outcome.stderr
    assert "reachability is not measured" in own_lab.bastion.tries("backend", "show", "be1").succeeded().stderr
    own_lab.bastion.start()


THREE = {"be1": 30, "be2": 25, "be3": 35}


@pytest.mark.lab_with(backends=("be1", "be2", "be3"))
def test_a_new_container_goes_to_the_emptiest_that_can_be_reached(own_lab):
    """Scenario 24."""
    lab = own_lab
    count = lambda name: listed(lab)[name]["containers"]
    lines = []
    for name, wanted in THREE.items():
        for number in range(wanted - count(name)):
            lines.append(f"container add {name}-{number} --owner alice --backend {name} --address 10.0.4.{number + 1}")
    lab.client.run(*lab.client.ssh_line("root", "bastion", "admin", "-s"), input="\n".join(lines)).succeeded()
    lab.bastion.admin("backend", "drain", topology.DIRECT)
    assert {name: count(name) for name in THREE} == THREE
    numbers = iter(range(100, 200))

    def placed(door):
        number = next(numbers)
        words = ["container", "add", f"new-{number}", "--owner", "bob", "--auto-place", "--address", f"10.0.5.{number}"]
        return door(lab, *words).succeeded().stdout.partition(";")[0].rpartition(" ")[2]

    assert [placed(remote), placed(local)] == ["be2", "be2"]
    lab.backend("be2").stop()
    until(lambda: listed(lab)["be2"]["reachable"] is False, "be2 is seen to be gone")
    # be3 is reached via be2, so it is gone too.
    assert [placed(remote), placed(local)] == ["be1", "be1"]
    lab.bastion.admin("backend", "drain", "be1")
    refused = local(lab, "container", "add", "last", "--owner", "bob", "--auto-place", "--address", "10.0.5.99")
    assert refused.status == 1
    assert "no active backend can be reached" in refused.stderr
    lab.backend("be2").start()
    until(lambda: listed(lab)["be2"]["reachable"], "be2 is back")
    assert placed(local) == "be2"


def state_of(lab, name):
    document = json.loads(lab.bastion.admin("top", "--json"))
    return next(one["state"] for one in document["backends"] if one["name"] == name)


def test_what_is_no_hop_is_what_logins_find_there(own_lab):
    """Nothing is asked of its sshd, where it has one; but erin goes through it, and so does her jump."""
    assert (state_of(own_lab, topology.DIRECT), listed(own_lab)[topology.DIRECT]["last_success"]) == ("unknown", None)
    own_lab.container("erin").stop()
    assert own_lab.ssh("erin", "true").status == 255
    assert state_of(own_lab, topology.DIRECT) == "down"
    own_lab.container("erin").start()
    own_lab.ssh("erin", "true").succeeded()
    assert state_of(own_lab, topology.DIRECT) == "up"
    assert listed(own_lab)[topology.DIRECT]["last_success"].endswith("Z")
    own_lab.container("erin").stop()
    assert own_lab.client.run(*own_lab.client.ssh_line("erin", "bastion", None, "-W", "web:22")).status == 255
    assert state_of(own_lab, topology.DIRECT) == "suspect"
