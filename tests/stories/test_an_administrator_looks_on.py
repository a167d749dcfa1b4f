"""What happens now, on a live screen (`top`) and as a document: who is there, who was refused and why, and how to end one."""

import json
import re

import pytest

from lab.client import finish
from lab.deadline import PATIENCE, until
from lab.screen import ScreenTerminal

pytestmark = pytest.mark.bastion_only

NARROW, WIDE = {"rows": 24, "columns": 80}, {"rows": 60, "columns": 200}


def top(lab, *options, user="root", words=("top",), **how):
    """`ssh -t -s root@bastion admin top`"""
    line = [*options, "-s", "-t", "-t", "admin", *words]
    return lab.client.terminal(user, "bastion", *line, **({"kind": ScreenTerminal, **NARROW} | how))


def local_top(lab, words=("top",), **size):
    return ScreenTerminal(lab.bastion._line("admin", *words), lab.bastion._environment() | {"TERM": "xterm"}, **size)


def remote(lab, *words):
    return lab.client.run(*lab.client.ssh_line("root", "bastion", "admin", "-s"), *words)


def local(lab, *words):
    return lab.bastion.tries(*words)


def document(lab, door=local):
    return json.loads(door(lab, "top", "--json").succeeded().stdout)


@pytest.mark.parametrize("door", [remote, local], ids=["ssh", "local"])
def test_what_happens_is_one_document(lab, door):
    with lab.session("bob") as process:
        process.stdin.write(b"x" * 4000 + b"\n")
        process.stdin.flush()
        said = until(lambda: [s for s in document(lab, door)["sessions"] if s["user"] == "bob" and s["container"]], "bob is seen")
        assert (said[0]["from"], said[0]["container"], said[0]["route"]) == ("10.1.0.2", "bob/web", ["be2"])
        seen = document(lab, door)
        assert 0.5 < seen["for_seconds"] < 30
        (backend,) = [one for one in seen["backends"] if one["name"] == "be2"]
        assert (backend["state"], backend["via"], backend["sessions"]) == ("up", [], 1)
        assert backend["hops"] >= 1 and backend["containers"] >= 1
        assert {"main", "worker 0", "strangers 0"} <= {loop["name"] for loop in seen["loops"]}
        assert seen["strangers"]["authenticated"] >= 1 and seen["missing"] is None


def test_who_was_refused_is_seen_with_the_reason_before_a_login_and_after_it(own_lab):
    lab = own_lab
    assert lab.client.run("ssh", *lab.client.options("alice"), "-l", "mal lory", "bastion", "true").status == 255
    lab.backend("be1").unplug()
    lab.ssh("alice", "true")
    seen = until(lambda: [r for r in document(lab)["refusals"] if r["user"] == "alice"], "the refusal is seen")
    assert (seen[0]["reason"], seen[0]["from"]) == ("backend_unreachable", "10.1.0.2")
    assert "be1" in seen[0]["sentence"] and seen[0]["id"]
    (stranger,) = [r for r in document(lab)["refusals"] if "mal" in (r["user"] or "")]
    assert stranger["user"] == r"mal\x20lory"
    states = {one["name"]: one["state"] for one in document(lab)["backends"]}
    assert states["be1"] == "down"


def test_a_screen_shows_who_is_there_and_gives_the_terminal_back(lab):
    with top(lab) as terminal, lab.logged_in("bob"):
        rows = terminal.shows("bob/web", "bob is on the screen")
        assert "up" in rows[0] and "session" in rows[0]
        assert any(row.startswith("* SESSION") for row in rows) and any(row.startswith("  BACKEND") for row in rows)
        assert any("be2" in row and "up" in row for row in terminal.shows("be2", "the backend is there"))
        assert any(" strangers  accepted" in row for row in rows) and any(" loops  " in row for row in rows)
        # No colour behind anything, whatever the owner of the terminal has chosen.
        assert {shade[1] for row in range(24) for shade in terminal.shades(row)} == {"default"}
        terminal.type("q")
        status, _ = terminal.end()
        assert status == 0
        assert "\x1b[?1049l" in terminal.printed and "\x1b[?25h" in terminal.printed


