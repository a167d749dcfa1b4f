#!/usr/bin/env python3
"""Says what a program lacks of packaging/hardening.cmake; says nothing when it is all there.

    tests/checks/hardened.py [--checked-calls] PROGRAM OBJECT...

--checked-calls is for a program that is optimized and has no sanitizer. The linker drops the marks of indirect branches when
one object has none, as the C library's own start of every program has on Debian 12: the OBJECTs (archives too) tell whether
ours have them.
"""

import argparse
import os
import re
import subprocess
import sys

_X86 = os.uname().machine == "x86_64"


def complaints(program, objects=(), *, checked_calls=True):
    header, segments, dynamic, symbols = (_readelf(option, program) for option in ("-h", "-l", "-d", "--dyn-syms"))
    flags = " ".join(re.findall(r"\((?:FLAGS|FLAGS_1|BIND_NOW)\)(.*)", dynamic))
    wanted = {
        "is not position independent": re.search(r"Type:\s+DYN", header) and re.search(r"\bPIE\b", flags),
        "has no read-only relocations": "GNU_RELRO" in segments,
        "binds its symbols late": re.search(r"\b(BIND_)?NOW\b", flags),
        "has an executable stack": re.search(r"GNU_STACK.* RW +0x", segments),
        "does not protect its stack": "__stack_chk_fail" in symbols,
        "makes no checked calls": not checked_calls or re.search(r"__(?!stack)\w+_chk\b", symbols),
    }
    said = [f"{program} {lack}" for lack, there in wanted.items() if not there]
    return said + [f"{each} has no marks for indirect branches" for file in objects for each in _unmarked(file)]


def _unmarked(file):
    """The objects in a file that do not say IBT and SHSTK."""
    if not _X86:
        return []
    notes = _readelf("-n", file)
    members = re.split(r"^File: (.*)$", notes, flags=re.MULTILINE)
    pairs = zip(members[1::2], members[2::2]) if len(members) > 1 else [(file, notes)]
    return [name for name, text in pairs if not re.search(r"x86 feature: IBT, SHSTK", text)]


def _readelf(option, file):
    environment = os.environ | {"LC_ALL": "C"}
    return subprocess.run(["readelf", "-W", option, file], env=environment, capture_output=True, text=True, check=True).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("objects", nargs="+")
    parser.add_argument("--checked-calls", action="store_true")
    options = parser.parse_args()
    said = complaints(options.program, options.objects, checked_calls=options.checked_calls)
    print(*said, sep="\n", end="\n" if said else "")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
