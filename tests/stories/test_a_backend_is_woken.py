"""A backend that has a hook is started by it when a login cannot reach it, or when it dies under those who are there."""

import json
import os
import pathlib

import pytest

from lab.client import finish
from lab.deadline import until

pytestmark = pytest.mark.bastion_only


class Cloud:
    """Hooks of an administrator's, and what they were told; the test is the machine that boots then."""

    def __init__(self, lab):
        self.lab = lab
        self.folder = lab.folder / "wake.d"
        self.told = lab.folder / "told"
        self.folder.mkdir(mode=0o755)

    def has(self, name, script=""):
        hook = self.folder / name
        hook.write_text(f'#!/bin/sh\necho "$@" >> {self.told}\n{script}')
        hook.chmod(0o755)
        return hook

    def orders(self):
        return self.told.read_text().splitlines() if self.told.exists() else []

    def boots(self):
        until(self.orders, "the hook is told")
        self.lab.backend("be1").start()


def cloud(lab, script="", hook="cloud"):
    made = Cloud(lab)
    made.has(hook, script)
    lab.bastion.configure(wake_hooks=str(made.folder))
    lab.bastion.hands_over()
    lab.bastion.admin("backend", "set", "be1", "--wake", "cloud")
    return made


def comes(lab, command="echo $BOX"):
    return lab.client.start(*lab.client.ssh_line("alice", "bastion", command))


def woken(lab):
    rows = json.loads(lab.bastion.admin("audit", "list", "--json"))
    return [(row["user"], row["subject"], row["outcome"]) for row in reversed(rows) if row["action"] == "wake"]


def test_who_finds_it_down_waits_and_lands(own_lab):
    machine = cloud(own_lab, 'echo "it \\033[31mboots" >&2\n')
    own_lab.backend("be1").stop()
    client = comes(own_lab)
    machine.boots()
    outcome = finish(client)
    assert (outcome.status, outcome.stdout) == (0, "be1/alice")
    assert outcome.stderr.startswith("bastion: starting be1")
    assert machine.orders() == ["start be1"]
    until(lambda: len(woken(own_lab)) == 2, "it is written down")
    assert woken(own_lab) == [("alice", "backend be1", "tried"), ("alice", "backend be1", "done")]
    assert 'hook says hook=cloud backend=be1 text="it ?[31mboots"' in own_lab.bastion.log


@pytest.mark.lab_with(settings={"workers": 2, "max_startups": 100, "max_startups_per_source": 100})
def test_twenty_at_once_start_it_once(own_lab):
    machine = cloud(own_lab)
    own_lab.backend("be1").stop()
    clients = [comes(own_lab) for _ in range(20)]
    machine.boots()
    assert {(each.status, each.stdout) for each in map(finish, clients)} == {(0, "be1/alice")}
    assert machine.orders() == ["start be1"]


def test_it_dies_under_its_users_and_who_comes_back_waits(own_lab):
    machine = cloud(own_lab)
    there = [comes(own_lab, "echo up; cat") for _ in range(2)]
    for client in there:
        assert client.stdout.readline() == b"up\n"
    own_lab.backend("be1").stop()
    for client in there:
        said = finish(client).stderr
        assert "the connection to backend be1 was lost; if it is down it is being started again: log in, and you wait for it" in said
    until(machine.orders, "the hook is told, though nobody has come back")
    back = comes(own_lab)
    machine.boots()
    outcome = finish(back)
    assert outcome.stdout == "be1/alice"
    assert machine.orders() == ["start be1"]


def test_a_hop_that_is_cut_while_the_backend_is_up_starts_nothing(own_lab):
    machine = cloud(own_lab)
    client = comes(own_lab, "echo up; cat")
    assert client.stdout.readline() == b"up\n"
    own_lab.backend("be1").restart()
    assert "was lost" in finish(client).stderr
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
    assert machine.orders() == [] == woken(own_lab)


@pytest.mark.parametrize("spoil, why", [
    (lambda hook: hook.chmod(0o777), "can be written by others than root"),
    (lambda hook: os.chown(hook, 65534, 0), "does not belong to root"),
    (lambda hook: hook.unlink(), "No such file"),
    (lambda hook: hook.parent.chmod(0o777), "can be written by others than root"),
    (lambda hook: hook.write_text("#!/bin/sh\necho no machine left >&2; exit 3\n"), "ended with status 3: no machine left"),
], ids=["writable", "somebody's", "gone", "folder", "fails"])  # fmt: skip
def test_a_hook_that_does_not_start_it(own_lab, spoil, why):
    machine = cloud(own_lab)
    spoil(machine.folder / "cloud")
    own_lab.backend("be1").stop()
    outcome = own_lab.ssh("alice", "true")
    assert outcome.status == 255
    assert f"bastion: backend be1 is down and could not be started; tell your administrator (id {outcome.id})" in outcome.stderr
    assert why in "".join(own_lab.bastion.log_of(outcome.id, "login ended"))
    assert "could not be started" in own_lab.ssh("alice", "true").stderr
    assert machine.orders() == []
    assert [row for row in woken(own_lab) if row[2] == "tried"] == [("alice", "backend be1", "tried")]


@pytest.mark.lab_with(settings={"wake_limit": 2})
def test_a_hook_that_hangs_is_ended(own_lab):
    machine = cloud(own_lab, "exec tail -f /dev/null\n")
    own_lab.backend("be1").stop()
    assert "could not be started" in own_lab.ssh("alice", "true").stderr
    assert machine.orders() == ["start be1"]
    hanging = lambda: [pid for pid in own_lab.bastion.namespace.pids() if b"tail" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()]
    until(lambda: not hanging(), "it is gone")


def test_it_is_started_though_she_who_asked_is_gone(own_lab):
    machine = cloud(own_lab)
    own_lab.backend("be1").stop()
    client = comes(own_lab)
    until(machine.orders, "the hook is told")
    client.kill()
    client.communicate()
    machine.boots()
    own_lab.bastion.waits_for_log("backend was started backend=be1")


def test_a_hook_reads_no_private_key(own_lab):
    state = own_lab.bastion.state
    machine = cloud(own_lab, f'cat {state}/identity/* {state}/host_keys/* > {own_lab.folder}/stolen\nexit 0\n')
    own_lab.backend("be1").stop()
    client = comes(own_lab)
    machine.boots()
    assert finish(client).stdout == "be1/alice"
    assert (own_lab.folder / "stolen").read_text() == ""


def test_the_name_of_a_hook_is_a_plain_one(own_lab):
    for name in ["../sh", "/bin/sh", "-x", "a b"]:
        assert "cannot be the name of a hook" in own_lab.bastion.tries("backend", "set", "be1", f"--wake={name}").stderr
    own_lab.bastion.admin("backend", "set", "be1", "--wake", "cloud")
    assert json.loads(own_lab.bastion.admin("backend", "show", "be1", "--json"))["wake"] == "cloud"
    own_lab.bastion.admin("backend", "set", "be1", "--wake", "none")
    assert json.loads(own_lab.bastion.admin("backend", "show", "be1", "--json"))["wake"] is None
