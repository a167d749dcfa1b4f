"""Real system containers of two LXD hosts behind the same private network: `tests/run containers`, by hand."""

import contextlib
import json
import os

import host
import pytest
from lab.bastion import Bastion
from lab.cable import Bridge, Cable
from lab.client import Client
from lab.key import Key
from lab.lab import ROOT
from lab.namespace import Namespace

WEB = "10.0.3.100"


class Site:
    def __init__(self):
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
        self.hosts = {name: self._host(name, f"10.1.1.{number}", bridge) for name, number in (("be1", 11), ("be2", 12))}
        self.bastion.start()
        self._client = Client(here, self.folder / "client", "none", lambda user: self.key(user).path)

    def _host(self, name, address, bridge):
        namespace = self._namespace(name)
        Cable(name, namespace, "wire", address, bridge)
        made = host.Host(name, namespace, self.folder / name)
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

    def ssh(self, user, command="hostname -I; id -un"):
        options = ["-p", "2222", "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self.folder}/known", "-q"]
        line = ["ssh", "-F", "none", "-i", str(self.key(user.partition("+")[0]).path), *options, f"{user}@10.1.1.1", command]
        return self._client.run(*line)

    def lands(self, user, address, login):
        assert self.ssh(user).stdout.split() == [address, login]


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
    assert "container alice is unreachable; is it running?" in site.ssh("alice").stderr
    be1.lxc(back, "alice")
    be1.listens("alice")
    site.lands("alice", WEB, "alice")


def test_one_that_is_restarted_is_the_same(site):
    site.hosts["be1"].lxc("restart", "alice")
    site.hosts["be1"].listens("alice")
    site.lands("alice", WEB, "alice")


def test_a_copy_is_reached_at_its_own_address_and_has_the_same_host_key(site):
    be1 = site.hosts["be1"]
    be1.lxc("copy", "alice", "spare")
    be1.lxc("start", "spare")
    be1.give_address("spare", "10.0.3.101")
    be1.listens("spare")
    assert site.imported("be1", "--owner", "alice")["added"] == 1
    site.lands("alice+spare", "10.0.3.101", "alice")
    keys = {json.loads(site.bastion.admin("container", "show", f"alice/{name}", "--json"))["host_key"] for name in ("alice", "spare")}
    assert len(keys) == 1
