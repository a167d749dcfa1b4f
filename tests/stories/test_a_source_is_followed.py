"""The daemon of a backend says where its containers are, and the directory follows: a login that does not find hers asks at once."""

import json

import pytest
import scrapes

from instances import Instances
from lab.client import finish
from lab.deadline import until

pytestmark = pytest.mark.bastion_only

MOVED = "bastion: web has moved; going where it is now"


def instance(name, address, status="Running", location="none"):
    card = {"host_name": "veth1", "addresses": [{"family": "inet", "scope": "global", "address": address}]}
    network = {"eth0": card} if address else {}
    return {"name": name, "status": status, "location": location, "project": "default", "state": {"network": network}}


class Daemon:
    """What a backend lists from now on, and how often it was asked."""

    def __init__(self, lab, backend="be1", program="incus"):
        self._lab = lab
        self.name = backend
        self._machine = lab.backend(backend)
        self._machine.give_shell("/bin/sh")
        self.lists()
        lists = 'echo "$*" >>"$HOME/asked"; cat "$HOME/listed"'
        starts = 'echo "$*" >>"$HOME/started"'
        self._machine.install(program, f'#!/bin/sh\ncase "$*" in "list --format json") {lists};; "start web") {starts};; *) exit 64;; esac\n')

    def lists(self, *instances):
        self.says(json.dumps(instances))

    def says(self, text):
        self._machine.put("listed", text.encode())

    def asked(self):
        file = self._machine.home / "asked"
        return len(file.read_text().splitlines()) if file.exists() else 0

    def has_started_one(self):
        return (self._machine.home / "started").exists()

    def is_followed(self, *more, source="incus"):
        """Once a day, and the first time has passed."""
        before = self.asked()
        self._lab.bastion.admin("backend", "set", self.name, "--source", source, "--every", "1d", *more)
        until(lambda: self.asked() > before, f"{self.name} is asked")
        until(lambda: shown(self._lab, self.name)["listed"], f"what {self.name} lists is known")

    def is_asked_again(self):
        """What it lists now counts when this returns."""
        before = self.asked()
        every = "23h" if shown(self._lab, self.name)["source"].split()[1] == "every=86400" else "1d"
        self._lab.bastion.admin("backend", "set", self.name, "--every", every)
        until(lambda: self.asked() > before, f"{self.name} is asked again")


def shown(lab, backend):
    return json.loads(lab.bastion.admin("backend", "show", backend, "--json"))


def container(lab, name="alice/web"):
    return json.loads(lab.bastion.admin("container", "show", name, "--json"))


def states(lab):
    return {f"{row['owner']}/{row['name']}": row["state"] for row in json.loads(lab.bastion.admin("container", "list", "--json"))}


def audited(lab):
    rows = json.loads(lab.bastion.admin("audit", "list", "--json"))
    return [(row["action"], row["subject"]) for row in reversed(rows) if row["user"].startswith("source ")]


def gets(lab, user, address, before="10.0.3.100"):
    """As from a DHCP server that has forgotten it."""
    lab.container(user).namespace.ip(f"address del {before}/24 dev eth0", f"address add {address}/24 dev eth0")


def goes_to_be2(lab, address):
    lab.backend("be1").namespace.ip(f"link set alice netns {lab.backend('be2').namespace.handle}")
    lab.backend("be2").namespace.ip("link set alice master containers up")
    gets(lab, "alice", address)


