"""Instances that the bastion makes, stops and deletes on a real LXD and a real Incus: `tests/run containers`, by hand."""

import json

import host
import pytest
from lab.client import finish
from lab.deadline import until
from test_real_containers import MOVED, Site, has_program, listed

ALLOWED = "name made\nname never\nimage guest\nprofile default\nproject default\nlogin *\nlimit 2\n"
MADE = "10.0.3.120"
SOURCE = {"lxc": "lxd", "incus": "incus"}


@pytest.fixture(scope="module", params=[host.Host, host.IncusHost], ids=["lxd", "incus"])
def site(request):
    if reason := host.missing():
        pytest.skip(reason)
    with Site(be1=request.param, be2=None) as site:
        be1 = site.hosts["be1"]
        has_program(be1, ALLOWED)
        bound = 'restrict,port-forwarding,command="/usr/local/bin/bastion-instances /etc/bastion-instances"'
        be1.admit("".join(f"{bound} {key}\n" for key in site.identity.splitlines()))
        site.bastion.admin("user", "add", "nina")
        site.bastion.admin("key", "add", "nina", site.key("nina").public)
        yield site


def names(be1):
    return be1.lxc("list", "--format", "csv", "--columns", "n").split()


def made(site, name="made", *more):
    """There is no DHCP here: the address comes from outside while the bastion waits for it."""
    be1 = site.hosts["be1"]
    process = site.bastion.starts("container", "create", name, "--owner", "nina", "--backend", "be1", *more)
    until(lambda: is_running(be1, name) or process.poll() is not None, "it is started", seconds=120)
    if process.poll() is None:
        be1.give_address(name, MADE)
    return finish(process, seconds=180)


def is_running(be1, name):
    return be1.lxc("list", f"^{name}$", "--format", "csv", "--columns", "s").strip() == "RUNNING"


def test_one_is_made_used_stopped_started_and_deleted(site):
    be1 = site.hosts["be1"]
    outcome = made(site)
    assert outcome.status == 0, outcome.stderr
    shown = json.loads(site.bastion.admin("container", "show", "nina/made", "--json"))
    assert shown["address"] == f"{MADE}:22"
    inside = be1.lxc("exec", "made", "--", "ssh-keygen", "-lf", "/etc/ssh/ssh_host_ed25519_key.pub").split()[1]
    assert f"{inside} (pinned)" in shown["host_key"]
    site.lands("nina", MADE, "nina")
    assert "stopped on backend be1" in site.bastion.admin("container", "stop", "nina/made")
    assert be1.lxc("list", "made", "--format", "csv", "--columns", "s").strip() == "STOPPED"
    site.bastion.admin("container", "stop", "nina/made")  # and what is stopped already may be stopped
    site.bastion.admin("container", "start", "nina/made")
    be1.listens("made")
    site.lands("nina", MADE, "nina")
    site.bastion.admin("container", "restart", "nina/made")
    be1.listens("made")
    site.lands("nina", MADE, "nina")
    again = site.bastion.tries("container", "create", "made", "--owner", "root", "--backend", "be1")
    assert "backend be1 has an instance made already, and it was left alone" in again.stderr
    assert "deleted from backend be1" in site.bastion.admin("container", "delete", "nina/made", "--yes")
    assert "made" not in names(be1)


def test_one_that_never_has_an_address_is_removed_again(site):
    words = ["container", "create", "never", "--owner", "nina", "--backend", "be1", "--within", "3s"]
    outcome = finish(site.bastion.starts(*words), seconds=180)
    assert outcome.status == 1
    assert outcome.stderr.endswith("the instance never is removed again")
    assert "never" not in names(site.hosts["be1"])


def test_what_root_there_does_not_allow_is_not_made(site):
    for words in (["other"], ["made", "--image", "another"], ["made", "--profile", "another"]):
        outcome = site.bastion.tries("container", "create", *words, "--owner", "nina", "--backend", "be1")
        assert "is not allowed by /etc/bastion-instances; nothing was made" in outcome.stderr
    be1 = site.hosts["be1"]
    be1.lxc("launch", "guest", "never")  # by somebody else
    site.bastion.admin("container", "add", "never", "--owner", "nina", "--backend", "be1", "--address", "10.0.3.9")
    outcome = site.bastion.tries("container", "delete", "nina/never", "--yes")
    assert "never was not made by the bastion; nothing was done" in outcome.stderr
    assert "never" in names(be1)


def test_one_is_reached_by_a_command_with_the_same_account(site):
    be1 = site.hosts["be1"]
    assert made(site).status == 0
    site.bastion.admin("container", "set", "nina/made", "--command", SOURCE[be1.program])
    site.reads("nina+made", "the command that leads to container made has failed; is it running?")
    assert "the reach made is not allowed by /etc/bastion-instances" in site.bastion.explained("nina+made")["why"]
    has_program(be1, f"{ALLOWED}reach made\n")
    assert site.ssh("nina+made", "id -un; exit 3").stdout == "nina"
    has_program(be1, ALLOWED)
    site.bastion.admin("container", "delete", "nina/made", "--yes")


def test_what_is_free_there_is_said(site):
    be1 = site.hosts["be1"]
    found = json.loads(be1.run("su", "hop", "-c", "/usr/local/bin/bastion-instances resources"))
    assert 0 < found["memory"]["used"] < found["memory"]["total"]


def test_one_is_imported_and_followed(site):
    be1 = site.hosts["be1"]
    be1.admit(site.identity)
    be1.launch("olga", "10.0.3.121", "olga", site.identity)
    site.bastion.admin("user", "add", "olga", "--key", site.key("olga").public)
    assert site.imported("be1", "--merge")["added"] >= 1
    site.lands("olga", "10.0.3.121", "olga")
    listed(site, "1d", source=SOURCE[be1.program])
    be1.give_address("olga", "10.0.3.122")
    be1.listens("olga")
    assert site.ssh("olga").stderr.strip() == MOVED.format("olga")
