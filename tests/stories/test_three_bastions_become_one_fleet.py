"""Three bastions, each with users, backends and containers of its own, become one fleet, and bring along what they have."""

import subprocess

import pytest

from fleet import Fleet
from lab import topology
from lab.deadline import until

pytestmark = pytest.mark.bastion_only

# A host that is presented with other keys than the fleet's.
STRANGE = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "GlobalKnownHostsFile=/dev/null"]
HERE = topology.BASTION["wire1"]
BE1, BE2 = (topology.address_for_predecessor(name) for name in topology.SMALL)


@pytest.fixture
def fleet(own_lab):
    with Fleet(own_lab) as fleet:
        yield fleet


def bastion_of_its_own(fleet, name):
    """With an administrator, and nobody else yet."""
    lab = fleet.lab
    added = fleet.machine(name)
    added.configure(fleet={})
    added.init("root", lab.key("root").path.with_suffix(".pub"))
    return added


def serves_alone(bastion):
    bastion.start()


def is_to_join(fleet, bastion, name):
    bastion.terminate()
    assert bastion.ended() == 0
    bastion.configure(fleet={"database": fleet.postgres.by_network, "node": name})


def lets_in(lab, machines, *bastions):
    """The machines take the keys of these bastions."""
    keys = [key for each in bastions for key in each.identity()]
    for machine in machines:
        machine.authorize(*keys)


def box(fleet, bastion, user):
    return fleet.ssh(bastion, user, "echo $BOX").stdout


def test_three_bastions_become_one(fleet):
    lab, one = fleet.lab, fleet.lab.bastion
    one.admin("container", "remove", "erin/web", "--yes")
    two, three = (bastion_of_its_own(fleet, name) for name in ("two", "three"))
    # Another alice, and another backend of the same name: both are somebody else.
    two.admin("user", "add", "alice", "--key", lab.key("alice-two").public)
    two.admin("backend", "add", "be1", BE2, "--login", topology.HOP_LOGIN)
    two.admin("container", "add", "home", "--owner", "alice", "--backend", "be1", "--address", "10.0.3.100", "--login", "bob")
    # The same alice, and another container that she calls by a name which she has given already.
    three.admin("user", "add", "alice", "--key", lab.key("alice").public)
    three.admin("backend", "add", topology.DIRECT, HERE, "--login", topology.HOP_LOGIN, "--direct")
    three.admin("container", "add", "db", "--owner", "alice", "--backend", topology.DIRECT, "--address", "10.1.1.100", "--login", "erin")
    one.admin("container", "remove", "bob/web", "--yes")
    key = fleet.begin()
    lets_in(lab, [lab.backend("be1"), lab.backend("be2"), lab.container("alice"), lab.container("alice+db")], one, two, three)
    # These know no other bastion yet.
    lets_in(lab, [lab.container("bob")], two)
    lets_in(lab, [lab.container("erin")], three)
    two_alone(fleet, two)

    # What is in the way is named, and nothing is changed.
    is_to_join(fleet, two, "two")
    own = two.identity_files()
    refused = two.joins(key, "--merge")
    assert refused.status == 1 and "nothing was changed" in refused.stderr
    for words in ("user:alice\n", "backend:be1\n", f"address: {BE2}:22 here, {BE1}:22 in the fleet"):
        assert words in refused.stderr
    (line,) = [line.strip() for line in refused.stderr.splitlines() if line.startswith("  bastion join --merge")]
    assert line == "bastion join --merge --rename backend:be1=be1-two --rename user:alice=alice-two"
    resolved = line.split()[2:]
    assert two.identity_files() == own and not (two.state / "before-merge").exists()
    tried = two.joins(None, *resolved, "--dry-run").succeeded()
    assert "add container alice-two/home" in tried.stdout
    assert "alice-two" not in one.admin("user", "list")
    assert "this is no join key" in two.joins("nonsense", *resolved).stderr

    # With the words that it has said itself it goes well.
    said = two.joins(key, *resolved).succeeded().stdout
    assert "alice of this bastion logs in as alice-two from now on" in said
    assert str(two.state / "before-merge") in said
    assert one.identity()[0] in said
    assert (two.state / "before-merge" / "bastion.db").exists()
    two.start()
    until(lambda: "alice-two" in one.admin("user", "list"), "the first one has it too")
    # As the fleet, with the fleet's host keys; to where only its own identity is known, with that.
    assert box(fleet, "two", "alice-two") == "be2/bob"
    assert box(fleet, "two", "alice") == "be1/alice"
    assert fleet.ssh("bastion", "alice-two", "true").status == 255
    assert "the first one is new" in two.tries("identity", "show").stderr
    lets_in(lab, [lab.container("bob")], one)
    assert box(fleet, "bastion", "alice-two") == "be2/bob"

    # A third one, which is killed while it joins.
    serves_alone(three)
    is_to_join(fleet, three, "three")
    refused = three.joins(key, "--merge")
    assert "container:alice/db\n" in refused.stderr
    joins_though_it_is_killed(three, key, "--merge", "--rename", "container:alice/db=db-three")
    three.start()
    lets_in(lab, [lab.container("erin")], one)
    until(lambda: "db-three" in one.admin("container", "list"), "the first one has it too")
    for bastion in ("bastion", "two", "three"):
        until(lambda bastion=bastion: box(fleet, bastion, "alice+db-three") == f"{topology.DIRECT}/erin", "it has come along")
        assert box(fleet, bastion, "alice") == "be1/alice"
        assert box(fleet, bastion, "alice+db") == "be2/alice-db"
        assert box(fleet, bastion, "alice-two") == "be2/bob"

    # What has happened before is read everywhere.
    for bastion in (one, three):
        until(lambda bastion=bastion: has_history_of_two(bastion), "the history of the second one is there")
    assert "merged" in two.admin("audit", "list", "--json")


def two_alone(fleet, two):
    """It works by itself, and has a history."""
    serves_alone(two)
    client = fleet.lab.client
    line = ["ssh", *STRANGE, *client.options("alice-two"), "-o", "HostKeyAlias=two", "alice@two", "echo $BOX"]
    assert client.run(*line).stdout == "be2/bob"


def has_history_of_two(bastion):
    sessions = bastion.admin("session", "list", "--all", "--user", "alice")
    audit = bastion.admin("audit", "list", "--limit", "1000")
    return "alice/home" in sessions and "alice/home" in audit


def joins_though_it_is_killed(bastion, key, *words):
    """SIGKILL at any time, again and again, and a little later each time."""
    patience = 0.02
    while True:
        joining = bastion.starts_to_join(key, *words)
        try:
            joining.wait(patience)
        except subprocess.TimeoutExpired:
            joining.kill()
            joining.wait()
            patience *= 1.5
            continue
        said, complaint = joining.communicate()
        assert joining.returncode == 0, complaint
        assert b"is one of the fleet" in said
        return
