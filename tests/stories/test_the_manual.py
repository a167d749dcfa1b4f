"""bastion(1) names every word and option of the program, and no other."""

import pathlib
import re
import subprocess

import pytest

from lab.bastion import binary

pytestmark = pytest.mark.bastion_only

PAGE = pathlib.Path(__file__).resolve().parents[2] / "packaging" / "man" / "bastion.1"


def options_in(text):
    return set(re.findall(r"(?<![\w-])--[a-z]+", text))


def help_of(*words):
    return subprocess.run([binary(), *words, "--help"], capture_output=True, text=True, check=True).stdout


def test_the_page_has_what_the_help_has():
    page = PAGE.read_text().replace("\\-", "-")
    verbs = re.findall(r"^  (\w+)  ", help_of().partition("Subcommands:")[2], re.MULTILINE)
    assert len(verbs) == 8
    described = page.partition(".SH COMMANDS\n")[2].partition(".SH OPTIONS\n")[0]
    assert re.findall(r"^\.TP\n\.B (\w+)$", described, re.MULTILINE) == verbs
    helped = options_in(help_of()).union(*(options_in(help_of(verb)) for verb in verbs if verb != "admin"))
    below = options_in(help_of("identity", "rotate")) | options_in(help_of("audit", "forward"))
    assert options_in(page) == helped | below
