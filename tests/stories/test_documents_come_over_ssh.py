"""An administrator runs the whole site from her desk: what `apply` and the imports read comes on standard input."""

import json
import random

import pytest

from lab.client import finish
from lab.deadline import until

pytestmark = pytest.mark.bastion_only

MEGABYTE = 1024 * 1024
WINDOW = 2 * MEGABYTE
# The command, and where it stands in the audit.
DOCUMENTS = {
    "apply": ["apply", "-"],
    "import incus": ["import", "incus", "-", "--backend", "be1"],
    "import ssh-config": ["import", "ssh-config", "-"],
    "import sshpiper": ["import", "sshpiper", "-", "--backend", "be1"],
    "import authorized-keys": ["import", "authorized-keys", "-", "--user", "nina"],
}
NINA = '{"version": 1, "users": [{"name": "nina"}]}'


def line(lab, *words, user="root"):
    """`ssh -s root@bastion admin WORDS…`, as a person types it."""
    return [*lab.client.ssh_line(user, "bastion", "admin", "-s"), *words]


def admin(lab, *words, input=None, user="root"):
    return lab.client.run(*line(lab, *words, user=user), input=input)


def answer(lab, *words, input):
    return json.loads(admin(lab, *words, "--json", input=input).succeeded().stdout)


def rows(lab, *actions):
    """What the audit has about these commands, the newest first."""
    listed = json.loads(lab.bastion.admin("audit", "list", "--json"))
    return [(row["user"], row["outcome"], row["subject"]) for row in listed if row["action"] in actions]


def users(lab):
    return [row["name"] for row in json.loads(lab.bastion.admin("user", "list", "--json"))]


def test_the_site_is_edited_at_her_desk(own_lab):
    document = admin(own_lab, "export").succeeded().stdout + "\n"
    assert answer(own_lab, "apply", "-", "--prune", input=document)["changes"] == []
    edited = document.replace("capacity: null", "capacity: 40", 1)
    rehearsed = answer(own_lab, "apply", "-", "--dry-run", input=edited)
    assert rehearsed["changed"] == 1
    assert "capacity: 40" not in own_lab.bastion.admin("export")
    assert answer(own_lab, "apply", "-", input=edited)["changes"] == rehearsed["changes"]
    assert admin(own_lab, "export").stdout + "\n" == edited
    assert rows(own_lab, "apply") == [
        ("root", "done", "0 added, 1 changed, 0 removed: backend be1"),
        ("root", "tried", "standard input"),
        ("root", "done", "0 added, 0 changed, 0 removed"),
    ]


def test_instances_of_incus_are_taken_over(own_lab):
    address = {"family": "inet", "scope": "global", "address": "10.0.3.77"}
    card = {"host_name": "veth1", "addresses": [address]}
    nina = {"name": "nina", "status": "Running", "location": "none", "state": {"network": {"eth0": card}}}
    words = ["import", "incus", "-", "--backend", "be1"]
    assert answer(own_lab, *words, "--dry-run", input=json.dumps([nina]))["added"] == 2
    assert "nina" not in users(own_lab)
    assert answer(own_lab, *words, input=json.dumps([nina]))["added"] == 2
    shown = json.loads(own_lab.bastion.admin("container", "show", "nina/nina", "--json"))
    assert (shown["backend"], shown["address"]) == ("be1", "10.0.3.77:22")
    assert rows(own_lab, "import incus")[0] == ("root", "done", "2 added, 0 changed, 0 removed: user nina, container nina/nina")


def test_a_users_ssh_config_is_taken_over(own_lab):
    config = "Host jump\n  HostName 10.9.9.9\n  User hop\nHost box\n  HostName 10.0.9.9\n  User nina\n  ProxyJump jump\n"
    taken = answer(own_lab, "import", "ssh-config", "-", input=config)
    assert [row["what"] for row in taken["changes"]] == ["user", "backend", "container"]


