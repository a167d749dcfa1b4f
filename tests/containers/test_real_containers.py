"""Real system containers of two LXD hosts behind the same private network: `tests/run containers`, by hand."""

import contextlib
import datetime
import json
import os
import pathlib
import re
import time

import host
import pytest
from lab.bastion import Bastion
from lab.cable import Bridge, Cable
from lab.client import Client
from lab.deadline import until
from lab.key import Key
from lab.lab import ROOT
from lab.namespace import Namespace

WEB = "10.0.3.100"


class Site:
    def __init__(self, be1=host.Host, be2=host.Host):
        """With machines of these kinds behind it; None: there is no be2."""
        self._kinds = {name: kind for name, kind in (("be1", be1), ("be2", be2)) if kind}
        self._stack = contextlib.ExitStack()
        self.name = f"real{os.getpid()}"
        self.folder = ROOT / self.name

    def __enter__(self):
        with self._stack:
            self._build()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _build(self):
        owner = ROOT / f"{self.name}.owner"
        self.folder.mkdir(parents=True)
        owner.write_text(str(os.getpid()))
        self._stack.callback(owner.unlink)
        self._stack.callback(host.run, ["rm", "-rf", "--one-file-system", self.folder])
        here = self._namespace("bastion")
        bridge = Bridge(self._namespace("switch"), "wire")
        Cable("bastion", here, "wire", "10.1.1.1", bridge)
        self.bastion = Bastion(here, self.folder / "bastion", "10.1.1.1:2222")
        self.bastion.init("root", self.key("root").public)
        self._stack.callback(self.bastion.kill)
        self.identity = "\n".join([*self.bastion.identity(), ""])
        addresses = {"be1": "10.1.1.11", "be2": "10.1.1.12"}
        self.hosts = {name: self._host(kind, name, addresses[name], bridge) for name, kind in self._kinds.items()}
        self.bastion.start()
        self._client = Client(here, self.folder / "client", "none", lambda user: self.key(user).path)

    def _host(self, kind, name, address, bridge):
        namespace = self._namespace(name)
        Cable(name, namespace, "wire", address, bridge)
        made = kind(name, namespace, self.folder / name)
        self._stack.callback(made.stop)
        made.start()
        made.admit(self.identity)
        self.bastion.admin("backend", "add", name, address, "--login", "hop")
        return made

    def _namespace(self, name):
        made = Namespace(f"{self.name}-{name}")
        made.create()
        self._stack.callback(made.delete)
        return made

    def key(self, user):
        return Key(self.folder / "keys" / user)

    def user(self, name, backend, address=WEB):
        """With a container of the same name, which the bastion learns from LXD."""
        self.bastion.admin("user", "add", name)
        self.bastion.admin("key", "add", name, self.key(name).public)
        self.hosts[backend].launch(name, address, name, self.identity)
        return self.imported(backend)

    def imported(self, backend, *more):
        return json.loads(self.bastion.admin("import", "incus", "--backend", backend, "--json", *more))

    def ssh(self, user, command="hostname -I; id -un", **how):
        options = ["-p", "2222", "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self.folder}/known", "-q"]
        line = ["ssh", "-F", "none", "-i", str(self.key(user.partition("+")[0]).path), *options, f"{user}@10.1.1.1", command]
        return self._client.run(*line, **how)

    def lands(self, user, address, login):
        seen = self.ssh(user)
        assert (seen.stdout.split(), seen.stderr) == ([address, login], "")

    def reads(self, user, sentence):
        """Who does not come in, and why."""
        seen = self.ssh(user)
        assert (seen.status, seen.stdout) == (255, "")
        assert re.fullmatch(rf"bastion: {re.escape(sentence)} \(id \w+\)", seen.stderr.strip()), seen.stderr


PROGRAM = pathlib.Path(__file__).parents[2] / "packaging" / "backend" / "bastion-instances"


def has_program(machine, allowed):
    """bastion-instances is there, with what root allows."""
    machine.run("tee", "/usr/local/bin/bastion-instances", input=PROGRAM.read_text())
    machine.run("chmod", "755", "/usr/local/bin/bastion-instances")
    machine.run("tee", "/etc/bastion-instances", input=allowed)


