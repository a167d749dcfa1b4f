"""`container create` and what ends it: through the hop, by an account that may do no more than `bastion-instances` does."""

import json
import re

import pytest

from instances import ALLOWED, Instances
from lab.client import finish
from lab.deadline import until
from lab.key import fingerprint_of

pytestmark = pytest.mark.bastion_only

CREATE = ["container", "create", "web", "--owner", "alice"]


def line(lab, *words):
    return [*lab.client.ssh_line("root", "bastion", "admin", "-s"), *words]


def remote(lab, *words):
    return lab.client.run(*line(lab, *words))


def local(lab, *words):
    return lab.bastion.tries(*words)


DOORS = pytest.mark.parametrize("door", [remote, local], ids=["ssh", "local"])


@pytest.fixture
def site(own_lab):
    """There is no alice/web, and nothing where it was."""
    instances = Instances(own_lab)
    own_lab.bastion.admin("container", "remove", "alice/web")
    machine = own_lab.container("alice")
    machine.stop()
    machine.authorize()
    own_lab.restart_middle()
    return instances


def begins(lab, *more, place=("--backend", "be1")):
    return lab.client.start(*line(lab, *CREATE, *place, *more))


def made(site, *more, **how):
    process = begins(site.lab, *more, **how)
    site.boots("web", site.lab.container("alice"))
    return finish(process)


def shown(lab):
    return json.loads(lab.bastion.admin("container", "show", "alice/web", "--json"))


def containers(lab):
    return {row["name"] for row in json.loads(lab.bastion.admin("container", "list", "--owner", "alice", "--json"))}


def audited(lab, action):
    rows = json.loads(lab.bastion.admin("audit", "list", "--json"))
    return [(row["user"], row["outcome"], row["subject"]) for row in rows if row["action"] == action]


def test_one_command_makes_it_and_she_lands_there(site):
    lab = site.lab
    outcome = made(site)
    assert outcome.status == 0, outcome.stderr
    fingerprint = fingerprint_of(lab.container("alice").host_key)
    created, _, hint = outcome.stdout.partition("; ")
    assert created == f"container alice/web created on backend be1 at 10.0.3.100:22, with the host key {fingerprint}"
    assert hint.startswith("alice has two containers now and no default")
    said = outcome.stderr.splitlines()
    assert said[0] == "making web on backend be1"
    assert said[1:] == ["web is made; waiting for its address", "web has the address 10.0.3.100; waiting for its sshd"]
    assert shown(lab)["host_key"] == f"{fingerprint} (pinned)"
    assert lab.ssh("alice+web", "echo $BOX").stdout == "be1/alice"
    assert audited(lab, "container create") == [("root", "done", "alice/web on backend be1")]
    (launched,) = site.asked("init")
    mark = re.search(r"user\.bastion=([0-9a-f]{16}) ", launched)[1]
    words = f"init images:debian/12/cloud web --project default --profile default --config user.bastion={mark} --config"
    assert launched.startswith(words)
    assert "ssh_authorized_keys: ['ssh-ed25519 " in (site.backend.home / "asked").read_text()


def test_it_goes_to_the_emptiest_backend_when_asked(site):
    assert made(site, place=["--auto-place"]).status == 0
    assert shown(site.lab)["backend"] == "be1"


def test_at_this_machine_the_same_is_read(site):
    process = site.lab.bastion.starts(*CREATE, "--backend", "be1")
    site.boots("web", site.lab.container("alice"))
    outcome = finish(process)
    assert outcome.status == 0
    assert outcome.stderr.splitlines()[-1] == "web has the address 10.0.3.100; waiting for its sshd"


def test_with_the_bastions_ca_it_accepts_certificates(site):
    process = begins(site.lab, "--identity", "certificate", "--login", "alice")
    site.boots("web", site.lab.container("alice"))
    assert finish(process).status == 0
    assert "cert-authority ssh-ed25519" in (site.backend.home / "pushed").read_text()
    assert site.lab.ssh("alice+web", "echo $BOX").stdout == "be1/alice"


def test_a_forged_first_contact_is_refused(site):
    """Somebody else answers at its address: the host key that the instance has was read from it, not from the network."""
    process = begins(site.lab)
    machine = site.lab.container("alice")
    site.boots("web", machine)
    assert finish(process).status == 0
    machine.new_host_key()
    assert "the host key of container web has changed" in site.lab.ssh("alice+web", "true").stderr


def test_it_is_made_though_whoever_asked_is_gone(site):
    process = begins(site.lab)
    until(lambda: site.there() == ["web"], "it is launched")
    process.kill()
    process.communicate()
    site.boots("web", site.lab.container("alice"))
    until(lambda: "web" in containers(site.lab), "its row is there")
    assert site.lab.ssh("alice+web", "echo $BOX").stdout == "be1/alice"