@pytest.mark.parametrize("program, source", [("incus", "incus"), ("lxc", "lxd")])
def test_an_address_that_changes_costs_one_retry(own_lab, program, source):
    daemon = Daemon(own_lab, program=program)
    daemon.lists(instance("web", "10.0.3.100"))
    daemon.is_followed(source=source)
    assert own_lab.ssh("alice", "echo $BOX").stderr == ""
    key = container(own_lab)["host_key"]
    gets(own_lab, "alice", "10.0.3.77")
    daemon.lists(instance("web", "10.0.3.77"))
    asked = daemon.asked()
    outcome = own_lab.ssh("alice", "echo $BOX")
    assert (outcome.status, outcome.stdout) == (0, "be1/alice")
    assert outcome.stderr.strip() == MOVED
    assert daemon.asked() == asked + 1
    assert (container(own_lab)["address"], container(own_lab)["host_key"]) == ("10.0.3.77:22", key)
    assert audited(own_lab) == [("container move", "alice/web")]
    assert "container has moved container=alice/web source=be1" in own_lab.bastion.log
    again = own_lab.ssh("alice", "echo $BOX")
    assert (again.stdout, again.stderr) == ("be1/alice", "")
    assert daemon.asked() == asked + 1


@pytest.mark.lab_with(settings=scrapes.SETTINGS)
def test_it_is_followed_before_anybody_comes(own_lab):
    daemon = Daemon(own_lab)
    daemon.lists(instance("web", "10.0.3.100"))
    daemon.is_followed()
    gets(own_lab, "alice", "10.0.3.77")
    daemon.lists(instance("web", "10.0.3.77"))
    daemon.is_asked_again()
    until(lambda: container(own_lab)["address"] == "10.0.3.77:22", "the directory follows")
    scrapes.sees(own_lab, **{'source_changes_total{what="moved"}': 1, 'source_changes_total{what="gone"}': 0})
    outcome = own_lab.ssh("alice", "echo $BOX")
    assert (outcome.stdout, outcome.stderr) == ("be1/alice", "")


@pytest.mark.lab_with(settings={"workers": 2, "max_startups": 100, "max_startups_per_source": 100})
def test_twenty_at_once_ask_together(own_lab):
    daemon = Daemon(own_lab)
    daemon.lists(instance("web", "10.0.3.100"))
    daemon.is_followed()
    gets(own_lab, "alice", "10.0.3.77")
    daemon.lists(instance("web", "10.0.3.77"))
    asked = daemon.asked()
    clients = [own_lab.client.start(*own_lab.client.ssh_line("alice", "bastion", "echo $BOX")) for _ in range(20)]
    outcomes = [finish(client) for client in clients]
    assert {(each.status, each.stdout) for each in outcomes} == {(0, "be1/alice")}
    assert audited(own_lab) == [("container move", "alice/web")]
    assert daemon.asked() - asked <= 3


def test_a_move_to_another_member_of_the_cluster(own_lab):
    own_lab.bastion.admin("container", "remove", "bob/web", "--yes")  # in a cluster a name is that of one
    daemon = Daemon(own_lab)
    daemon.lists(instance("web", "10.0.3.100", location="node1"))
    daemon.is_followed("--map", "node1=be1", "--map", "node2=be2")
    assert own_lab.ssh("alice", "echo $BOX").status == 0
    key = container(own_lab)["host_key"]
    goes_to_be2(own_lab, "10.0.3.102")
    daemon.lists(instance("web", "10.0.3.102", location="node2"))
    outcome = own_lab.ssh("alice", "echo $BOX")
    assert (outcome.status, outcome.stdout, outcome.stderr.strip()) == (0, "be1/alice", MOVED)
    now = container(own_lab)
    assert (now["backend"], now["address"], now["host_key"]) == ("be2", "10.0.3.102:22", key)
    daemon.lists(instance("web", "10.0.3.102", location="node3"))
    daemon.is_asked_again()
    until(lambda: container(own_lab)["not_followed_because"], "drift is shown")
    assert container(own_lab)["not_followed_because"] == "it runs on node3, and no --map says which backend that is"
    assert container(own_lab)["backend"] == "be2"