def test_an_ssh_config_runs_nothing_and_reads_nothing(own_lab, tmp_path):
    trap = tmp_path / "touched"
    (tmp_path / "included").write_text("Host gw\n  HostName 10.9.9.9\n  User hop\n")
    config = f"""Include {tmp_path}/included
Match exec "touch {trap}"
  User x
Host box
  HostName 10.0.9.9
  User nina
  ProxyJump hop@10.9.9.9
Match host box
  KnownHostsCommand /usr/bin/touch {trap}
  PermitLocalCommand yes
  LocalCommand touch {trap}
  ProxyCommand touch {trap}
"""
    words = ["import", "ssh-config", "-", "--dry-run"]
    for taken in (answer(own_lab, *words, input=config), json.loads(own_lab.bastion.admin(*words, "--json", input=config))):
        assert [row["what"] for row in taken["changes"]] == ["user", "backend", "container"]
        assert taken["changes"][1]["detail"] == "hop@10.9.9.9:22"
        assert {row["name"]: row["why"] for row in taken["skipped"]}["line 1"].endswith("it does not come with standard input")
    assert not trap.exists()
    wrong = admin(own_lab, *words, "--bastion", "gw", input=config)
    assert (wrong.status, wrong.stdout) == (1, "")
    assert "nothing in it is jumped through as gw: --bastion is one of 10.9.9.9" in wrong.stderr


def test_sshpipers_pipes_are_taken_over_without_the_files_they_name(own_lab):
    pipes = """version: "1.0"
pipes:
- from: [{username: nina, authorized_keys: /etc/sshpiper/nina.keys}]
  to: {host: 10.0.3.77}
"""
    words = ["import", "sshpiper", "-", "--backend", "be1"]
    taken = answer(own_lab, *words, input=pipes)
    assert [row["what"] for row in taken["changes"]] == ["user", "container"]
    (skipped,) = taken["skipped"]
    assert skipped["why"].startswith("/etc/sshpiper/nina.keys does not come with standard input: ")
    assert "`import authorized-keys - --user nina`" in skipped["why"]
    # At the other door, which could read files, `-` means the same.
    assert json.loads(own_lab.bastion.admin(*words, "--json", input=pipes))["skipped"] == taken["skipped"]


def test_one_users_keys_are_taken_over(own_lab):
    nina = own_lab.key("nina")
    words = ["import", "authorized-keys", "-"]
    assert answer(own_lab, *words, "--user", "nina", input=f"# hers\nno-pty {nina.public}\n")["added"] == 1
    assert "you have no container yet" in own_lab.ssh("nina", "true").stderr
    refused = admin(own_lab, *words, input=nina.public)
    assert (refused.status, refused.stdout) == (1, "")
    assert "whose keys they are: give --user" in refused.stderr


def test_a_file_is_named_at_neither_end(lab):
    for command, words in DOCUMENTS.items():
        refused = admin(lab, *(word if word != "-" else "/etc/hostname" for word in words))
        assert (refused.status, refused.stdout) == (1, "")
        assert "/etc/hostname: files of your machine cannot be read from here; give - " in refused.stderr
        assert rows(lab, command)[0] == ("root", "refused", "/etc/hostname")


def test_what_is_no_document_is_refused_in_a_sentence(lab):
    before = lab.bastion.admin("export")
    garbage = random.Random(1).randbytes(100_000)
    for command in ["apply", "import incus", "import sshpiper"]:
        refused = admin(lab, *DOCUMENTS[command], "--json", input=garbage)
        assert (refused.status, refused.stdout) == (1, ""), command
        assert len(refused.stderr.splitlines()) == 1 and refused.stderr.isprintable(), refused.stderr
    assert lab.bastion.admin("export") == before


def test_of_lines_that_say_nothing_nothing_is_taken_over(own_lab):
    """ssh_config and authorized_keys are lines, each for itself."""
    garbage = random.Random(1).randbytes(10_000) + b"\nHost *\n"
    assert answer(own_lab, *DOCUMENTS["import ssh-config"], input=garbage)["changes"] == []
    taken = answer(own_lab, *DOCUMENTS["import authorized-keys"], input=garbage)
    assert [row["what"] for row in taken["changes"]] == ["user"]
    assert taken["skipped"]


