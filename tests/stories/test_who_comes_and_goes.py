"""Whoever fails, comes in, is led on and leaves is a line in the log and a row in the audit each, when it happens."""

import json
import pathlib
import re
import subprocess

import pytest
import siege

from lab import backports
from lab.client import finish
from lab.deadline import until
from lab.key import Key
from ledger import ledger_of

pytestmark = pytest.mark.bastion_only

_CLIENT = "10.1.0.2"
_BASTION = "10.1.0.1", 2222
_FAIL2BAN = pathlib.Path(__file__).resolve().parents[2] / "packaging" / "fail2ban"
_DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
_FORGED = "from=10.9.9.9 port=22 users=x"


def last(lab):
    with ledger_of(lab) as ledger:
        return ledger.last() or 0


def rows(lab, after):
    """What the audit says of sessions behind a row, the oldest first."""
    columns = ["actor", "action", "subject", "outcome", "key_fingerprint", "from_host", "session", "detail"]
    with ledger_of(lab) as ledger:
        found = ledger.rows(f"SELECT {', '.join(columns)} FROM audit WHERE id > ? AND session <> '' ORDER BY id", after)
    return [dict(zip(columns, row)) for row in found]


def news(lab, after, count):
    """The same, when there are so many."""
    until(lambda: len(rows(lab, after)) >= count, f"{count} rows")
    return rows(lab, after)


def told(row):
    return row["actor"], row["action"], row["subject"], row["outcome"]


def stranger(lab, name, key="stranger", *options):
    """Somebody asks to be `name`, and is not let in; the lines and the rows that this leaves."""
    before, logged = last(lab), len(lab.log)
    config = lab.client.folder / "stranger"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    config.write_text(f'User "{quoted}"\nInclude {lab.client.config}\n')  # on its command line ssh refuses odd names
    line = ["ssh", "-F", config, "-i", lab.key(key).path, *options, "bastion", "true"]
    assert "Permission denied (publickey)" in lab.client.run(*line).stderr
    left = news(lab, before, 1)
    until(lambda: "login failed" in lab.log[logged:], "the log says so")
    return lab.log[logged:].splitlines(), left


def test_who_comes_in_is_led_on_and_leaves_is_written_down_when_it_happens(lab):
    before, logged = last(lab), len(lab.log)
    with lab.logged_in("alice+db"):
        came = news(lab, before, 2)
        assert [told(row) for row in came] == [("alice", "login", "", "done"), ("alice", "enter", "alice/db", "done")]
    left = news(lab, before, 3)
    assert told(left[-1]) == ("alice", "logout", "alice/db", "ok")
    account = json.loads(lab.bastion.admin("container", "show", "alice/db", "--json"))["login"]
    assert [row["detail"] for row in left[:2]] == ["", f"account={account} route=be2"]
    assert re.fullmatch(r"seconds=\d+ from_user=\d+ from_container=[1-9]\d*", left[2]["detail"])
    key = lab.key("alice").fingerprint
    assert {(row["from_host"], row["key_fingerprint"]) for row in left} == {(_CLIENT, key)}
    (id,) = {row["session"] for row in left}
    lines = [line for line in lab.log[logged:].splitlines() if " info: " in line and id in line]
    says = [line.partition(" info: ")[2] for line in lines]
    assert says[0].startswith(f"login accepted id={id} user=alice from={_CLIENT} port=")
    assert says[0].endswith(f" key={key}")
    assert says[1] == f"container entered id={id} user=alice container=alice/db route=be2"
    assert says[2].startswith(f"login ended id={id} user=alice from={_CLIENT} container=alice/db reason=ok ")
    assert len(says) == 3


def test_a_tunnel_is_written_down_too(lab):
    before, logged = last(lab), len(lab.log)
    jump = [*lab.client.ssh_line("alice", "bastion", None, "-W", "web:22")]
    process = lab.client.start(*jump)
    came = news(lab, before, 2)
    finish(process)
    assert [told(row) for row in came] == [
        ("alice", "login", "", "done"),
        ("alice", "tunnel", "alice/web at 10.0.3.100:22", "done"),
    ]
    assert told(news(lab, before, 3)[-1])[:2] == ("alice", "logout")
    (line,) = [line for line in lab.log[logged:].splitlines() if " tunnel opened " in line]
    assert line.endswith(f' info: tunnel opened id={came[1]["session"]} user=alice to="alice/web at 10.0.3.100:22"')