def test_a_session_is_ended_behind_a_yes_and_the_audit_has_it(lab):
    with lab.logged_in("bob") as process, top(lab) as terminal:
        terminal.shows("bob/web", "bob is on the screen")
        terminal.type("/bob/web\r")
        terminal.shows(lambda rows: any("> " in row and "bob" in row for row in rows), "bob is marked")
        terminal.type("K")
        terminal.shows("(y/n)", "it is asked")
        terminal.type("y")
        terminal.shows(lambda rows: re.fullmatch(r" session \w+ ended", rows[-1]), "it is said that it ended")
        left = finish(process)
        assert left.status == 255 and "an administrator has ended your session" in left.stderr
        terminal.shows('no sessions with "bob/web"', "he is gone")
    rows = json.loads(lab.bastion.admin("audit", "list", "--json", "--limit", "20"))
    assert any(row["action"] == "session kill" and row["user"] == "root" and row["outcome"] == "done" for row in rows)
    assert sum(row["action"] == "top" for row in rows) >= 1


@pytest.mark.parametrize("door", [top, local_top], ids=["ssh", "local"])
def test_whoever_leaves_at_once_has_ended_it_all_the_same(lab, door):
    with lab.logged_in("bob") as process, door(lab, **NARROW) as terminal:
        terminal.shows("bob/web", "bob is on the screen")
        terminal.type("/bob/web\r")
        terminal.shows(lambda rows: any(row.startswith("> ") and "bob" in row for row in rows), "bob is marked")
        terminal.type("K")
        terminal.shows("(y/n)", "it is asked")
        terminal.type("y")
        terminal.type("q")
        assert terminal.end()[0] == 0
        assert process.wait(PATIENCE) == 255


def test_who_has_ended_it_first_has_ended_it(lab):
    with lab.logged_in("bob") as process, top(lab) as one, top(lab) as other:
        for terminal in (one, other):
            terminal.shows("bob/web", "bob is on the screen")
            terminal.type("/bob/web\r")
            terminal.shows(lambda rows: any("> " in row and "bob" in row for row in rows), "bob is marked")
            terminal.type("K")
            terminal.shows("(y/n)", "it is asked")
        one.type("y")
        one.shows(lambda rows: re.fullmatch(r" session \w+ ended", rows[-1]), "it is said that it ended")
        assert finish(process).status == 255
        other.shows('no sessions with "bob/web"', "he is gone there too")
        other.type("y")
        other.shows(lambda rows: "(y/n)" not in rows[-1] and "no" in rows[-1] and "session" in rows[-1], "it is said that there is none")


def test_escape_takes_back_at_a_real_terminal(lab):
    with lab.logged_in("bob") as process, top(lab) as terminal:
        terminal.shows("bob/web", "bob is on the screen")
        terminal.type("h")
        terminal.shows("What can be pressed", "the page of keys")
        terminal.type("\x1b")
        terminal.shows("bob/web", "the screen again")
        terminal.type("/bob/web\r")
        terminal.shows("no backends with", "only what has the text")
        terminal.type("K")
        terminal.shows("(y/n)", "it is asked")
        terminal.type("\x1b")
        terminal.shows("nothing was ended", "it is taken back")
        terminal.type("\x1b")
        terminal.shows("be2", "and the filter too")
        assert process.poll() is None


def test_a_terminal_that_is_too_small_says_so_and_ends_nobody(lab):
    with lab.logged_in("bob") as process, top(lab) as terminal:
        terminal.shows("bob/web", "bob is on the screen")
        terminal.is_resized(5, 20)
        terminal.shows(lambda rows: rows[:2] == ["q quits", "40x8 at least"], "it says so")
        terminal.type("Kyq")
        assert terminal.end()[0] == 0
        assert process.poll() is None


def test_an_auditor_looks_and_ends_nobody(own_lab):
    own_lab.bastion.admin("user", "set", "alice", "--role", "auditor")
    with own_lab.logged_in("bob") as process, top(own_lab, user="alice") as terminal:
        terminal.shows("bob/web", "bob is on the screen")
        terminal.type("/bob/web\r")
        terminal.type("K")
        terminal.shows("(y/n)", "it is asked")
        terminal.type("y")
        terminal.shows("is for operators", "the refusal is on the screen")
        assert process.poll() is None


