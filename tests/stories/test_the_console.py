"""The admin console in a real terminal: typed into as a person would."""

import json

import pytest

pytestmark = pytest.mark.bastion_only

PROMPT = r"root@bastion> "
UP, LEFT, HOME, TAB = "\x1b[A", "\x1b[D", "\x1b[H", "\t"
INTERRUPT, END_OF_INPUT = "\x03", "\x04"


def console(lab, user="root", **size):
    """`ssh -s -t root@bastion admin`"""
    return lab.client.terminal(user, "bastion", "-s", "-t", "-t", "admin", **size)


def ready(terminal):
    terminal.expect(PROMPT)
    return terminal


def test_commands_are_typed_and_answered(lab):
    with console(lab, rows=50) as terminal:
        ready(terminal).type("user show alice\r")
        terminal.expect(r"name +alice")
        ready(terminal).type("user show nobody\r")
        terminal.expect("there is no user nobody")
        ready(terminal).type("exit\r")
        assert terminal.end()[0] == 0


def test_an_admin_without_a_container_gets_it_by_a_plain_login(lab):
    with lab.terminal("root") as terminal:
        ready(terminal).type("backend list\r")
        terminal.expect("be1")
        ready(terminal).type(END_OF_INPUT)
        assert terminal.end()[0] == 0


def test_an_admin_with_a_container_lands_there_and_has_the_console_by_its_name(own_lab):
    own_lab.bastion.admin("user", "set", "alice", "--role", "admin")
    with own_lab.terminal("alice") as terminal:
        terminal.type("echo $BOX\r")
        terminal.expect("be1/alice")
    with console(own_lab, "alice") as terminal:
        terminal.expect("alice@bastion> ")


def test_the_line_is_edited_and_comes_back(lab):
    with console(lab, rows=50) as terminal:
        ready(terminal).type("show alice" + HOME + "user \r")
        terminal.expect(r"name +alice")
        ready(terminal).type(UP + "\x17bob\r")
        terminal.expect(r"name +bob")
        ready(terminal).type("nonsense" + INTERRUPT)
        terminal.expect(r"\^C")
        ready(terminal).type("user show carol\r")
        terminal.expect(r"name +carol")


def test_tab_completes_words_and_names(lab):
    with console(lab) as terminal:
        ready(terminal).type("cont" + TAB)
        terminal.expect("container ")
        terminal.type("sho" + TAB)
        terminal.expect("container show ")
        terminal.type("b" + TAB + "\r")
        terminal.expect(r"name +web")
        ready(terminal).type("container show alice/" + TAB + TAB)
        terminal.expect("alice/db +alice/web")


def test_tables_fit_the_terminal_and_follow_its_size(lab):
    with console(lab, columns=40) as terminal:
        ready(terminal).type("container list\r")
        assert len(terminal.expect(r"(NAME[^\n]*)\n").group(1).replace("\x1b[0m", "")) <= 40
        terminal.expect(r"hidden columns: LOGIN, DEFAULT, STATE,\s+SEEN \(widen, or --json\)")
        ready(terminal)
        terminal.resize(24, 200)
        ready(terminal)  # drawn anew for the new size
        terminal.type("container list\r")
        assert "DEFAULT" in terminal.expect(r"(NAME[^\n]*)\n").group(1)


@pytest.mark.parametrize("options, coloured", [([], True), (["-o", "SetEnv=NO_COLOR=1"], False)], ids=str)
def test_headings_stand_out_unless_colours_are_not_wanted(lab, options, coloured):
    words = [*options, "-s", "-t", "-t", "admin"]
    with lab.client.terminal("root", "bastion", *words) as terminal:
        ready(terminal).type("user list\r")
        assert ("\x1b[1m" in terminal.expect(r"([^\n]*NAME[^\n]*)\n").group(1)) == coloured
    with lab.client.terminal("root", "bastion", *words, "user", "list") as terminal:
        assert ("\x1b[1m" in terminal.expect(r"([^\n]*NAME[^\n]*)\n").group(1)) == coloured


def test_a_removal_that_takes_more_with_it_is_asked_about(own_lab):
    with console(own_lab) as terminal:
        ready(terminal).type("user remove bob\r")
        terminal.expect("bob/web")
        terminal.expect(r"\(y/N\) ")
        terminal.type("\r")
        terminal.expect("Nothing was changed")
        ready(terminal).type("user remove bob\r")
        terminal.expect(r"\(y/N\) ")
        terminal.type("y\r")
        terminal.expect("user bob removed")
        ready(terminal)
    assert own_lab.bastion.tries("user", "show", "bob").status == 1