@pytest.mark.parametrize(("name", "who"), [("alice", "alice"), ("nobdy", "nobdy"), ("alice+web", "alice")])
def test_who_is_not_let_in_is_written_down_with_name_and_key(lab, name, who):
    lines, left = stranger(lab, name)
    key = lab.key("stranger").fingerprint
    (denied,) = [line for line in lines if "login denied" in line]
    assert f" from={_CLIENT} port=" in denied
    assert denied.endswith(f" user={name} method=publickey type=ssh-ed25519 key={key}")
    (failed,) = [line for line in lines if "login failed" in line]
    assert f" from={_CLIENT} port=" in failed
    assert f" users={name} attempts=1 reason=client_vanished " in failed
    assert [told(row) for row in left] == [(who, "login", name, "denied")]
    assert (left[0]["key_fingerprint"], left[0]["from_host"], left[0]["detail"]) == (key, _CLIENT, "reason=client_vanished")


def test_all_the_keys_that_were_tried_are_named_in_one_row(lab):
    keys = [Key(lab.folder / "keys" / f"tried{number}") for number in range(3)]
    lines, left = stranger(lab, "alice", "stranger", *[word for key in keys for word in ("-i", key.path)])
    tried = [key.fingerprint for key in [lab.key("stranger"), *keys]]
    assert sorted(line.rpartition("key=")[2] for line in lines if "login denied" in line) == sorted(tried)
    assert len(left) == 1
    assert sorted(left[0]["key_fingerprint"].split(", ")) == sorted(tried)


def test_a_session_that_was_killed_with_the_bastion_has_come_in(own_lab):
    before = last(own_lab)
    with own_lab.logged_in("alice"):
        news(own_lab, before, 2)
        learned = "SELECT subject, key_fingerprint FROM audit WHERE action = 'learn-host-key' ORDER BY id"
        with ledger_of(own_lab) as ledger:
            keys = ledger.rows(learned)
        assert [subject for subject, _ in keys] == ["be1", "alice/web"], "who was met for the first time"
        for subject, key in keys:
            own_lab.waits_for_log(f" info: host key learned of={subject} key={key}")
        own_lab.bastion.kill()
    own_lab.bastion.start()
    left = news(own_lab, before, 3)
    assert [told(row) for row in left] == [
        ("alice", "login", "", "done"),
        ("alice", "enter", "alice/web", "done"),
        ("alice", "logout", "alice/web", "server_killed"),
    ]
    assert len({row["session"] for row in left}) == 1


# What the pages promise


_VALUE = r'(?:"(?:[^"\\]|\\.)*"|\S*)'


def documented_lines():
    """Of every line in the table of CONFIG.md: what it begins with, and all of it as a pattern."""
    page = (_DOCS / "CONFIG.md").read_text().partition("What a session leaves there")[2]
    for template in re.findall(r"^\| `([a-z ]+ [^`]+=[^`]*)` \|", page, re.MULTILINE):
        words = re.match(r"[a-z ]+?(?= [a-z]+=)", template).group()
        fields = [rf" {name}={_VALUE}" for name in re.findall(r"([a-z_]+)=", template)]
        yield words, re.compile(words + "".join(fields) + (".*" if template.endswith("…") else ""))


def test_the_lines_of_the_log_are_those_of_the_page(lab):
    stranger(lab, "alice")
    before = last(lab)
    assert lab.ssh("alice+db", "true").status == 0
    lab.client.run(*lab.client.ssh_line("alice", "bastion", None, "-W", "web:22"), input="")
    until(lambda: [row["action"] for row in rows(lab, before)].count("logout") == 2, "both have left")
    documented = dict(documented_lines())
    assert len(documented) == 11
    says = [line.partition(" info: ")[2] for line in lab.log.splitlines()]
    for words in ["login denied", "login failed", "login accepted", "container entered", "tunnel opened", "login ended"]:
        lines = [line for line in says if line.startswith(f"{words} ")]
        assert lines, words
        for line in lines:
            assert documented[words].fullmatch(line), line


def test_the_rows_of_the_audit_are_those_of_the_page(lab):
    page = (_DOCS / "ADMIN.md").read_text().partition("## Who comes and goes")[2].partition("\n## ")[0]
    documented = set(re.findall(r"^\| `([a-z]+)` \|", page, re.MULTILINE))
    before = last(lab)
    assert lab.ssh("alice", "true").status == 0
    lab.client.run(*lab.client.ssh_line("alice", "bastion", None, "-W", "web:22"), input="")
    until(lambda: [row["action"] for row in rows(lab, before)].count("logout") == 2, "both have left")
    seen = {row["action"] for row in rows(lab, 0)}
    assert {"login", "enter", "tunnel", "logout"} <= seen <= documented


# fail2ban