def test_whoever_has_no_role_any_more_is_shown_nothing_more(own_lab):
    own_lab.bastion.admin("user", "set", "alice", "--role", "auditor")
    with top(own_lab, user="alice") as terminal:
        terminal.shows("alice", "she looks on")
        own_lab.bastion.admin("user", "set", "alice", "--role", "user")
        status, _ = terminal.end()
        assert status != 0 and "\x1b[?1049l" in terminal.printed


def test_a_filter_and_another_size(lab):
    with lab.logged_in("bob"), lab.logged_in("alice"), top(lab, columns=60) as terminal:
        terminal.shows(lambda rows: any("bob/web" in r for r in rows) and any("alice/web" in r for r in rows), "both are there")
        terminal.type("/ALICE/\r")
        terminal.shows(lambda rows: not any("bob/web" in row for row in rows), "bob is filtered out")
        terminal.type("/\x15\r")
        terminal.shows("bob/web", "and there again")
        assert not any("CHAN" in row for row in terminal.rows)
        terminal.is_resized(60, 200)
        rows = terminal.shows(lambda rows: any("CHAN" in row for row in rows), "there is room for more")
        assert len(rows) == 60 and "quit" in rows[-1]
        terminal.is_resized(10, 60)
        terminal.shows(lambda rows: "quit" in rows[9] and len(rows) == 10, "and for less")


def test_it_is_a_screen_of_the_console(lab):
    with lab.client.terminal("root", "bastion", "-s", "-t", "-t", "admin", kind=ScreenTerminal, **NARROW) as terminal:
        terminal.shows("root@bastion>", "the console")
        terminal.type("top\r")
        terminal.shows("strangers", "the screen")
        terminal.type("q")
        terminal.expect(r"\x1b\[\?1049l[^>]*root@bastion> ")
        terminal.type("user show bob\r")
        terminal.expect(r"name +bob")


@pytest.mark.parametrize("end", ["q", "SIGTERM"])
def test_on_the_machine_itself_the_terminal_is_as_it_was(lab, end):
    with local_top(lab, **NARROW) as terminal, lab.logged_in("bob"):
        terminal.shows("bob/web", "bob is on the screen")
        if end == "q":
            terminal.type("q")
        else:
            terminal._process.terminate()
        status, _ = terminal.end()
        assert status == (0 if end == "q" else 143)
        assert terminal.printed.endswith("\x1b[?1049l") and "\x1b[?25h" in terminal.printed


def test_a_session_is_ended_from_the_machine_itself(lab):
    with lab.logged_in("bob") as process, local_top(lab, **NARROW) as terminal:
        terminal.shows("bob/web", "bob is on the screen")
        terminal.type("/bob/web\r")
        terminal.shows(lambda rows: any(row.startswith("> ") and "bob" in row for row in rows), "bob is marked")
        terminal.type("K")
        terminal.shows("(y/n)", "it is asked")
        terminal.type("y")
        terminal.shows(lambda rows: re.fullmatch(r" session \w+ ended", rows[-1]), "it is said that it ended")
        assert finish(process).status == 255


@pytest.mark.parametrize("options, coloured", [([], True), (["-o", "SetEnv=NO_COLOR=1"], False)], ids=str)
def test_colours_unless_they_are_not_wanted(lab, options, coloured):
    with lab.logged_in("bob"), top(lab, *options) as terminal:
        terminal.shows(lambda rows: any("be2" in row and "up" in row for row in rows), "a backend that is up")
        assert any(shade[0] == "green" for row in range(24) for shade in terminal.shades(row)) == coloured


def test_a_locale_without_blocks_gets_ascii(lab):
    with top(lab, "-o", "SetEnv=LC_ALL=C") as terminal:
        terminal.shows("strangers", "the screen")
        assert all(row.isascii() for row in terminal.rows)


def test_a_terminal_that_is_none_gets_a_sentence(lab):
    with top(lab, environment={"TERM": "dumb"}) as terminal:
        terminal.expect("this terminal cannot show a screen")
        assert terminal.end()[0] == 1
