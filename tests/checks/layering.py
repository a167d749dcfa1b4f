"""Layering as docs/ARCHITECTURE.md states it: reads that table, and finds every #include that it does not allow.

    python3 tests/checks/layering.py [REPOSITORY]
"""

import dataclasses
import fnmatch
import pathlib
import re
import sys

SOURCES = {".h", ".cpp", ".c"}

_C_STANDARD = set("assert.h ctype.h errno.h limits.h signal.h stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h".split())
_POSIX = ["sys/*", "netinet/*", "arpa/*"]
_POSIX += "unistd.h fcntl.h netdb.h poll.h spawn.h pwd.h grp.h termios.h time.h dirent.h pthread.h sched.h".split()
_SQL = re.compile(r'"[^"]*\b(SELECT .* FROM|INSERT INTO|DELETE FROM|UPDATE \w+ SET|CREATE TABLE|PRAGMA )', re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Layer:
    folder: str
    may_use: frozenset
    may_not_use: frozenset


def table(document):
    """The layers by folder, from the rows `| folder | may use | may not use |` of the text."""
    layers = {}
    for line in document.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 3 and re.fullmatch(r"`[\w/]+`", cells[0]):
            folder = cells[0].strip("`")
            layers[folder] = Layer(folder, _words(cells[1]), _words(cells[2]))
    return layers


def violations(repository):
    """Sentences that name file, line and what is wrong; none when the sources are as the table says."""
    layers = table((repository / "docs" / "ARCHITECTURE.md").read_text())
    if not layers:
        return ["docs/ARCHITECTURE.md has no layering table"]
    found = [f"{layer.folder}: {word} is both allowed and forbidden" for layer in layers.values()
             for word in sorted(layer.may_use & layer.may_not_use)]  # fmt: skip
    for top in ("bastion", "store"):
        for file in sorted((repository / top).rglob("*")):
            if file.suffix in SOURCES:
                found += _violations_of(file, file.relative_to(repository), layers)
    return found


def read_by(repository, file):
    """Every header of ours that a source or header reads, itself among them, by the name an #include has."""
    found, left = set(), [file]
    while left:
        name = left.pop()
        if name not in found and (repository / name).exists():
            found.add(name)
            left += re.findall(r'^\s*#\s*include\s*"([^"]+)"', (repository / name).read_text(), re.MULTILINE)
    return found


def _violations_of(file, name, layers):
    layer = layers.get(str(name.parent))
    if layer is None:
        return [f"{name}: the folder {name.parent} is not in the table of docs/ARCHITECTURE.md"]
    found = []
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if match := re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line):
            allowed = _is_allowed_library(match[2], layer) if match[1] == "<" else _is_allowed_folder(match[2], layer)
            if not allowed:
                found.append(f"{name}:{number}: {layer.folder} may not include {match[0].split(None, 1)[1]}")
        elif not layer.folder.startswith("store") and _SQL.search(line):
            found.append(f"{name}:{number}: SQL belongs into store")
    return found


def _is_allowed_folder(header, layer):
    folder = header.rpartition("/")[0]
    if folder == layer.folder or folder in layer.may_use:
        return True
    return any(fnmatch.fnmatch(f'"{header}"', pattern) for pattern in layer.may_use)


def _is_allowed_library(header, layer):
    if header in _C_STANDARD or not re.search(r"[./]", header):
        return True
    if "POSIX" in layer.may_use and any(fnmatch.fnmatch(header, pattern) for pattern in _POSIX):
        return True
    return any(fnmatch.fnmatch(f"<{header}>", pattern) for pattern in layer.may_use)


def _words(cell):
    return frozenset(quoted or bare for quoted, bare in re.findall(r"`([^`]+)`|\b(POSIX)\b", cell))


if __name__ == "__main__":
    here = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    complaints = violations(here)
    print("\n".join(complaints))
    sys.exit(1 if complaints else 0)
