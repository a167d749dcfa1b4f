"""Containers that go from one real LXD to another, where each of the two knows nothing of the other: `tests/run containers`, by hand."""

import json

import host
import pytest
from lab.deadline import until
from test_real_containers import MOVED, Site, has_program, listed, states

ALLOWED = "name *\nproject default\n"


def container(site, name):
    return json.loads(site.bastion.admin("container", "show", f"{name}/{name}", "--json"))


def is_at(site, name):
    """The backend and the address that the directory has."""
    now = container(site, name)
    return now["backend"], now["address"].partition(":")[0]


def follows(site, name, address, login):
    """Who logs in reads a sentence and is there; and the next time there is nothing to be read."""
    seen = site.ssh(name)
    assert (seen.stdout.split(), seen.stderr.strip()) == ([address, login], MOVED.format(name))
    site.lands(name, address, login)


def audited(site, name):
    rows = json.loads(site.bastion.admin("audit", "list", "--json"))
    return [row["action"] for row in reversed(rows) if row["subject"] == f"{name}/{name}" and row["user"].startswith("source ")]


@pytest.fixture(scope="module")
def pair():
    """Two daemons, each of which the bastion asks; the one can give instances to the other."""
    if reason := host.missing():
        pytest.skip(reason)
    with Site() as site:
        be1, be2 = site.hosts.values()
        for each in (be1, be2):
            has_program(each, ALLOWED)
        be1.trusts(be2)
        be2.trusts(be1)
        site.user("alice", "be1", "10.0.3.100")
        for each in ("be1", "be2"):
            listed(site, "1d", each)
        yield site


def test_one_that_is_moved_to_a_daemon_of_its_own_is_followed_by_its_host_key(pair):
    be1, be2 = pair.hosts.values()
    pair.lands("alice", "10.0.3.100", "alice")
    key = container(pair, "alice")["host_key"]
    be1.lxc("stop", "alice")
    be1.lxc("move", "alice", "be2:alice")
    be2.lxc("start", "alice")
    be2.listens("alice")
    follows(pair, "alice", "10.0.3.100", "alice")
    assert is_at(pair, "alice") == ("be2", "10.0.3.100")
    assert container(pair, "alice")["host_key"] == key
    assert states(pair)["alice"] == "running"
    assert audited(pair, "alice") == ["container gone", "container move"]


def test_it_comes_back_with_another_address_while_nobody_looks(pair):
    be1, be2 = pair.hosts.values()
    key = container(pair, "alice")["host_key"]
    be2.lxc("stop", "alice")
    be2.lxc("move", "alice", "be1:alice")
    be1.lxc("start", "alice")
    be1.give_address("alice", "10.0.3.105")
    be1.listens("alice")
    for each in ("be2", "be1"):
        listed(pair, "23h", each)
    until(lambda: is_at(pair, "alice") == ("be1", "10.0.3.105"), "it is followed by its host key", seconds=60)
    assert container(pair, "alice")["host_key"] == key
    pair.lands("alice", "10.0.3.105", "alice")


def test_one_that_is_exported_and_imported_is_followed_too(pair):
    be1, be2 = pair.hosts.values()
    be1.lxc("stop", "alice")
    be1.hand_over("alice", be2)
    be2.give_address("alice", "10.0.3.106")
    be2.listens("alice")
    follows(pair, "alice", "10.0.3.106", "alice")
    assert is_at(pair, "alice") == ("be2", "10.0.3.106")


def test_another_one_of_its_name_is_not_taken_for_it(pair):
    be1, be2 = pair.hosts.values()
    be2.lxc("delete", "--force", "alice")
    be1.launch("alice", "10.0.3.107", "alice", pair.identity)
    pair.reads("alice", "container alice is unreachable; is it running?")
    now = container(pair, "alice")
    assert (now["backend"], now["state"]) == ("be2", "gone")
    assert now["not_followed_because"] == "be1 lists an instance of that name, which is another one: it has another host key"
    # A person decides.
    pair.bastion.admin("container", "move", "alice/alice", "--backend", "be1", "--address", "10.0.3.107")
    pair.lands("alice", "10.0.3.107", "alice")
