"""GCC 12 ends twice what braces make for a call that is awaited, and what was made is then freed twice: it has a name before."""

import pathlib
import re

import pytest

REPOSITORY = pathlib.Path(__file__).parents[2]
SOURCES = [file for folder in ("bastion", "store", "tests/unit", "tests/support") for kind in ("*.cpp", "*.h") for file in (REPOSITORY / folder).rglob(kind)]


def made_in_braces(text):
    """The lines of expressions that are awaited with something in braces in them."""
    awaited = re.finditer(r"\bco_await (?P<expression>[^;]*)", text)
    return [text.count("\n", 0, each.start()) + 1 for each in awaited if "{" in each["expression"]]


def test_whatever_is_made_for_a_call_that_is_awaited_has_a_name():
    assert SOURCES
    assert [f"{file.relative_to(REPOSITORY)}:{line}" for file in SOURCES for line in made_in_braces(file.read_text())] == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("auto one = co_await take(loop, {.hash = hash});\n", [1]),
        ("\nco_return co_await take(loop,\n  Taken{.hash = hash});", [2]),
        ("Taken taken{.hash = hash};\nco_await take(loop, std::move(taken));\nwhile (true) {}", []),
        ("if (!one) co_await over; else {}", []),
    ],
)
def test_it_is_found_where_it_is(text, lines):
    assert made_in_braces(text) == lines
