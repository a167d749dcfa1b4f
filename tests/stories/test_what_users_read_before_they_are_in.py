"""A banner before authentication; after it, in a shell on a terminal, a message of the day and where one was last seen."""

import re
import signal

import pytest

from lab import topology, until

pytestmark = pytest.mark.bastion_only

LOUD = ("-o", "LogLevel=INFO")


def reload(lab, says="configuration read again"):
    read_again = lambda: lab.bastion.log.count("configuration read again")
    before = read_again()
    lab.bastion.send(signal.SIGHUP)
    until(lambda: read_again() > before, "it is read again")
    lab.bastion.waits_for_log(says)


@pytest.fixture
def shows(own_lab, tmp_path):
    """Has the bastion show this text, from a file, as the setting of this name."""

    def show(setting, text):
        file = tmp_path / setting
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        own_lab.bastion.configure(**{setting: str(file)})
        reload(own_lab)
        return file

    return show


def test_everybody_reads_the_banner_once_before_authentication(own_lab, shows):
    shows("banner", "Property of Example.\nGo away.\n")
    alice = own_lab.ssh("alice", "true", *LOUD)
    assert alice.status == 0
    assert alice.stderr.count("Property of Example.\n") == 1
    assert "Go away." in alice.stderr
    stranger = own_lab.ssh("nobody", "true", *LOUD)
    assert stranger.status == 255
    assert stranger.stderr.count("Property of Example.") == 1
    assert "Property" not in own_lab.ssh("alice", "true", "-q").stderr


def test_a_banner_moves_no_cursor(own_lab, shows):
    shows("banner", b"plain \x1b[2Jtext\x07\r\nand \xff more\n")
    said = own_lab.ssh("alice", "true", *LOUD).stderr
    assert "plain ?[2Jtext?\n" in said
    assert "and ? more" in said


def test_a_banner_is_read_again_at_a_reload(own_lab, shows):
    file = shows("banner", "the first\n")
    assert "the first" in own_lab.ssh("alice", "true", *LOUD).stderr
    file.write_text("the second\n")
    assert "the first" in own_lab.ssh("alice", "true", *LOUD).stderr
    reload(own_lab)
    said = own_lab.ssh("alice", "true", *LOUD).stderr
    assert "the second" in said
    assert "the first" not in said
    own_lab.bastion.configure(banner="")
    reload(own_lab)
    assert "the second" not in own_lab.ssh("alice", "true", *LOUD).stderr


@pytest.mark.parametrize("text, why", [(None, "No such file or directory"), ("x" * 16385, "has 16384 bytes at most")])
def test_a_text_that_cannot_be_read_keeps_nobody_out(own_lab, tmp_path, text, why):
    file = tmp_path / "banner"
    if text:
        file.write_text(text)
    own_lab.bastion.configure(banner=str(file))
    reload(own_lab, says="nothing is shown to users")
    own_lab.bastion.waits_for_log(why)
    assert own_lab.ssh("alice", "echo in", *LOUD).stdout == "in"
    checked = own_lab.bastion.check()
    assert checked.status != 0
    assert why in checked.stdout + checked.stderr


def test_a_shell_on_a_terminal_begins_with_the_message_of_the_day(own_lab, shows):
    shows("motd", "Backups at noon.\nBe nice.\n")
    with own_lab.terminal("alice") as terminal:
        terminal.expect(r"Backups at noon\.\r?\nBe nice\.\r?\n")
        terminal.type("exit\n")
        terminal.end()
    with own_lab.terminal("alice", "-tt", "echo done") as terminal:
        assert "Backups" not in terminal.expect(r"(?s).*done")[0]
    assert "Backups" not in own_lab.ssh("alice", "true", *LOUD).stderr
    without = own_lab.client.run(*own_lab.client.ssh_line("alice", "bastion", None, "-T"), input="echo done\n")
    assert without.stdout == "done"
    assert "Backups" not in without.stderr


def says_last_login(lab):
    with lab.terminal("alice") as terminal:
        terminal.type("echo do''ne\n")
        said = terminal.expect(r"(?s).*done")
        terminal.type("exit\n")
        terminal.end()
        return "Last login" in said[0]


def test_last_login_says_when_and_from_where(own_lab):
    assert own_lab.ssh("alice", "true").status == 0
    assert not says_last_login(own_lab)
    own_lab.bastion.configure(last_login=True)
    reload(own_lab)
    with own_lab.terminal("alice") as terminal:
        terminal.expect(rf"Last login: \w{{3}} \w{{3}} [ \d]\d \d\d:\d\d:\d\d \d{{4}} from {re.escape(topology.CLIENT['front'])}\r?\n")
        terminal.type("exit\n")
        terminal.end()
    assert "Last login" not in own_lab.ssh("alice", "true", *LOUD).stderr


def test_somebody_who_is_here_for_the_first_time_was_nowhere_before(own_lab):
    own_lab.bastion.configure(last_login=True)
    reload(own_lab)
    assert not says_last_login(own_lab)
    assert says_last_login(own_lab)
