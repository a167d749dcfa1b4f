"""`import incus --backend B` asks the backend itself, over the hop that logins use, as the account that they pass."""

import contextlib
import json
import pathlib

import pytest

from lab import topology
from lab.client import finish
from lab.deadline import until

pytestmark = pytest.mark.bastion_only

ASK = ["import", "incus", "--backend", "be1"]
# A listing that has begun and does not end.
STUCK = "exec tail -f /dev/null"


def line(lab, user="root"):
    return lab.client.ssh_line(user, "bastion", "admin", "-s")


def remote(lab, *words):
    return lab.client.run(*line(lab), *words)


def local(lab, *words):
    return lab.bastion.tries(*words)


DOORS = pytest.mark.parametrize("door", [remote, local], ids=["ssh", "local"])


def instance(name, number):
    card = {"host_name": "veth1", "addresses": [{"family": "inet", "scope": "global", "address": f"10.0.3.{number}"}]}
    return {"name": name, "status": "Running", "location": "none", "state": {"network": {"eth0": card}}}


def runs(lab, *names, program="incus", backend="be1"):
    """From now on the backend runs these, and the account of the hop may ask which."""
    listed = json.dumps([instance(name, number) for number, name in enumerate(names, 77)])
    says(lab, f"cat <<'END'\n{listed}\nEND\n", program, backend)


def says(lab, script, program="incus", backend="be1"):
    lab.backend(backend).give_shell("/bin/sh")
    lab.backend(backend).install(program, f"#!/bin/sh\n[ \"$*\" = 'list --format json' ] || exit 64\n{script}")


def imported(lab, *more, door=remote, backend="be1"):
    return door(lab, "import", "incus", "--backend", backend, *more)


def answer(lab, *more, **how):
    return json.loads(imported(lab, "--json", *more, **how).succeeded().stdout)


def refusal(lab, **how):
    """The sentence, of an import that has changed nothing."""
    before = lab.bastion.admin("export")
    refused = imported(lab, **how)
    assert (refused.status, refused.stdout) == (1, "")
    assert len(refused.stderr.splitlines()) == 1 and refused.stderr.isprintable(), refused.stderr
    assert lab.bastion.admin("export") == before
    return refused.stderr


def audited(lab):
    rows = json.loads(lab.bastion.admin("audit", "list", "--json"))
    return [(row["user"], row["outcome"], row["subject"]) for row in rows if row["action"] == "import incus"]


def running(lab):
    """What runs on be1, and in its network."""
    lines = []
    for pid in lab.backend("be1").namespace.pids():
        with contextlib.suppress(OSError):
            lines.append(pathlib.Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))
    return lines


def is_asked(lab):
    return any("incus list" in each or "tail -f" in each for each in running(lab))


@DOORS
def test_what_runs_there_is_taken_over(own_lab, door):
    runs(own_lab, "nina", "otto")
    assert answer(own_lab, "--dry-run", door=door)["added"] == 4
    assert "nina" not in own_lab.bastion.admin("user", "list")
    assert answer(own_lab, door=door)["added"] == 4
    shown = json.loads(own_lab.bastion.admin("container", "show", "nina/nina", "--json"))
    assert (shown["backend"], shown["address"]) == ("be1", "10.0.3.77:22")
    assert answer(own_lab, door=door)["changes"] == []
    who = "root" if door is remote else "local"
    assert [row[:2] for row in audited(own_lab)] == [(who, "done"), (who, "done"), (who, "tried")]


def test_the_hop_of_a_login_is_used_and_serves_on(own_lab):
    runs(own_lab, "nina")
    with own_lab.logged_in("alice") as session:
        for _ in range(5):
            answer(own_lab, "--dry-run")
        assert own_lab.hop_connections("be1") <= 2  # one for each worker
        session.stdin.write(b"still here\n")
        session.stdin.flush()
        assert session.stdout.readline() == b"still here\n"


@pytest.mark.lab_with(backends=("be2", "be3"))
def test_a_backend_behind_another_one_is_asked_too(own_lab):
    runs(own_lab, "nina", backend="be3")
    assert answer(own_lab, backend="be3")["added"] == 2


def test_where_there_is_no_incus_lxd_is_asked(own_lab):
    runs(own_lab, "nina", program="lxc")
    assert answer(own_lab)["added"] == 2


def test_where_there_is_neither_it_is_said(own_lab):
    own_lab.backend("be1").give_shell("/bin/sh")
    said = refusal(own_lab)
    assert "neither incus nor lxc is found by the account hop on backend be1" in said
    assert said.endswith("the other way is to bring what it prints, as FILE or as - on standard input")


@DOORS
def test_an_account_without_a_shell_is_told_from_one_without_the_right(own_lab, door):
    said = refusal(own_lab, door=door)
    assert "`incus list --format json` on backend be1 ended with status 1: This account is currently not available." in said
    assert "the account hop needs a shell there, and the right to list instances" in said
    says(own_lab, 'printf "Error: You \\033[31mmay not\\n" >&2; exit 1')
    own_lab.backend("be1").restart()
    assert "ended with status 1: Error: You ?[31mmay not; the account hop needs" in refusal(own_lab, door=door)
    assert audited(own_lab)[0][1:] == ("refused", "be1")


def test_of_what_it_complains_the_line_that_matters_is_quoted(own_lab):
    greeting = "If this is your first time running LXD on this machine, you should also run: lxd init"
    says(own_lab, f'printf "{greeting}\\n\\nError: Not authorized\\n\\n" >&2; exit 1')
    assert "ended with status 1: Error: Not authorized; the account hop needs" in refusal(own_lab)