def test_one_that_was_on_a_backend_that_is_down_is_found_by_another_member(own_lab):
    own_lab.bastion.admin("container", "remove", "bob/web", "--yes")
    daemon = Daemon(own_lab, "be2")
    daemon.lists(instance("web", "10.0.3.100", location="node1"))
    daemon.is_followed("--map", "node1=be1", "--map", "node2=be2")
    own_lab.ssh("alice", "true").succeeded()
    goes_to_be2(own_lab, "10.0.3.102")
    own_lab.backend("be1").stop()
    daemon.lists(instance("web", "10.0.3.102", location="node2"))
    outcome = own_lab.ssh("alice", "echo $BOX")
    assert (outcome.status, outcome.stdout, outcome.stderr.strip()) == (0, "be1/alice", MOVED)
    assert container(own_lab)["backend"] == "be2"


def test_two_that_have_changed_addresses_are_told_apart_by_their_host_keys(own_lab):
    daemon = Daemon(own_lab, "be2")
    daemon.lists(instance("web", "10.0.3.100"), instance("db", "10.0.3.101"))
    daemon.is_followed()
    for user in ("bob", "alice+db"):
        assert own_lab.ssh(user, "true").status == 0
    gets(own_lab, "bob", "10.0.3.102")
    gets(own_lab, "alice+db", "10.0.3.100", before="10.0.3.101")
    gets(own_lab, "bob", "10.0.3.101", before="10.0.3.102")
    own_lab.backend("be2").namespace.ip("neighbour flush all")
    daemon.lists(instance("web", "10.0.3.101"), instance("db", "10.0.3.100"))
    outcome = own_lab.ssh("bob", "echo $BOX")
    assert (outcome.status, outcome.stdout, outcome.stderr.strip()) == (0, "be2/bob", MOVED)
    assert own_lab.ssh("alice+db", "echo $BOX").stdout == "be2/alice-db"


def test_one_that_was_made_anew_has_another_host_key_and_is_refused(own_lab):
    daemon = Daemon(own_lab)
    daemon.lists(instance("web", "10.0.3.100"))
    daemon.is_followed()
    assert own_lab.ssh("alice", "true").status == 0
    gets(own_lab, "alice", "10.0.3.77")
    own_lab.container("alice").new_host_key()
    daemon.lists(instance("web", "10.0.3.77"))
    outcome = own_lab.ssh("alice", "true")
    assert (outcome.status, outcome.stdout) == (255, "")
    assert MOVED in outcome.stderr
    assert "the host key of container web has changed; tell your administrator" in outcome.stderr


def test_what_is_gone_is_said_and_kept_and_what_is_back_too(own_lab):
    daemon = Daemon(own_lab)
    daemon.lists(instance("web", "10.0.3.100"))
    daemon.is_followed()
    until(lambda: states(own_lab)["alice/web"] == "running", "its state is known")
    seen = container(own_lab)["seen"]
    assert states(own_lab)["bob/web"] is None
    daemon.lists()
    daemon.is_asked_again()
    until(lambda: states(own_lab)["alice/web"] == "gone", "it is gone")
    assert container(own_lab)["seen"] == seen
    assert "container is gone container=alice/web source=be1" in own_lab.bastion.log
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"  # it is there all the same
    daemon.lists(instance("web", "10.0.3.100"))
    daemon.is_asked_again()
    until(lambda: states(own_lab)["alice/web"] == "running", "it is back")
    assert audited(own_lab) == [("container gone", "alice/web"), ("container back", "alice/web")]


def test_one_that_is_stopped_is_explained(own_lab):
    daemon = Daemon(own_lab)
    own_lab.container("alice").stop()
    daemon.lists(instance("web", "", status="Stopped"))
    daemon.is_followed()
    outcome = own_lab.ssh("alice", "true")
    assert "container web is unreachable; is it running?" in outcome.stderr
    assert MOVED not in outcome.stderr
    told = own_lab.bastion.tries("explain", "alice", "--json")
    assert told.status == 1
    assert "be1 lists it as stopped, " in json.loads(told.stdout)["why"]
    assert states(own_lab)["alice/web"] == "stopped"