def test_meanwhile_other_commands_and_logins_go_on(site):
    process = begins(site.lab)
    until(lambda: site.there() == ["web"], "it is launched")
    site.lab.bastion.admin("user", "add", "nina")
    assert site.lab.ssh("alice+db", "echo $BOX").stdout == "be2/alice-db"
    site.boots("web", site.lab.container("alice"))
    assert finish(process).status == 0


# --- half done ---


def refusal(site, *more, **how):
    """The sentence of one that was not made: the directory is as it was."""
    outcome = finish(begins(site.lab, *more, **how))
    assert (outcome.status, outcome.stdout) == (1, ""), outcome
    assert "web" not in containers(site.lab)
    assert audited(site.lab, "container create")[0][1] == "refused"
    return outcome.stderr.splitlines()[-1]


def test_one_without_an_address_is_removed_again(site):
    assert refusal(site, "--within", "1s") == (
        "backend be1: web is not in its list; the instance web is removed again"
    )
    assert site.there() == []


def test_one_without_an_sshd_is_removed_again(site):
    site.gets_an_address("web", "10.0.3.100")
    assert refusal(site, "--within", "1s") == (
        "backend be1: bastion-instances: no sshd listens in web yet; the instance web is removed again"
    )
    assert site.there() == []


def test_one_whose_host_key_is_none_is_removed_again(site):
    site.gets_an_address("web", "10.0.3.100")
    site.backend.put("listens", b"")
    site.backend.put("host_key", b"ssh-ed25519 x\n")
    assert "what it gives as its host key is none" in refusal(site)
    assert site.there() == []


def test_one_that_takes_no_key_is_removed_again(site):
    site.gets_an_address("web", "10.0.3.100")
    site.backend.put("listens", b"")
    site.backend.put("host_key", f"{site.lab.container('alice').host_key}\n".encode())
    site.answers('case "$*" in *"sh -c"*) echo "Error: no space" >&2; exit 1 ;; esac')
    assert refusal(site) == "backend be1: Error: no space; the instance web is removed again"
    assert site.there() == []


def test_one_whose_row_is_in_the_way_meanwhile_is_removed_again(site):
    process = begins(site.lab)
    until(lambda: site.there() == ["web"], "it is launched")
    site.lab.bastion.admin("container", "add", "web", "--owner", "alice", "--backend", "be2", "--address", "10.0.3.9")
    site.gets_an_address("web", "10.0.3.100")
    site.backend.put("host_key", f"{site.lab.container('alice').host_key}\n".encode())
    site.backend.put("listens", b"")
    outcome = finish(process)
    assert outcome.status == 1
    assert "alice/web exists already; the instance web is removed again" in outcome.stderr
    assert site.there() == []
    assert shown(site.lab)["backend"] == "be2"


def test_one_that_does_not_start_is_removed_again(site):
    site.answers('case $verb in start) echo "Error: Failed to run" >&2; exit 1 ;; esac')
    assert refusal(site) == "backend be1: Error: Failed to run; the instance web is removed again"
    assert site.there() == []


def test_what_cannot_be_removed_again_is_named_with_the_command_that_does_it(site):
    site.answers('case $verb in delete) echo "Error: busy" >&2; exit 1 ;; esac')
    assert refusal(site, "--within", "1s") == (
        "backend be1: web is not in its list; the instance web may be left on backend be1 (backend be1: Error: busy): "
        "`incus delete --force web` removes it there"
    )
    assert site.there() == ["web"]
    assert "an instance may be left backend=be1 name=web" in site.lab.bastion.log


def test_one_of_that_name_is_left_alone(site):
    site.has("web", "")
    assert refusal(site) == "backend be1 has an instance web already, and it was left alone: import incus takes it over"
    assert site.there() == ["web"] and site.asked("delete") == []


def test_what_the_backend_does_not_allow_is_refused_there(site):
    for more, sentence in [
        (["--image", "images:kali"], "the image images:kali is not allowed by /usr/local/bin/allowed"),
        (["--profile", "privileged"], "the profile privileged is not allowed by /usr/local/bin/allowed"),
        (["--project", "other"], "the project other is not allowed by /usr/local/bin/allowed"),
    ]:
        assert refusal(site, *more) == f"backend be1: bastion-instances: {sentence}; nothing was made"
    site.allows(ALLOWED.replace("limit   3", "limit   0"))
    assert "instances were made by the bastion already, and /usr/local/bin/allowed allows 0; nothing was made" in refusal(site)
    assert site.there() == [] and site.asked("init") == []