def test_the_rights_that_the_account_was_given_meanwhile_count(own_lab):
    """sshd gives a connection the groups that its account had when it began: logins go on over that one."""
    own_lab.backend("be1").give_shell("/bin/sh")
    with own_lab.logged_in("alice"):
        # Whatever connection is asked first is the one without the right.
        own_lab.backend("be1").install(
            "incus",
            '#!/bin/sh\n[ -e ~/old ] || echo "$SSH_CONNECTION" >~/old\n'
            '[ "$SSH_CONNECTION" != "$(cat ~/old)" ] || { echo "Error: Not authorized" >&2; exit 1; }\necho "[]"\n',
        )
        assert answer(own_lab)["added"] == 0
        assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


def test_projects_are_asked_for_when_they_are_wanted(own_lab):
    own_lab.backend("be1").give_shell("/bin/sh")
    own_lab.backend("be1").install("incus", f"#!/bin/sh\necho \"$*\" >~/asked\necho '{json.dumps([instance('nina', 77)])}'\n")
    asked = own_lab.backend("be1").home / "asked"
    for words, wanted in [(["--all-projects"], "--all-projects"), (["--project", "tenants"], "--project tenants")]:
        assert answer(own_lab, "--dry-run", *words)["dry_run"] is True
        assert asked.read_text() == f"list --format json {wanted}\n"


def test_what_is_known_there_and_not_in_its_list_is_said(own_lab):
    runs(own_lab, "nina")
    assert [row["container"] for row in answer(own_lab)["not_listed"]] == ["alice/web"]


def test_an_account_that_may_do_nothing_else_will_do(own_lab):
    runs(own_lab, "nina")
    own_lab.backend("be1").authorize(
        *(f'restrict,port-forwarding,command="incus list --format json" {key}' for key in own_lab.bastion.identity())
    )
    assert answer(own_lab)["added"] == 2
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


def test_a_backend_that_opens_no_session_still_carries_logins(own_lab):
    runs(own_lab, "nina")
    own_lab.backend("be1").configure("MaxSessions 0")
    own_lab.backend("be1").restart()
    assert "backend be1 opens no session for hop" in refusal(own_lab)
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("echo '{}'", "backend be1: this is not what `incus list --format json` prints: a list is expected"),
        ("head -c 100000 /dev/urandom", "a list is expected"),
        ("head -c 15000000 /dev/zero | tr '\\0' '['", "a list is expected"),
        ("while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done", "it prints more than 16 MiB"),
        ("kill -9 $PPID", "was killed by a signal"),
    ],
    ids=["another-document", "noise", "too-deep", "endless", "killed"],
)
def test_whatever_it_says_the_bastion_stays(own_lab, script, sentence):
    says(own_lab, script)
    assert sentence in refusal(own_lab)
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
    until(lambda: not is_asked(own_lab), "nothing is left running on the backend")


def test_a_backend_that_cannot_be_reached_is_named(own_lab):
    own_lab.backend("be1").stop()
    assert "backend be1 is unreachable" in refusal(own_lab)


@contextlib.contextmanager
def being_asked(lab):
    says(lab, STUCK)
    client = lab.client.start(*line(lab), *ASK)
    try:
        until(lambda: is_asked(lab), "it is being asked")
        yield client
    finally:
        client.kill()
        finish(client)


def test_a_backend_that_goes_while_it_is_asked_is_missed(own_lab):
    with being_asked(own_lab) as client:
        own_lab.backend("be1").stop()
        missed = finish(client)
    assert (missed.status, missed.stdout) == (1, "")
    assert "nobody has said how it ended: " in missed.stderr


def test_who_leaves_while_it_is_asked_has_changed_nothing(own_lab):
    with being_asked(own_lab) as client:
        client.kill()
    assert audited(own_lab) == []
    runs(own_lab, "nina")
    assert answer(own_lab)["added"] == 2


def test_what_is_no_hop_and_what_is_not_there_cannot_be_asked(lab):
    assert f"the bastion does not log in to backend {topology.DIRECT}" in refusal(lab, backend=topology.DIRECT)
    assert refusal(lab, backend="be99") == "there is no backend be99"
    for door in remote, local:
        usage = door(lab, "import", "incus", "--owner", "alice")
        assert usage.status == 2
        assert "give at least one: FILE or --backend B" in usage.stderr


def test_only_an_administrator_asks(own_lab):
    says(own_lab, "touch ~/asked; echo '[]'")
    refused = own_lab.client.run(*line(own_lab, user="alice"), *ASK)
    assert refused.status != 0 and refused.stdout == ""
    asked = own_lab.backend("be1").home / "asked"
    assert not asked.exists()
    answer(own_lab)
    assert asked.exists()


def test_where_nobody_serves_nobody_is_asked(own_lab):
    own_lab.bastion.terminate()
    assert own_lab.bastion.ended() == 0
    said = refusal(own_lab, door=local)
    assert "no running bastion uses this state directory, so be1 cannot be asked: give FILE" in said
    own_lab.bastion.start()


def test_in_a_batch_and_at_the_console_it_is_a_command_like_others(own_lab):
    runs(own_lab, "nina")
    batch = "\n".join([" ".join(ASK), "container show nina/nina", ""])
    assert "10.0.3.77:22" in own_lab.client.run(*line(own_lab), input=batch).succeeded().stdout
    runs(own_lab, "nina", "otto")
    with own_lab.client.terminal("root", "bastion", "-s", "-t", "-t", "admin") as terminal:
        terminal.expect("root@bastion> ")
        terminal.type(" ".join(ASK) + "\r")
        terminal.expect("otto/otto")
        terminal.expect("root@bastion> ")