def test_one_that_is_started_with_another_address_is_found(own_lab):
    daemon = Daemon(own_lab)
    daemon.lists(instance("web", "", status="Stopped"))
    daemon.is_followed()
    own_lab.bastion.admin("container", "set", "alice/web", "--wake")
    assert own_lab.ssh("alice", "true").status == 0
    own_lab.container("alice").stop()
    client = own_lab.client.start(*own_lab.client.ssh_line("alice", "bastion", "echo $BOX"))
    until(daemon.has_started_one, "it is started")
    gets(own_lab, "alice", "10.0.3.77")
    own_lab.container("alice").start()
    daemon.lists(instance("web", "10.0.3.77"))
    outcome = finish(client)
    assert (outcome.status, outcome.stdout) == (0, "be1/alice"), outcome.stderr
    assert outcome.stderr.startswith("bastion: starting web")
    assert MOVED in outcome.stderr


def test_explain_looks_where_it_is_too(own_lab):
    daemon = Daemon(own_lab)
    daemon.lists(instance("web", "10.0.3.100"))
    daemon.is_followed()
    gets(own_lab, "alice", "10.0.3.77")
    daemon.lists(instance("web", "10.0.3.77"))
    told = json.loads(own_lab.bastion.admin("explain", "alice", "--json"))
    assert told["succeeds"] is True
    assert told["steps"][0]["what"] == "it is not at 10.0.3.100:22; its source says that it is at 10.0.3.77:22 on be1"


class TwoDaemons:
    """be1 and be2 know nothing of each other; be2 has bastion-instances. alice/web is at be1, and nothing at be2."""

    def __init__(self, lab):
        self.lab = lab
        lab.bastion.admin("container", "remove", "bob/web", "--yes")
        self.be2 = Instances(lab, "be2")
        lab.restart_middle()
        self.be1 = Daemon(lab)
        self.be1.lists(instance("web", "10.0.3.100"))
        self.be1.is_followed()
        lab.bastion.admin("backend", "set", "be2", "--source", "incus", "--every", "1d")
        until(lambda: shown(lab, "be2")["listed"], "be2 is followed too")

    def moves(self, host_key):
        """As by export and import: be2 has it from now on, or another one of its name."""
        goes_to_be2(self.lab, "10.0.3.102")
        self.be1.lists()
        self.be2.has("web")
        self.be2.backend.put("host_key", f"{host_key}\n".encode())
        self.be2.backend.put("listens", b"")
        self.be2.gets_an_address("web", "10.0.3.102")


def test_one_that_goes_to_a_daemon_which_is_no_cluster_with_its_own(own_lab):
    site = TwoDaemons(own_lab)
    assert own_lab.ssh("alice", "echo $BOX").stderr == ""
    key = container(own_lab)["host_key"]
    site.moves(own_lab.container("alice").host_key)
    outcome = own_lab.ssh("alice", "echo $BOX")
    assert (outcome.status, outcome.stdout, outcome.stderr.strip()) == (0, "be1/alice", MOVED)
    now = container(own_lab)
    assert (now["backend"], now["address"], now["host_key"], now["state"]) == ("be2", "10.0.3.102:22", key, "running")
    assert audited(own_lab) == [("container gone", "alice/web"), ("container move", "alice/web")]
    assert site.be2.asked("file pull") != []
    again = own_lab.ssh("alice", "echo $BOX")
    assert (again.stdout, again.stderr) == ("be1/alice", "")


def test_another_one_of_its_name_is_not_taken_for_it(own_lab):
    site = TwoDaemons(own_lab)
    own_lab.ssh("alice", "true").succeeded()
    site.moves(own_lab.container("bob").host_key)
    refused = own_lab.ssh("alice", "true")
    assert refused.status == 255
    assert "container web is unreachable; is it running?" in refused.stderr
    now = container(own_lab)
    assert (now["backend"], now["address"], now["state"]) == ("be1", "10.0.3.100:22", "gone")
    why = "be2 lists an instance of that name, which is another one: it has another host key"
    assert now["not_followed_because"] == why
    assert f'container is not followed container=alice/web source=be2 what="{why}"' in own_lab.bastion.log
    told = own_lab.bastion.tries("explain", "alice", "--json")
    assert why in json.loads(told.stdout)["why"]
    # A person decides.
    own_lab.bastion.admin("container", "move", "alice/web", "--backend", "be2", "--address", "10.0.3.102")
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