def test_a_document_has_a_bound(lab):
    before = lab.bastion.admin("export")
    refused = admin(lab, "apply", "-", input=NINA.encode() + b" " * (256 * MEGABYTE))
    assert (refused.status, refused.stdout) == (1, "")
    assert "longer than the 256 MiB that a document may have; nothing was changed" in refused.stderr
    assert lab.bastion.admin("export") == before
    assert rows(lab, "apply")[0] == ("root", "refused", "standard input")


def test_more_than_the_bastions_window_comes_through(own_lab):
    assert answer(own_lab, "apply", "-", input=" " * (4 * WINDOW) + NINA)["added"] == 1


def test_a_large_document_reaches_a_slow_reader_whole(own_lab):
    """More than the client's window and every buffer on the way hold: the bastion has to wait for her."""
    ports = ",".join(f'permitopen="host{port}.example.org:{port}"' for port in range(1, 200))
    guests = [{"name": f"guest{number}", "options": f"restrict,{ports}"} for number in range(800)]
    assert answer(own_lab, "apply", "-", input=json.dumps({"version": 1, "users": guests}))["added"] == len(guests)
    process = own_lab.client.start(*line(own_lab, "export"))
    exported = b"".join(iter(lambda: process.stdout.read(1000), b""))
    assert finish(process).status == 0
    assert len(exported) > 2 * WINDOW
    assert exported.decode() == own_lab.bastion.admin("export") + "\n"


def sending(lab, *words, user="root"):
    """A client that has sent a whole document, and more than what waits on the way: the bastion has read of it."""
    process = lab.client.start(*line(lab, *words, user=user))
    process.stdin.write(NINA.encode() + b"\n" * (3 * WINDOW))
    process.stdin.flush()
    return process


def test_a_client_that_is_gone_before_the_end_has_said_nothing(own_lab):
    process = sending(own_lab, "apply", "-")
    until(lambda: "root" in sessions(own_lab), "her session is there")
    process.kill()
    assert finish(process).status != 0
    until(lambda: "root" not in sessions(own_lab), "her session is over")
    assert "nina" not in users(own_lab)
    assert rows(own_lab, "apply") == []
    assert answer(own_lab, "apply", "-", input=NINA)["added"] == 1


def sessions(lab):
    return [row["user"] for row in json.loads(lab.bastion.admin("session", "list", "--json"))]


def test_who_is_no_administrator_any_more_at_the_end_changes_nothing(own_lab):
    own_lab.bastion.admin("user", "set", "alice", "--role", "admin")
    process = sending(own_lab, "apply", "-", user="alice")
    own_lab.bastion.admin("user", "set", "alice", "--role", "user")
    refused = finish(process)
    assert refused.status != 0 and refused.stdout == ""
    assert "nina" not in users(own_lab)
    assert [row[1] for row in rows(own_lab, "apply") if row[0] == "alice"] in ([], ["refused"])


def test_documents_are_for_administrators(lab):
    before = lab.bastion.admin("export")
    for words in DOCUMENTS.values():
        refused = admin(lab, *words, input=NINA, user="alice")
        assert refused.status != 0 and refused.stdout == ""
    assert lab.bastion.admin("export") == before


def test_where_commands_are_read_no_document_is(lab):
    for command, words in DOCUMENTS.items():
        refused = admin(lab, input="# a batch\n" + " ".join(words) + "\n" + NINA)
        assert (refused.status, refused.stdout) == (1, "")
        assert refused.stderr.startswith("line 2: standard input has the commands already: ")
        assert "ssh -s NAME@bastion admin apply - < FILE" in refused.stderr
        assert rows(lab, command)[0] == ("root", "refused", "standard input")
    with lab.client.terminal("root", "bastion", "-s", "-t", "-t", "admin") as terminal:
        terminal.expect("root@bastion> ")
        terminal.type("apply -\r")
        terminal.expect("standard input has the commands already")
        terminal.expect("root@bastion> ")


def test_a_terminal_is_no_document(lab):
    with lab.client.terminal("root", "bastion", "-s", "-t", "-t", "admin", "apply", "-") as terminal:
        terminal.expect("standard input is a terminal here, which has no end: leave out -t")
        assert terminal.end()[0] == 1