@pytest.fixture(scope="module")
def site():
    if reason := host.missing():
        pytest.skip(reason)
    with Site() as site:
        site.user("alice", "be1")
        site.user("bob", "be2")
        yield site


def test_two_backends_have_the_same_address(site):
    site.lands("alice", WEB, "alice")
    site.lands("bob", WEB, "bob")


@pytest.mark.parametrize("away, back", [("stop", "start"), ("pause", "start")])
def test_one_that_is_stopped_or_paused_is_not_reached_and_comes_back(site, away, back):
    be1 = site.hosts["be1"]
    be1.lxc(away, "alice")
    site.reads("alice", "container alice is unreachable; is it running?")
    be1.lxc(back, "alice")
    be1.listens("alice")
    site.lands("alice", WEB, "alice")


def test_one_without_any_network_is_reached_by_a_command(site):
    be1 = site.hosts["be1"]
    be1.lxc("init", "guest", "bare")
    be1.lxc("config", "device", "add", "bare", "eth0", "none")
    be1.lxc("start", "bare")
    be1.listens("bare")
    be1.admits("bare", "bare", site.identity)
    site.bastion.admin("user", "add", "bare", "--key", site.key("bare").public)
    site.bastion.admin("container", "add", "bare", "--owner", "bare", "--backend", "be1", "--command", "lxd")
    assert site.ssh("bare", "id -un").stdout == "bare"
    assert "eth0" not in site.ssh("bare", "ls /sys/class/net").stdout
    much = "x" * 3_000_000
    assert site.ssh("bare", "wc -c", input=much).stdout.strip() == str(len(much))
    assert site.ssh("bare", "exit 7").status == 7
    be1.lxc("stop", "bare")
    site.reads("bare", "the command that leads to container bare has failed; is it running?")
    be1.lxc("start", "bare")
    be1.listens("bare")
    assert site.ssh("bare", "id -un").stdout == "bare"


def test_one_that_sleeps_is_started_for_who_logs_in(site):
    """Also where its sshd answers long before it has booted, and lets nobody in until then (pam_nologin)."""
    be1 = site.hosts["be1"]
    folder = "/etc/systemd/system/systemd-user-sessions.service.d"
    be1.lxc("exec", "alice", "--", "sh", "-c", f"mkdir {folder}; printf '[Service]\\nExecStartPre=/bin/sleep 5\\n' >{folder}/slow.conf")
    site.bastion.admin("container", "set", "alice/alice", "--wake")
    be1.lxc("stop", "alice")
    seen = site.ssh("alice", "id -un")
    assert (seen.status, seen.stdout) == (0, "alice"), seen.stderr
    assert seen.stderr.startswith("bastion: starting alice")
    assert "System is booting up" in seen.stderr
    site.bastion.admin("container", "set", "alice/alice", "--no-wake")
    be1.lxc("exec", "alice", "--", "rm", "-r", folder)
    site.lands("alice", WEB, "alice")


def test_one_that_is_restarted_is_the_same(site):
    site.hosts["be1"].lxc("restart", "alice")
    site.hosts["be1"].listens("alice")
    site.lands("alice", WEB, "alice")


def test_a_copy_is_reached_at_its_own_address_and_warned_of(site):
    be1 = site.hosts["be1"]
    be1.lxc("copy", "alice", "spare")
    be1.lxc("start", "spare")
    be1.give_address("spare", "10.0.3.101")
    be1.listens("spare")
    assert site.imported("be1", "--owner", "alice")["added"] == 1
    site.lands("alice+spare", "10.0.3.101", "alice")
    for name, other in [("alice", "spare"), ("spare", "alice")]:
        said = site.bastion.tries("container", "show", f"alice/{name}")
        assert f"warning: its host key is that of container alice/{other} too: a copy needs host keys of its own" in said.stderr
    assert "container alice/alice, container alice/spare have the same host key" in site.bastion.check().succeeded().stdout
    be1.lxc("exec", "spare", "--", "sh", "-c", "rm /etc/ssh/ssh_host_*_key* && ssh-keygen -A && systemctl restart ssh")
    site.reads("alice+spare", "the host key of container spare has changed; tell your administrator")
    site.bastion.admin("container", "forget-host-key", "alice/spare")
    site.lands("alice+spare", "10.0.3.101", "alice")
    assert site.bastion.tries("container", "show", "alice/spare").stderr == ""
    be1.lxc("delete", "--force", "spare")
    site.bastion.admin("container", "remove", "alice/spare", "--yes")


