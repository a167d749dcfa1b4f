"""At a terminal: size, modes, resizing and control characters reach the program in the container."""

import termios

import pytest


def unusual(terminal):
    """Modes that differ from every default: another interrupt and erase character, no echo of control characters."""
    modes = termios.tcgetattr(terminal)
    modes[0] |= termios.IXANY
    modes[1] |= termios.ONLRET
    modes[3] &= ~termios.ECHOCTL
    modes[6][termios.VINTR] = b"\x07"
    modes[6][termios.VERASE] = b"\x08"
    termios.tcsetattr(terminal, termios.TCSANOW, modes)


def modes(terminal):
    """What `stty -a` printed at it; what ssh itself says when it leaves is no part of that."""
    with terminal:
        return terminal.expect(r"(?s)(speed.*)end of modes").group(1)


@pytest.mark.parametrize("prepare", [None, unusual], ids=["usual", "unusual"])
def test_the_terminal_has_the_users_modes(lab, prepare):
    how = {"prepare": prepare, "rows": 33, "columns": 101}
    through = modes(lab.terminal("alice", "-t", "stty -a; echo end of modes", **how))
    assert through == modes(lab.direct_terminal("alice", "-t", "stty -a; echo end of modes", **how))
    assert "rows 33; columns 101" in through
    assert ("intr = ^G" in through) == (prepare is unusual)


def test_the_shell_is_interactive(lab):
    with lab.terminal("alice") as terminal:
        terminal.type("tty; echo $TERM $BOX $-\n")
        assert terminal.expect(r"(/dev/pts/\d+)\s+xterm-256color be1/alice (\w+)").group(2).count("i") == 1
        terminal.type("exit 3\n")
        assert terminal.end()[0] == 3


def test_a_new_window_size_reaches_the_program(lab):
    with lab.terminal("alice", rows=24, columns=80) as terminal:
        terminal.type("trap 'echo now $(stty size)' WINCH; stty size\n")
        terminal.expect("24 80")
        terminal.expect(r"\$ ")  # the signal goes to whoever has the terminal: the shell, by now
        terminal.resize(50, 132)
        terminal.expect("now 50 132")


def test_an_interrupt_reaches_the_program(lab):
    with lab.terminal("alice", "-t", "trap 'echo interrupted; exit 8' INT; echo ready; while :; do read x; done") as terminal:
        terminal.expect("ready")
        terminal.type("\x03")
        terminal.expect("interrupted")
        assert terminal.end()[0] == 8


def test_a_terminal_can_be_forced(lab):
    command = "test -t 0 && tty | grep -q /dev/pts && echo at a terminal"
    assert lab.ssh("alice", command, "-tt").stdout == "at a terminal"
    assert lab.ssh("alice", command, "-T").status == 1
