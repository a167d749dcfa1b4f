"""The layering table is law; and the test that says so can fail."""

import pathlib

import layering
import pytest

REPOSITORY = pathlib.Path(__file__).parents[2]

TABLE = """\
| folder | may use | may not use |
|---|---|---|
| `bastion/base` | `<fmt/*>` | every other folder |
| `bastion/loop` | `bastion/base` `<uv.h>` POSIX | `bastion/base/none` |
| `store` | `bastion/base` | nothing |
"""


def test_the_sources_obey_the_table():
    assert layering.violations(REPOSITORY) == []


def test_what_a_command_is_costs_no_transport():
    """Its headers are read by half of the program's sources."""
    for header in sorted((REPOSITORY / "bastion" / "admin" / "grammar").glob("*.h")):
        read = layering.read_by(REPOSITORY, str(header.relative_to(REPOSITORY)))
        assert [name for name in read if name.startswith(("bastion/transport/", "bastion/connection/", "bastion/loop/"))] == []


def test_a_change_of_the_relay_rebuilds_few_sources():
    sources = [file for top in ("bastion", "store", "tests") for file in (REPOSITORY / top).rglob("*.cpp")]
    rebuilt = [file for file in sources if "bastion/connection/relay.h" in layering.read_by(REPOSITORY, str(file.relative_to(REPOSITORY)))]
    assert 0 < len(rebuilt) < 27


@pytest.fixture
def tree(tmp_path):
    """A small repository; call it with a path and a text to add a source."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "ARCHITECTURE.md").write_text(TABLE)

    def add(name, text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
        return layering.violations(tmp_path)

    return add


def test_what_the_table_allows_passes(tree):
    assert tree("bastion/loop/a.cpp", '#include "bastion/loop/a.h"\n#include "bastion/base/b.h"\n#include <uv.h>\n') == []
    assert tree("bastion/loop/b.h", "#include <vector>\n#include <sys/socket.h>\n#include <stdint.h>\n") == []


@pytest.mark.parametrize("include", ['"bastion/loop/a.h"', "<uv.h>", "<libssh/libssh.h>", "<unistd.h>", '"tests/x.h"', '"b.h"'])
def test_an_include_that_is_not_allowed_fails(tree, include):
    assert tree("bastion/base/a.h", f"#include {include}\n") == [f"bastion/base/a.h:1: bastion/base may not include {include}"]


def test_a_folder_nobody_knows_fails(tree):
    assert "not in the table" in tree("bastion/utils/a.h", "")[0]
    assert "not in the table" in tree("bastion/loop/deeper/a.h", "")[0]


def test_sql_outside_the_store_fails(tree):
    line = 'auto sql = "SELECT name FROM users";\n'
    assert tree("bastion/base/a.cpp", line) == ["bastion/base/a.cpp:1: SQL belongs into store"]
    assert tree("bastion/base/a.cpp", "") == []
    assert tree("store/a.cpp", line) == []


def test_a_row_that_contradicts_itself_fails(tree, tmp_path):
    document = tmp_path / "docs" / "ARCHITECTURE.md"
    document.write_text(TABLE.replace("`bastion/base/none`", "`<uv.h>`"))
    assert tree("bastion/base/a.h", "") == ["bastion/loop: <uv.h> is both allowed and forbidden"]


def test_a_document_without_the_table_fails(tree, tmp_path):
    (tmp_path / "docs" / "ARCHITECTURE.md").write_text("# Architecture\n")
    assert tree("bastion/base/a.h", "") == ["docs/ARCHITECTURE.md has no layering table"]
