"""A container that may be started is, when a login finds it stopped: once for all who come, and they wait and land."""

import json

import pytest

from box import SSHD, Box
from lab.client import finish
from lab.deadline import until

pytestmark = pytest.mark.bastion_only

# What the daemon of a backend does; the test is what boots the container then.
STARTS = 'echo "$*" >> "$HOME/starts"\n[ "$*" = "start web" ] || exit 64\n'


def daemon(lab, more="", program="incus"):
    backend = lab.backend("be1")
    backend.give_shell("/bin/sh")
    backend.install(program, f"#!/bin/sh\n{STARTS}{more}")


def starts(lab):
    said = lab.backend("be1").home / "starts"
    return said.read_text().splitlines() if said.exists() else []


def sleeps(lab, **how):
    """alice/web is stopped and marked."""
    daemon(lab, **how)
    lab.bastion.admin("container", "set", "alice/web", "--wake")
    lab.container("alice").stop()


def comes(lab, command="echo $BOX"):
    return lab.client.start(*lab.client.ssh_line("alice", "bastion", command))


def boots(lab):
    until(lambda: starts(lab), "the backend is told to start it")
    lab.container("alice").start()


def woken(lab):
    rows = json.loads(lab.bastion.admin("audit", "list", "--json"))
    return [(row["user"], row["subject"], row["outcome"]) for row in reversed(rows) if row["action"] == "wake"]


def test_who_finds_it_stopped_waits_and_lands(own_lab):
    sleeps(own_lab)
    client = comes(own_lab)
    boots(own_lab)
    outcome = finish(client)
    assert (outcome.status, outcome.stdout) == (0, "be1/alice")
    assert outcome.stderr.startswith("bastion: starting web")
    assert starts(own_lab) == ["start web"]
    until(lambda: len(woken(own_lab)) == 2, "it is written down")
    assert woken(own_lab) == [("alice", "container alice/web", "tried"), ("alice", "container alice/web", "done")]
    assert "container is being started container=alice/web user=alice" in own_lab.bastion.log
    assert "container was started container=alice/web" in own_lab.bastion.log


def test_at_a_terminal_it_is_read_while_she_waits(own_lab):
    sleeps(own_lab)
    with own_lab.terminal("alice") as terminal:
        terminal.expect("bastion: starting web")
        boots(own_lab)
        terminal.expect(r"\$ ")


def test_one_that_is_not_marked_is_left_alone(own_lab):
    daemon(own_lab)
    own_lab.container("alice").stop()
    outcome = own_lab.ssh("alice", "true")
    assert "container web is unreachable; is it running?" in outcome.stderr
    sleeps(own_lab)
    own_lab.bastion.admin("container", "set", "alice/web", "--no-wake")
    assert "is unreachable" in own_lab.ssh("alice", "true").stderr
    assert starts(own_lab) == [] == woken(own_lab)


@pytest.mark.lab_with(settings={"workers": 2, "max_startups": 100, "max_startups_per_source": 100})
def test_twenty_at_once_start_it_once(own_lab):
    sleeps(own_lab)
    clients = [comes(own_lab) for _ in range(20)]
    boots(own_lab)
    outcomes = [finish(client) for client in clients]
    assert {(each.status, each.stdout) for each in outcomes} == {(0, "be1/alice")}
    assert starts(own_lab) == ["start web"]


def test_one_that_is_reached_by_a_command(own_lab):
    box = Box(own_lab)
    box.leads(f'[ -e "$HOME/up" ] || {{ echo "Error: Instance is not running" >&2; exit 1; }}\n{SSHD}')
    box.backend.install("incus", '#!/bin/sh\n[ "$*" = "start box" ] && touch "$HOME/up"\n')
    own_lab.bastion.admin("container", "set", "alice/box", "--wake")
    outcome = box.ssh("echo $BOX")
    assert (outcome.status, outcome.stdout) == (0, "box")
    assert outcome.stderr.startswith("bastion: starting box")
    until(lambda: len(woken(own_lab)) == 2, "it is written down")
    assert woken(own_lab) == [("alice", "container alice/box", "tried"), ("alice", "container alice/box", "done")]
    assert box.ssh("echo $BOX").stderr == ""


def test_where_there_is_no_incus_it_is_lxc(own_lab):
    sleeps(own_lab, program="lxc")
    client = comes(own_lab)
    boots(own_lab)
    assert finish(client).stdout == "be1/alice"


