"""What packaging/quickstart prints under "Try next" does what it says: its lab is brought up as the script does after the
build, in a network and a home of its own, and every line is given to a shell as it was printed."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

from lab.key import Key
from lab.mounts import bind
from lab.namespace import Namespace
from lab.process import start
from lab.quickstart import _PLACE
from lab.terminal import Terminal

pytestmark = pytest.mark.bastion_only

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
HOME = pathlib.Path("~root").expanduser()


class Computer:
    """Where somebody tries it: the machine's own files, but for a home that is empty, and the network."""

    def __init__(self, home):
        self.home = home
        (home / ".ssh").mkdir(mode=0o700, parents=True)
        self.namespace = Namespace(f"quick{os.getpid()}")
        self.environment = {**os.environ, "HOME": str(HOME), "TERM": "xterm", "PYTHONPATH": str(REPOSITORY / "tests" / "support")}
        self.environment.pop("SSH_AUTH_SOCK", None)

    def line(self, *argv):
        script = f'set -e\n{bind([(self.home, HOME)])}\ncd {REPOSITORY}\nexec "$@"'
        return self.namespace.command("unshare", "--mount", "sh", "-c", script, "sh", *argv)

    def lab(self, word):
        return self.line(sys.executable, "-m", "lab.quickstart", word)

    def gives(self, command, dialogue):
        """A command, at a terminal; `dialogue` has what is typed there, and what is to be seen before. Returns the exit
        status, and what was shown last."""
        with Terminal(self.line("bash", "-c", command), self.environment, columns=200) as terminal:
            for pattern, text in dialogue:
                terminal.expect(pattern)
                terminal.type(text)
            return terminal.end()


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory):
    if _PLACE.exists():
        pytest.skip("a quickstart is up on this machine")
    computer = Computer(tmp_path_factory.mktemp("visitor") / "home")
    Key(computer.home / ".ssh" / "id_ed25519")
    computer.namespace.create()
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    holder = start(computer.lab("hold"), env=computer.environment, **pipes)
    try:
        ready, jump, difference = (holder.stdout.readline().strip() for _ in range(3))
        assert ready == "ready", holder.communicate()[1]
        assert difference == ""
        computer.offers = offers(jump)
        yield computer
    finally:
        stop = start(computer.lab("stop"), env=computer.environment, **pipes)
        holder.communicate()  # it waits until that process is gone
        _, complaint = stop.communicate()
        computer.namespace.delete()
    assert (stop.returncode, complaint) == (0, "")
    assert not _PLACE.exists() and not (REPOSITORY / "build" / "admin").exists()
    assert sorted(each.name for each in (computer.home / ".ssh").iterdir()) == ["id_ed25519", "id_ed25519.pub"]


def offers(jump):
    """The lines that the script prints at its end, by what it says about them."""
    end = (REPOSITORY / "packaging" / "quickstart").read_text().partition("\nhint=\n")[2]
    script = f"stay=yes jump={jump} hint=\n{end}"
    printed = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^  (\S.*?)(?:  +(\S.*))?$", printed, re.MULTILINE)
    return {about or command: command for command, about in found}


# Of the container's shell, and of the console.
AT_ITS_PROMPT = r"[$#] "
AT_THE_CONSOLE = r"root@bastion> "
IN_A_BROWSER = "and in a browser what happens: http://localhost:8080"

# What is typed there, and what is seen then.
TRIED = {
    "a shell in her container": ([(AT_ITS_PROMPT, "echo in $BOX\r"), (r"in be1/alice", "exit\r")], ""),
    "a file into it": ([], "README.md"),
    "a SOCKS proxy that ends in it": ([(AT_ITS_PROMPT, "exit\r")], ""),
    "a pipe through it": ([], str((REPOSITORY / "README.md").stat().st_size)),
    "past it: the bastion as a jump, end to end": ([(AT_ITS_PROMPT, "echo in $BOX\r"), (r"in be1/alice", "exit\r")], ""),
    "the console: help, Tab, exit": (
        [(AT_THE_CONSOLE, "help\r"), ("Activity", "q"), (AT_THE_CONSOLE, "exit\r")],  # help fills more than a screen
        "",
    ),
    "the same, also for who has a container": (
        [(AT_THE_CONSOLE, "user list\r"), ("alice", ""), (AT_THE_CONSOLE, "exit\r")],
        "",
    ),
    "one command": ([], "root"),
    "a login tried, step by step": ([], "succeed"),
    IN_A_BROWSER: ([(AT_THE_CONSOLE, "exit\r")], ""),
    "on the bastion's own machine": ([], "be1"),
}


@pytest.mark.parametrize("about", TRIED)
def test_what_is_offered_to_try_works(quickstart, about):
    dialogue, seen = TRIED[about]
    status, shown = quickstart.gives(quickstart.offers[about], dialogue)
    assert status == 0, shown
    assert seen in shown


def test_the_browser_sees_what_happens(quickstart):
    with Terminal(quickstart.line("bash", "-c", quickstart.offers[IN_A_BROWSER]), quickstart.environment) as terminal:
        terminal.expect(AT_THE_CONSOLE)
        asked = quickstart.line("curl", "-sS", "--fail", "http://localhost:8080/")
        assert "<title>bastion</title>" in subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        terminal.type("exit\r")
        assert terminal.end()[0] == 0


def test_everything_that_is_offered_is_tried(quickstart):
    assert set(quickstart.offers) == {*TRIED, "packaging/quickstart --stop"}
