"""Two real LXDs that are one cluster: the one that is asked says on which member a container is: `tests/run containers`, by hand."""

import host
import pytest
from lab.deadline import until
from test_real_containers import Site, listed, shown
from test_real_moves import audited, container, follows, is_at


class _Cluster:
    """Makes the machines of a site its members."""

    def __init__(self):
        self._first = None

    def __call__(self, *machine):
        made = host.Member(*machine, first=self._first)
        self._first = self._first or made
        return made


def named(*members):
    """What they are called here."""
    return [word for each in members for word in ("--map", f"{each.member}={each.name}")]


@pytest.fixture(scope="module")
def cluster():
    """Of two members. Only be1 is asked, and speaks of both."""
    if reason := host.missing():
        pytest.skip(reason)
    kind = _Cluster()
    with Site(kind, kind) as site:
        be1, be2 = site.hosts.values()
        be1.launch("alice", "10.0.3.100", "alice", site.identity, more=["--target", be1.member])
        site.bastion.admin("user", "add", "alice", "--key", site.key("alice").public)
        assert site.imported("be1", *named(be1))["added"] == 1
        listed(site, "1d", more=named(be1, be2))
        yield site


def goes(cluster, member):
    be1 = cluster.hosts["be1"]
    be1.lxc("stop", "alice")
    be1.lxc("move", "alice", "--target", member.member)
    be1.lxc("start", "alice")
    be1.listens("alice")


def test_in_a_cluster_the_location_says_the_backend(cluster):
    be1, be2 = cluster.hosts.values()
    cluster.lands("alice", "10.0.3.100", "alice")
    assert is_at(cluster, "alice") == ("be1", "10.0.3.100")
    key = container(cluster, "alice")["host_key"]
    goes(cluster, be2)
    follows(cluster, "alice", "10.0.3.100", "alice")
    assert is_at(cluster, "alice") == ("be2", "10.0.3.100")
    assert container(cluster, "alice")["host_key"] == key
    goes(cluster, be1)
    listed(cluster, "23h")
    until(lambda: is_at(cluster, "alice") == ("be1", "10.0.3.100"), "it is followed before anybody comes")
    cluster.lands("alice", "10.0.3.100", "alice")
    assert audited(cluster, "alice") == ["container move", "container move"]


def test_a_member_that_no_map_names_is_not_followed_and_that_is_said(cluster):
    be1, be2 = cluster.hosts.values()
    listed(cluster, "1d", more=named(be1))
    goes(cluster, be2)
    listed(cluster, "23h")
    until(lambda: container(cluster, "alice")["not_followed_because"], "drift is shown")
    now = container(cluster, "alice")
    assert now["backend"] == "be1"
    assert now["not_followed_because"] == f"it runs on {be2.member}, and no --map says which backend that is"
    assert shown(cluster, "be1")["not_listed_because"] is None