def test_a_backend_without_the_program_is_told_from_one_that_refuses(site):
    site.backend.authorize(*site.lab.bastion.identity())
    site.backend.install("bastion-instances", "#!/bin/sh\nexit 127\n")
    site.lab.restart_middle()
    assert refusal(site).startswith("backend be1 has no bastion-instances, or no Incus and no LXD")


def test_a_backend_that_is_away_is_named(site):
    site.backend.stop()
    outcome = finish(begins(site.lab))
    assert outcome.status == 1
    assert "backend be1" in outcome.stderr.splitlines()[-1]


def test_what_can_be_known_before_is_refused_before(site):
    for words, sentence in [
        (["container", "create", "a_b", "--owner", "alice", "--backend", "be1"], "cannot be the name of an instance"),
        (["container", "create", "db", "--owner", "alice", "--backend", "be1"], "alice has a container db already"),
        (["container", "create", "web", "--owner", "alice", "--backend", "here"], "the bastion does not log in to backend here"),
    ]:
        outcome = remote(site.lab, *words)
        assert outcome.status == 1 and sentence in outcome.stderr, outcome
    assert site.asked("") == []


# --- start, stop, restart, delete ---


@pytest.fixture
def running(own_lab):
    """alice/web is an instance of be1 that the bastion has made."""
    instances = Instances(own_lab)
    instances.has("web", "0123456789abcdef")
    own_lab.restart_middle()
    return instances


@DOORS
def test_stop_ends_sessions_with_the_reason(running, door):
    lab = running.lab
    with lab.logged_in("alice") as alice:
        said = door(lab, "container", "stop", "alice/web")
        outcome = finish(alice)
    assert said.status == 0, said.stderr
    assert said.stdout == "container alice/web stopped on backend be1; 1 session ended"
    assert f"bastion: container alice/web was stopped by an administrator (id {outcome.id})" in outcome.stderr
    assert running.asked("stop") == ["stop web --project default --timeout 30"]
    who = "root" if door is remote else "local"
    assert audited(lab, "container stop") == [(who, "done", f"alice/web on backend be1; sessions ended: {outcome.id}")]


def test_restart_ends_sessions_and_she_comes_back(running):
    lab = running.lab
    with lab.logged_in("alice") as alice:
        assert remote(lab, "container", "restart", "alice/web").stdout.endswith("1 session ended")
        assert "container alice/web is restarted by an administrator; log in again in a moment" in finish(alice).stderr
    assert lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


def test_start_starts_it(running):
    assert local(running.lab, "container", "start", "alice/web").stdout == "container alice/web runs on backend be1"
    running.answers('case $verb in start) echo "Error: The instance is already running" >&2; exit 1 ;; esac')
    assert local(running.lab, "container", "start", "alice/web").status == 0
    running.answers('case $verb in start) echo "Error: No space" >&2; exit 1 ;; esac')
    refused = local(running.lab, "container", "start", "alice/web")
    assert (refused.status, refused.stderr) == (1, "backend be1: Error: No space")


def test_an_operator_starts_and_stops_it_unless_it_is_of_somebody_with_a_role(running):
    lab = running.lab
    lab.bastion.admin("user", "set", "bob", "--role", "operator")
    give = lambda *words: lab.client.run(*lab.client.ssh_line("bob", "bastion", "admin", "-s"), *words)
    assert give("container", "restart", "alice/web").stdout == "container alice/web restarted on backend be1; 0 sessions ended"
    assert give("container", "delete", "alice/web").stderr == "container delete is for administrators"
    lab.bastion.admin("user", "set", "alice", "--role", "auditor")
    refused = give("container", "stop", "alice/web")
    why = "only an administrator may change container alice/web: it concerns somebody who has a role"
    assert (refused.status, refused.stderr) == (1, why)
    assert running.asked("stop") == []
    assert audited(lab, "container stop")[0][:2] == ("bob", "refused")


def test_one_that_may_not_be_stopped_keeps_its_sessions(running):
    running.allows("name other\nproject default\n")
    with running.lab.logged_in("alice") as alice:
        refused = remote(running.lab, "container", "stop", "alice/web")
        assert refused.status == 1
        assert "the name web is not allowed by /usr/local/bin/allowed; nothing was done" in refused.stderr
        assert alice.poll() is None
        alice.stdin.write(b"still here\n")
        alice.stdin.flush()
        assert alice.stdout.readline() == b"still here\n"


def test_a_stop_that_fails_says_what_it_has_ended(running):
    running.answers('case $verb in stop) echo "Error: stuck" >&2; exit 1 ;; esac')
    with running.lab.logged_in("alice") as alice:
        refused = remote(running.lab, "container", "stop", "alice/web")
        finish(alice)
    assert (refused.status, refused.stderr) == (1, "backend be1: Error: stuck; 1 session ended")


