"""What packaging/hardening.cmake makes of a program, and that the check of it sees what is missing."""

import os
import pathlib
import subprocess
import sys

import pytest
from hardened import complaints

HERE = pathlib.Path(__file__).resolve().parent / "hardening"

# What packaging/hardening.cmake has for this processor only.
MARKS = "-fcf-protection=full"
X86 = os.uname().machine == "x86_64"

GUARDED = ["-O2", "-fPIE", "-pie", "-Wl,-z,relro,-z,now,-z,noexecstack", "-fstack-protector-strong", "-D_FORTIFY_SOURCE=3"]
GUARDED += [MARKS] if X86 else []


@pytest.fixture(scope="module", params=["g++", "clang++-19"])
def build(request, tmp_path_factory):
    """The small program as a release is built, by each of our compilers."""
    folder = tmp_path_factory.mktemp("hardening")
    words = [f"-DCMAKE_CXX_COMPILER={request.param}", "-DCMAKE_BUILD_TYPE=RelWithDebInfo"]
    for line in (["-G", "Ninja", "-S", HERE, "-B", folder, *words], ["--build", folder]):
        done = subprocess.run(["cmake", *map(str, line)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_a_release_has_all_of_it(build):
    assert complaints(build / "hardened", build.rglob("main.cpp.o")) == []


def test_its_debug_information_lies_in_a_file_beside_it(build):
    program, debug = _sections(build / "hardened"), _sections(build / "hardened.debug")
    assert ".gnu_debuglink" in program and not {".debug_info", ".symtab"} & program
    assert {".debug_info", ".symtab"} <= debug
    assert _build_id(build / "hardened") == _build_id(build / "hardened.debug") != ""


@pytest.mark.parametrize(
    "flags, complaint",
    [
        (["-no-pie", "-fno-pie"], "is not position independent"),
        (["-Wl,-z,norelro"], "has no read-only relocations"),
        (["-Wl,-z,lazy"], "binds its symbols late"),
        (["-Wl,-z,execstack"], "has an executable stack"),
        (["-fno-stack-protector"], "does not protect its stack"),
        (["-U_FORTIFY_SOURCE"], "makes no checked calls"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_missing_is_named(tmp_path, flags, complaint):
    program = tmp_path / "program"
    _compile(GUARDED + flags, "-o", program)
    assert complaints(program) == [f"{program} {complaint}"]


@pytest.mark.skipif(not X86, reason="marks for indirect branches are asked for on x86 only")
def test_an_object_without_marks_is_named(tmp_path):
    program, good, bad, archive = (tmp_path / name for name in ("program", "good.o", "bad.o", "both.a"))
    _compile(GUARDED, "-o", program)
    _compile([MARKS], "-c", "-o", good)
    _compile(["-fcf-protection=none"], "-c", "-o", bad)
    subprocess.run(["ar", "rc", archive, good, bad], check=True)
    assert complaints(program, [good]) == []
    assert complaints(program, [bad]) == [f"{bad} has no marks for indirect branches"]
    assert complaints(program, [archive]) == [f"{archive}(bad.o) has no marks for indirect branches"]


def test_a_program_of_no_objects_is_not_taken_for_checked(tmp_path):
    program = tmp_path / "program"
    _compile(GUARDED, "-o", program)
    line = [sys.executable, HERE.parent / "hardened.py", program]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "objects" in done.stderr


def _compile(flags, *words):
    subprocess.run(["g++", *flags, *words, HERE / "main.cpp"], check=True)


def _sections(file):
    """Those that take room in it."""
    text = subprocess.run(["readelf", "-SW", file], capture_output=True, text=True, check=True).stdout
    rows = [line.split("]", 1)[1].split() for line in text.splitlines() if line.lstrip().startswith("[") and "]" in line]
    return {row[0] for row in rows if row[1:2] != ["NOBITS"]}


def _build_id(file):
    text = subprocess.run(["readelf", "-n", file], capture_output=True, text=True, check=True).stdout
    return text.partition("Build ID: ")[2].split("\n")[0]
