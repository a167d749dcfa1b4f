"""The pages of the manual and the completions of shells are sound, as their own tools see them."""

import pathlib
import subprocess

import pytest

PACKAGING = pathlib.Path(__file__).resolve().parents[2] / "packaging"
PAGES = sorted((PACKAGING / "man").iterdir())
COMPLETIONS = {"bash": "bastion.bash", "zsh": "_bastion"}


def said(*argv, **how):
    """Everything that a program says on its two streams."""
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **how).stdout


def faults(page):
    formatted = ["man", "--warnings=all", "--local-file", "-Tutf8", "-Z", page]
    groff = subprocess.run(formatted, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False).stderr
    return said("mandoc", "-T", "lint", page) + groff


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_has_no_faults(page):
    assert faults(page) == ""
    assert page.read_text().isascii()


def test_a_fault_of_a_page_is_found(tmp_path):
    page = tmp_path / "bastion.1"
    page.write_text(PAGES[0].read_text() + ".NONSENSE\n")
    assert "NONSENSE" in faults(page)


@pytest.mark.parametrize("shell", COMPLETIONS)
def test_a_shell_can_read_its_completion(shell):
    assert said(shell, "-n", PACKAGING / "completions" / COMPLETIONS[shell]) == ""


def test_the_pages_are_those_that_are_installed():
    installed = (PACKAGING / "CMakeLists.txt").read_text()
    assert [page.name for page in PAGES if f"man/{page.name}" not in installed] == []