def test_sessions_are_watched_until_ctrl_c(lab):
    with console(lab, columns=160) as terminal:
        ready(terminal).type("session watch\r")
        terminal.expect("Ctrl-C leaves")
        with lab.logged_in("bob"):
            terminal.expect("bob/web")
            terminal.type(INTERRUPT)
            ready(terminal).type("user show bob\r")
            terminal.expect(r"name +bob")


def test_a_single_watch_ends_the_session(lab):
    with lab.client.terminal("root", "bastion", "-s", "-t", "-t", "admin", "session", "watch") as terminal:
        terminal.expect("Ctrl-C leaves")
        terminal.expect("Ctrl-C leaves")
        terminal.type(INTERRUPT)
        assert terminal.end()[0] == 130


def test_a_paste_answers_no_question_and_stops_where_it_fails(own_lab):
    """With the marks of a terminal that knows pastes, and without them."""
    is_there = lambda user: own_lab.bastion.tries("user", "show", user).status == 0
    with console(own_lab) as terminal:
        ready(terminal).type("user remove bob\ruser add p4\ry\r")
        terminal.expect("Not run: user add p4, and 1 more line\n")
        terminal.expect(r"Remove bob and bob/web\? \(y/N\) ")
        assert is_there("bob") and not is_there("p4")
        terminal.type("\r")
        terminal.expect("Nothing was changed")
        ready(terminal).type("\x1b[200~user add p5\ruser show nobody\ruser add p6\r\x1b[201~")
        terminal.expect("user p5 added")
        terminal.expect("Not run: user add p6\n")
        ready(terminal).type("user add p7\r")
        terminal.expect("user p7 added")
        ready(terminal)
    assert is_there("p5") and not is_there("p6") and is_there("p7")


def test_ctrl_c_ends_what_only_reads(own_lab):
    own_lab.backend("be1").unplug()
    with console(own_lab) as terminal:
        ready(terminal).type("explain alice\r")
        terminal.expect("\n")
        terminal.type(INTERRUPT)
        terminal.expect(r"\^C\n")
        ready(terminal).type("user show bob\r")
        terminal.expect(r"name +bob")


def test_a_long_answer_comes_a_screen_at_a_time(lab):
    with console(lab, rows=12) as terminal:
        ready(terminal).type("help\r")
        terminal.expect(r"11 of \d+ lines; Space, b, /, q leaves")
        terminal.type("/live screen\r")
        terminal.expect("top +a live screen")
        terminal.type("q")
        ready(terminal).type("help --no-pager\r")
        terminal.expect("help all +every command")
        ready(terminal)


def test_what_stays_of_a_narrow_table_is_what_matters(lab):
    headings = lambda text: text.replace("\x1b[0m", "")
    with console(lab, columns=40) as terminal:
        ready(terminal).type("audit list --limit 3\r")
        seen = headings(terminal.expect(r"([^\n]*USER[^\n]*)\n").group(1))
        assert "SUBJECT" in seen and "ACTION" in seen
        ready(terminal).type("explain alice\r")
        assert "WHAT" in headings(terminal.expect(r"(STEP[^\n]*)\n").group(1))


def test_nothing_to_list_is_said(lab):
    with console(lab) as terminal:
        ready(terminal).type("session list --user erin\r")
        terminal.expect("no open sessions\n")


def test_what_was_done_there_is_written_down(own_lab):
    with console(own_lab) as terminal:
        ready(terminal).type("user add nina\r")
        terminal.expect("user nina added")
    row = json.loads(own_lab.bastion.admin("audit", "list", "--json"))
    assert ("root", "user add", "nina") in [(each["user"], each["action"], each["subject"]) for each in row]


def test_a_console_is_told_when_it_is_ended(own_lab):
    with console(own_lab) as terminal:
        ready(terminal)
        own_lab.bastion.admin("session", "kill", "--user", "root")
        terminal.expect("an administrator has ended your session")
        assert terminal.end()[0] == 255


def test_whoever_is_no_administrator_any_more_learns_nothing(own_lab):
    """The role is asked for before anything is done for a command or a Tab: nobody is named, and no backend is dialled."""
    own_lab.bastion.admin("user", "add", "nina", "--role", "admin", "--key", own_lab.key("nina").public)
    with console(own_lab, "nina") as terminal:
        terminal.expect("nina@bastion> ")
        own_lab.bastion.admin("user", "set", "nina", "--role", "user")
        terminal.type("user show " + TAB + TAB + INTERRUPT)
        shown = terminal.expect(r"\^C").string
        assert "alice" not in shown and "carol" not in shown
        connections = own_lab.hop_connections("be1")
        terminal.type("explain alice\r")
        terminal.expect("administrator")
        assert own_lab.hop_connections("be1") == connections
