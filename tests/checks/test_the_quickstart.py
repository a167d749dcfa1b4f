"""packaging/quickstart shows how far its build is; what it offers to try has a story (test_the_quickstart_is_tried.py)."""

import contextlib
import os
import pathlib
import pty
import re
import subprocess

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "packaging" / "quickstart"
PROGRESS = re.search(r"^progress\(\) \{\n.*?^\}\n", SCRIPT.read_text(), re.MULTILINE | re.DOTALL).group(0)
STEPS = 40
NINJA = "[0/2] Re-checking globbed directories...\n" + "".join(f"[{number}/{STEPS}] Building something\nwarning: {number}\n" for number in range(1, STEPS + 1))


def shown(folder, output=subprocess.PIPE):
    (folder / "build").mkdir()
    line = ["bash", "-euc", f"{PROGRESS}\nprogress"]
    return subprocess.run(line, input=NINJA, cwd=folder, stdout=output, text=True, check=True).stdout


def read_to_the_end(terminal):
    seen = b""
    with contextlib.suppress(OSError):  # EIO: the other side of a pty is closed
        while some := os.read(terminal, 65536):
            seen += some
    return seen.decode()


def test_without_a_terminal_each_tenth_is_a_line(tmp_path):
    lines = shown(tmp_path).splitlines()
    assert len(lines) == 11
    assert re.fullmatch(r"  \[1/40\] 2 %, 0:0\d gone, about 0:\d\d left", lines[0])
    assert re.fullmatch(r"  \[40/40\] 100 %, 0:0\d gone, about 0:00 left", lines[-1])


def test_at_a_terminal_it_is_one_line_that_is_gone_in_the_end(tmp_path):
    ours, theirs = pty.openpty()
    shown(tmp_path, theirs)
    os.close(theirs)
    seen = read_to_the_end(ours)
    os.close(ours)
    assert "\n" not in seen
    assert seen.count("\r\x1b[K  [") == STEPS
    assert seen.endswith("\r\x1b[K")


def test_what_the_build_says_is_kept(tmp_path):
    shown(tmp_path)
    assert (tmp_path / "build" / "quickstart.log").read_text() == NINJA
