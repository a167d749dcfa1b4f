"""docs/SECURITY.md claims what a test shows: each row names one, by its file and what it is called there."""

import pathlib
import re

_REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def rows(text):
    """The rows of tables whose heading ends with `shown by`: what is claimed, and what stands for it."""
    found, inside = [], False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        inside = bool(cells) and (inside or cells[-1] == "shown by")
        if inside and cells[-1] != "shown by" and not set(cells[-1]) <= set("-"):
            found.append((cells[0], cells[-1]))
    return found


def missing(claim, tests):
    """What is wrong with a row, in a sentence each."""
    named = re.findall(r"`([^`]+)`", tests)
    if not named:
        yield f"{claim}: no test is named"
    for each in named:
        file, _, name = each.partition("::")
        path = _REPOSITORY / "tests" / file
        if not path.exists():
            yield f"{claim}: there is no {path}"
        elif name and not has(path, name):
            yield f"{claim}: {file} has no {name}"


def has(path, name):
    text = path.read_text()
    if path.suffix == ".py":
        return f"def {name}(" in text
    return any(name in case for case in re.findall(r'TEST_CASE\(\s*"([^"]+)"', text))


def test_every_claim_names_a_test_that_there_is():
    claims = rows((_REPOSITORY / "docs" / "SECURITY.md").read_text())
    assert len(claims) > 15
    assert [sentence for claim, tests in claims for sentence in missing(claim, tests)] == []


def test_a_claim_without_one_is_found():
    text = "| what holds | shown by |\n|---|---|\n| x | nobody |\n| y | `stories/test_none.py` |\n"
    text += "| z | `checks/test_the_security_page.py::test_nothing` |\n"
    found = [sentence for claim, tests in rows(text) for sentence in missing(claim, tests)]
    assert [sentence[0] for sentence in found] == ["x", "y", "z"]