def test_one_that_runs_already_is_waited_for(own_lab):
    """It boots, or somebody else has started it."""
    sleeps(own_lab, more='echo "Error: The instance is already running" >&2; exit 1\n')
    client = comes(own_lab)
    boots(own_lab)
    assert finish(client).stdout == "be1/alice"


def test_what_cannot_be_started_is_not_tried_again_at_once(own_lab):
    sleeps(own_lab, more='echo "Error: No \\033[31mspace" >&2; exit 1\n')
    outcome = own_lab.ssh("alice", "true")
    assert outcome.status == 255
    assert outcome.stdout == ""
    assert f"bastion: container web does not run and could not be started; tell your administrator (id {outcome.id})" in outcome.stderr
    assert "No ?[31mspace" in "".join(own_lab.bastion.log_of(outcome.id, "not_started"))
    tried = starts(own_lab)
    assert "could not be started" in own_lab.ssh("alice", "true").stderr
    assert starts(own_lab) == tried
    own_lab.container("alice").start()  # an administrator has
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


@pytest.mark.lab_with(settings={"wake_limit": 2})
def test_one_that_takes_too_long_is_said_to(own_lab):
    sleeps(own_lab)
    outcome = own_lab.ssh("alice", "true")
    assert "container web was started and its SSH does not answer yet; log in again in a moment" in outcome.stderr
    until(lambda: len(woken(own_lab)) == 2, "it is written down")
    assert woken(own_lab)[-1] == ("alice", "container alice/web", "container_still_starting")


@pytest.mark.lab_with(settings={"wake_limit": 2})
def test_a_command_that_hangs_is_given_up(own_lab):
    sleeps(own_lab, more="exec tail -f /dev/null\n")
    outcome = own_lab.ssh("alice", "true")
    assert "container web does not run and could not be started" in outcome.stderr
    assert "what starts it has not ended within 2 s" in "".join(own_lab.bastion.log_of(outcome.id, "login ended"))


def test_it_is_started_though_she_who_asked_is_gone(own_lab):
    sleeps(own_lab, more='until [ -e "$HOME/go" ]; do sleep 0.05; done\n')
    client = comes(own_lab)
    until(lambda: starts(own_lab), "it is asked for")
    client.kill()
    client.communicate()
    until(lambda: json.loads(own_lab.bastion.admin("session", "list", "--json")) == [], "she is gone")
    own_lab.backend("be1").put("go", b"")
    own_lab.container("alice").start()
    own_lab.bastion.waits_for_log("container was started container=alice/web")
    assert starts(own_lab) == ["start web"]


def test_explain_starts_it_when_asked(own_lab):
    sleeps(own_lab)
    told = own_lab.bastion.tries("explain", "alice", "--json")
    assert told.status == 1
    assert "a login starts it, and so does explain --wake" in told.stdout
    assert starts(own_lab) == []
    asked = own_lab.bastion.starts("explain", "alice", "--wake", "--json")
    boots(own_lab)
    outcome = finish(asked)
    assert outcome.status == 0, outcome.stdout
    steps = [step["step"] for step in json.loads(outcome.stdout)["steps"]]
    assert steps[-3:] == ["wake web", "container", "login"]
    assert woken(own_lab)[0] == ("local", "container alice/web", "tried")


def test_it_is_shown_exported_and_taken_over(own_lab):
    daemon(own_lab)
    own_lab.bastion.admin("container", "set", "alice/web", "--wake")
    assert json.loads(own_lab.bastion.admin("container", "show", "alice/web", "--json"))["wake"] is True
    document = own_lab.bastion.admin("export")
    own_lab.bastion.admin("container", "set", "alice/web", "--no-wake")
    own_lab.bastion.admin("apply", "-", input=document)
    assert json.loads(own_lab.bastion.admin("container", "show", "alice/web", "--json"))["wake"] is True


def test_where_the_bastion_does_not_log_in_nothing_can_be_started(own_lab):
    refused = own_lab.bastion.tries("container", "set", "erin/web", "--wake")
    assert refused.status == 1
    assert "the bastion does not log in to backend here, so it cannot start anything there" in refused.stderr


@pytest.mark.lab_with(settings={"drain_timeout": 1})
def test_one_that_is_under_way_when_the_bastion_ends_is_written_down(own_lab):
    sleeps(own_lab, more="exec tail -f /dev/null\n")
    client = comes(own_lab)
    until(lambda: starts(own_lab), "it is asked for")
    own_lab.bastion.terminate()
    assert own_lab.bastion.ended() == 0
    finish(client)
    own_lab.bastion.start()
    assert woken(own_lab) == [("alice", "container alice/web", "tried"), ("alice", "container alice/web", "shutdown")]