def test_delete_wants_a_yes_and_takes_both(running):
    lab = running.lab
    refused = local(lab, "container", "delete", "alice/web")
    assert refused.status == 1
    assert "the instance web on backend be1 would be gone with everything in it: --yes deletes it" in refused.stderr
    assert running.there() == ["web"]
    with lab.logged_in("alice") as alice:
        said = remote(lab, "container", "delete", "alice/web", "--yes")
        outcome = finish(alice)
    assert said.stdout == "container alice/web deleted from backend be1; 1 session ended"
    assert "container alice/web was removed" in outcome.stderr
    assert running.there() == [] and "web" not in containers(lab)


def test_one_that_the_bastion_has_not_made_is_not_deleted(running):
    running.has("web", "")
    refused = local(running.lab, "container", "delete", "alice/web", "--yes")
    assert "web was not made by the bastion; nothing was done" in refused.stderr
    assert running.there() == ["web"] and "web" in containers(running.lab)


def test_an_instance_that_stays_keeps_its_row(running):
    running.answers('case $verb in delete) echo "Error: busy" >&2; exit 1 ;; esac')
    refused = local(running.lab, "container", "delete", "alice/web", "--yes")
    assert refused.stderr == (
        "backend be1: Error: busy; 0 sessions ended, and the directory has alice/web still: "
        "container delete alice/web tries it again"
    )
    assert running.there() == ["web"] and "web" in containers(running.lab)


def test_one_that_is_gone_already_loses_its_row(running):
    (running.backend.home / "instances" / "web").unlink()
    said = local(running.lab, "container", "delete", "alice/web", "--yes")
    assert said.stdout == "container alice/web removed; backend be1 had no instance web any more; 0 sessions ended"
    assert "web" not in containers(running.lab)


def test_wake_and_import_go_through_the_same_program(running):
    lab = running.lab
    running.gets_an_address("nina", "10.0.3.77")
    assert json.loads(remote(lab, "import", "incus", "--backend", "be1", "--json").succeeded().stdout)["added"] == 2
    lab.bastion.admin("container", "set", "alice/web", "--wake")
    lab.container("alice").stop()
    process = lab.client.start(*lab.client.ssh_line("alice", "bastion", "echo $BOX"))
    until(lambda: running.asked("start"), "it is started")
    lab.container("alice").start()
    assert finish(process).stdout == "be1/alice"


@pytest.mark.lab_with(settings={"drain_timeout": 60})
def test_a_bastion_that_ends_ends_what_it_makes(site):
    lab = site.lab
    process = begins(lab)
    until(lambda: site.asked("init"), "it is being made")
    lab.bastion.terminate()
    site.boots("web", lab.container("alice"))
    assert lab.bastion.ended() == 0
    assert finish(process).status == 0
    lab.bastion.start()
    assert lab.ssh("alice+web", "echo $BOX").stdout == "be1/alice"
    assert audited(lab, "container create") == [("root", "done", "alice/web on backend be1")]


@pytest.mark.lab_with(settings={"drain_timeout": 60})
def test_what_waits_for_its_turn_is_refused_when_a_bastion_ends(site):
    """There are four at a time; what those make meanwhile is waited for."""
    lab = site.lab
    site.allows(ALLOWED.replace("limit   3", "limit   9"))
    site.answers("case $verb in init) while [ ! -e go ]; do sleep 0.05; done; exit 1;; esac\n")

    def create(name):
        return lab.client.start(*line(lab, "container", "create", name, "--owner", "alice", "--backend", "be1"))

    begun = [create(f"db-{number}") for number in range(4)]
    until(lambda: lab.log.count("an instance is being made") == 4, "four are being made")
    waiting = create("db-more")
    until(lambda: len(json.loads(lab.bastion.admin("session", "list", "--json"))) == 5, "one more is asked for")
    lab.bastion.terminate()
    refused = finish(waiting)
    assert refused.status != 0 and "the bastion is shutting down" in refused.stderr
    assert all(process.poll() is None for process in begun)
    site.backend.put("go", b"")
    assert all(finish(process).status != 0 for process in begun)
    assert lab.bastion.ended() == 0
    assert "name=db-more" not in lab.log


@pytest.mark.lab_with(settings={"drain_timeout": 1})
def test_a_bastion_that_cannot_wait_says_what_may_be_left(site):
    lab = site.lab
    site.answers('case $verb in init) while [ ! -e go ]; do sleep 0.05; done;; esac\n')
    process = begins(lab)
    until(lambda: site.asked("init"), "it is being made")
    lab.bastion.terminate()
    assert lab.bastion.ended() == 0
    assert "an instance may be left backend=be1 name=web" in lab.log
    site.backend.put("go", b"")
    finish(process)
    lab.bastion.start()
    ((user, outcome, _),) = audited(lab, "container create")
    assert (user, outcome != "done") == ("root", True)