def shown(site, backend):
    return json.loads(site.bastion.admin("backend", "show", backend, "--json"))


def states(site):
    return {row["name"]: row["state"] for row in json.loads(site.bastion.admin("container", "list", "--json"))}


MOVED = "bastion: {} has moved; going where it is now"


def listed(site, every, backend="be1", more=(), source="lxd"):
    """What LXD says now counts."""
    before = int(time.time())  # as precise as it is shown
    begins = ["--source", source] if not shown(site, backend)["source"] or more else []
    site.bastion.admin("backend", "set", backend, *begins, "--every", every, *more)
    seen = lambda: shown(site, backend)["listed"]
    stamp = lambda: datetime.datetime.fromisoformat(seen()).timestamp() if seen() else 0
    until(lambda: stamp() >= before, "LXD has listed what it runs", seconds=60)


def test_what_lxd_says_is_followed(site):
    be1 = site.hosts["be1"]
    listed(site, "1d")
    assert states(site)["alice"] == "running"
    be1.give_address("alice", "10.0.3.110")
    be1.listens("alice")
    seen = site.ssh("alice")
    assert seen.stdout.split() == ["10.0.3.110", "alice"], seen.stderr
    assert seen.stderr.strip() == MOVED.format("alice")
    site.lands("alice", "10.0.3.110", "alice")
    be1.give_address("alice", WEB)
    be1.listens("alice")
    listed(site, "23h")
    site.lands("alice", WEB, "alice")
    be1.lxc("stop", "alice")
    listed(site, "22h")
    assert states(site)["alice"] == "stopped"
    site.reads("alice", "container alice is unreachable; is it running?")
    be1.lxc("start", "alice")
    be1.listens("alice")
    site.bastion.admin("backend", "set", "be1", "--source", "none")
    site.lands("alice", WEB, "alice")


def test_one_that_is_made_anew_at_its_address_has_another_host_key(site):
    be1 = site.hosts["be1"]
    be1.lxc("delete", "--force", "alice")
    be1.launch("alice", WEB, "alice", site.identity)
    site.reads("alice", "the host key of container alice has changed; tell your administrator")
    assert "container forget-host-key alice/alice" in site.bastion.explained("alice")["why"]
    said = site.bastion.admin("container", "forget-host-key", "alice/alice")
    assert said == "the host key of container alice/alice is forgotten; the next one it presents is remembered"
    site.lands("alice", WEB, "alice")


def test_one_that_goes_to_the_other_backend(site):
    be1, be2 = site.hosts["be1"], site.hosts["be2"]
    assert site.user("carol", "be1", "10.0.3.102")["added"] == 1
    site.lands("carol", "10.0.3.102", "carol")
    be1.lxc("stop", "carol")
    be1.hand_over("carol", be2)
    be2.listens("carol")
    site.reads("carol", "container carol is unreachable; is it running?")
    said = site.bastion.admin("container", "move", "carol/carol", "--backend", "be2", "--address", "10.0.3.102")
    assert said.startswith("container carol/carol moved to ")
    site.lands("carol", "10.0.3.102", "carol")


def test_one_in_another_project_is_found_where_it_is_asked_for(site):
    be2 = site.hosts["be2"]
    be2.lxc("project", "create", "other", "--config", "features.images=false", "--config", "features.profiles=false")
    be2.launch("dora", "10.0.3.104", "dora", site.identity, project="other")
    site.bastion.admin("user", "add", "dora", "--key", site.key("dora").public)
    assert site.imported("be2")["added"] == 0
    assert site.imported("be2", "--all-projects")["added"] == 1
    site.lands("dora", "10.0.3.104", "dora")
    be2.lxc("delete", "--force", "dora", "--project", "other")