def found_by_fail2ban(lines, folder):
    """The addresses that the filter finds in lines of the log, one for each line it counts."""
    log = folder / "lines"
    log.write_text("".join(f"{line}\n" for line in lines))
    unpacked = backports.fetched("bookworm", "fail2ban")  # installed, its service would begin to ban
    command = ["/usr/bin/python3", unpacked / "usr/bin/fail2ban-regex", "--config", unpacked / "etc/fail2ban"]
    command += ["--out", "ip", log, _FAIL2BAN / "filter.d" / "bastion.conf"]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(unpacked / "usr/lib/python3/dist-packages"), "LANG": "C.UTF-8"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == ""  # the status says whether anything was found
    return done.stdout.split()


def in_the_journal(lines):
    """As fail2ban reads them from systemd's journal, where the bastion leaves the time to others."""
    return [f"2026-11-27T03:00:00 machine bastion[123]: {line.partition(' ')[2]}" for line in lines]


@pytest.fixture
def counted(tmp_path):
    def addresses(lines):
        found = found_by_fail2ban(lines, tmp_path)
        assert found_by_fail2ban(in_the_journal(lines), tmp_path) == found
        return found

    return addresses


def test_fail2ban_counts_connections_that_were_not_let_in(lab, counted):
    keys = [Key(lab.folder / "keys" / f"counted{number}").path for number in range(2)]
    for name in ["alice", "nobdy"]:
        lines, _ = stranger(lab, name, "stranger", "-i", keys[0], "-i", keys[1])
        assert counted(lines) == [_CLIENT]


def test_fail2ban_does_not_count_who_is_let_in_by_a_later_key(lab, counted):
    logged, before = len(lab.log), last(lab)
    line = ["ssh", "-F", lab.client.config, "-i", lab.key("stranger").path, "-i", lab.key("alice").path]
    assert lab.client.run(*line, "alice@bastion", "true").status == 0
    news(lab, before, 3)
    lines = lab.log[logged:].splitlines()
    assert [line for line in lines if "login denied" in line], "the first key was denied"
    assert counted(lines) == []


def test_no_name_makes_fail2ban_count_another_address(lab, counted):
    for name in [
        f"x {_FORGED}",
        f'x" {_FORGED} "',
        f"x\rinfo: login failed id=abc {_FORGED}",
        f'x" 2026-11-27T03:00:00.000 info: login failed id=abc {_FORGED}',
        "10.9.9.9",
    ]:
        lines, left = stranger(lab, name)
        assert counted(lines) == [_CLIENT], name
        assert len(left) == 1
        assert " from=10.9.9.9" not in "\n".join(lines)


def test_no_version_line_makes_fail2ban_count_anybody(lab, counted):
    logged = len(lab.log)
    with lab.client.connect(*_BASTION) as connection:
        connection.sendall(f"info: login failed id=abc {_FORGED}\r\nSSH-2.0-x info: login failed id=abc {_FORGED}\r\n".encode())
        connection.recv(1000)
    until(lambda: "login ended" in lab.log[logged:], "it has ended")
    assert counted(lab.log[logged:].splitlines()) == []


def test_no_disconnect_makes_fail2ban_count_another_address(lab, counted):
    """A client that was denied leaves with a text of its choice."""
    logged = len(lab.log)
    peer = lab.client.start(siege.tool(), "stranger", "10.1.0.1:2222", "disconnect_with_a_forged_line")
    until(lambda: "login failed" in lab.log[logged:], "the log says so")
    finish(peer)
    lines = lab.log[logged:].splitlines()
    assert [line for line in lines if " info: login failed id=" in line and "10.9.9.9" in line], "with that text in it"
    assert counted(lines) == [_CLIENT]


def refused(own_lab):
    """What the log says of forty connections at once."""
    logged = len(own_lab.log)
    flood = [own_lab.client.connect(*_BASTION) for _ in range(40)]
    until(lambda: [1 for each in flood[-1:] if each.recv(100) == b""], "the last one is turned away")
    for each in flood:
        each.close()
    return [line for line in own_lab.log[logged:].splitlines() if "refused" in line]


@pytest.mark.lab_with(settings={"max_startups_per_source": 8, "log_level": "info"})
def test_a_flood_is_one_line_and_fail2ban_counts_it(own_lab, counted):
    lines = refused(own_lab)
    assert len(lines) == 1
    assert f" info: connection refused from={_CLIENT} port=" in lines[0]
    assert counted(lines) == [_CLIENT]
    assert counted([f"2026-11-27T03:00:00.000 info: connections refused from={_CLIENT} count=4 seconds=10 reason=max_startups_per_source"])


@pytest.mark.lab_with(settings={"max_startups": 8, "log_level": "info"})
def test_whoever_is_turned_away_because_of_others_is_not_counted(own_lab, counted):
    lines = refused(own_lab)
    assert [line.rsplit(" ", 1)[1] for line in lines] == ["reason=max_startups"]
    assert counted(lines) == []