def tunnelled(lab, where):
    """What answers at the other end of `ssh -W`."""
    return lab.client.run(*lab.client.ssh_line("alice", "bastion", None, "-W", where), input="SSH-2.0-x\r\n")


def test_a_tunnel_finds_it_there_too(own_lab):
    daemon = Daemon(own_lab)
    daemon.lists(instance("web", "10.0.3.100"))
    daemon.is_followed()
    gets(own_lab, "alice", "10.0.3.77")
    daemon.lists(instance("web", "10.0.3.77"))
    asked = daemon.asked()
    there = tunnelled(own_lab, "web:22")
    assert there.stdout.startswith("SSH-2.0-OpenSSH"), there.stderr
    assert daemon.asked() == asked + 1
    assert container(own_lab)["address"] == "10.0.3.77:22"
    assert "tunnel goes where its container has moved" in own_lab.bastion.log
    assert "alice/web at 10.0.3.77:22" in own_lab.bastion.admin("audit", "list", "--user", "alice")
    # An address is meant as it is written.
    gone = tunnelled(own_lab, "10.0.3.100:22")
    assert (gone.status, gone.stdout) == (255, "")


def test_a_tunnel_to_one_that_is_stopped_says_so(own_lab):
    daemon = Daemon(own_lab)
    own_lab.container("alice").stop()
    daemon.lists(instance("web", "", status="Stopped"))
    daemon.is_followed()
    asked = daemon.asked()
    refused = tunnelled(own_lab, "web:22")
    assert "container alice/web is unreachable; is it running?" in refused.stderr
    assert daemon.asked() == asked + 1


def test_a_daemon_that_says_something_else_changes_nothing(own_lab):
    daemon = Daemon(own_lab)
    daemon.lists(instance("web", "10.0.3.100"))
    daemon.is_followed()
    for said in ("Error: no", "[" * 1000, '[{"name": "web", "status": "Running"'):
        daemon.says(said)
        daemon.is_asked_again()
        until(lambda: shown(own_lab, "be1")["not_listed_because"], "it is said")
        assert "a list is expected" in shown(own_lab, "be1")["not_listed_because"]
        assert container(own_lab)["address"] == "10.0.3.100:22"
        daemon.lists(instance("web", "10.0.3.100"))
        daemon.is_asked_again()
        until(lambda: not shown(own_lab, "be1")["not_listed_because"], "it lists again")
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


def test_it_is_shown_exported_and_taken_over(own_lab):
    Daemon(own_lab)
    own_lab.bastion.admin("backend", "set", "be1", "--source", "lxd", "--every", "30s", "--interface", "eth1", "--map", "Node1=be1")
    source = "lxd every=30 interface=eth1 map=Node1=be1"
    assert shown(own_lab, "be1")["source"] == source
    document = own_lab.bastion.admin("export")
    own_lab.bastion.admin("backend", "set", "be1", "--source", "none")
    assert shown(own_lab, "be1")["source"] is None
    own_lab.bastion.admin("apply", "-", input=document)
    assert shown(own_lab, "be1")["source"] == source


@pytest.mark.parametrize(
    "words, why",
    [
        (["here", "--source", "incus"], "the bastion does not log in to backend here, so it cannot ask there what runs"),
        (["be1", "--every", "30s"], "backend be1 has no source: give --source incus or --source lxd with it"),
        (["be1", "--source", "incus", "--every", "5s"], "--every 5s: it is 10s to 1d"),
        (["be1", "--source", "incus", "--map", "node1=be77"], "there is no backend be77"),
        (["be1", "--source", "none", "--every", "30s"], "--source none has no --every"),
    ],
)
def test_what_cannot_be_followed_is_refused(own_lab, words, why):
    refused = own_lab.bastion.tries("backend", "set", *words)
    assert refused.status == 1
    assert why in refused.stderr
