"""Whatever a document says, and whatever the system refuses, ends a command and never the bastion."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import pytest

from lab.bastion import binary
from lab.client import finish

pytestmark = pytest.mark.bastion_only

TOO_LARGE = '{"version":1,"users":[{"name":"a","idle_timeout":1e309}]}'
WHERE = "line 1, column 54: users[0], idle_timeout: 1e309 is too large for a number"
DOCUMENTS = {
    TOO_LARGE: WHERE,
    TOO_LARGE.replace("1e309", "-1"): "users[0] (a), idle_timeout: this is no text",
    "version: 1\nusers: {{{{": "line 2, column ",
    '{"a":' * 100_000: "this is nested too deeply",
    '{"version":1,"users":[{"name":"\\ud800"}]}': "this is no JSON document: ",
}
# Nobody's: no process of theirs counts against the limit but the one that is looked at.
UID = "61234"


def admin(lab, *words, input=None):
    return lab.client.run(*lab.client.ssh_line("root", "bastion", "admin", "-s"), *words, input=input)


def run(*line, **more):
    """The program by itself, and not as the lab runs it."""
    return subprocess.run([*map(str, line)], capture_output=True, encoding="utf-8", errors="replace", timeout=60, check=False, **more)


@pytest.mark.parametrize("more", [[], ["--dry-run"]], ids=["apply", "dry-run"])
def test_a_document_that_nobody_expects_is_refused_and_sessions_go_on(own_lab, more):
    alice = own_lab.client.start(*own_lab.client.ssh_line("alice", "bastion", "echo up; cat"))
    assert alice.stdout.readline() == b"up\n"
    for document, why in DOCUMENTS.items():
        for refused in [
            admin(own_lab, "apply", "-", *more, input=document),
            own_lab.bastion.tries("apply", "-", *more, input=document),
        ]:
            assert refused.status == 1 and why in refused.stderr, (document[:100], refused)
    alice.stdin.write(b"still here\n")
    alice.stdin.flush()
    assert alice.stdout.readline() == b"still here\n"
    alice.stdin.close()
    assert finish(alice).status == 0


@pytest.mark.parametrize("config", ["/", "/proc/self/mem", "/nowhere/" + "a" * 300])
def test_a_configuration_that_cannot_be_read_says_so(config):
    for verb in [["check"], ["serve"], ["admin", "user", "list"]]:
        refused = run(binary(), verb[0], "--config", config, *verb[1:])
        assert refused.returncode == 1, refused
        assert refused.stderr.startswith(f"bastion: {config}: "), refused


def test_a_full_disk_behind_standard_output_is_said():
    with open("/dev/full", "w", encoding="ascii") as full:
        refused = subprocess.run([binary(), "admin", "--help"], stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (refused.returncode, refused.stderr) == (1, b"bastion: standard output: No space left on device\n")


@pytest.fixture
def somebodys_site():
    """A bastion of a user who has nothing else; its folder, and what a command of theirs begins with."""
    if os.geteuid() != 0:
        pytest.skip("only root can be somebody else")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        program = folder / "bastion"
        shutil.copy(binary(), program)
        (folder / "toml").write_text(f'listen = ["127.0.0.1:47122"]\nstate_dir = "{folder}/state"\nworkers = 2\n')
        shutil.chown(folder, int(UID), int(UID))
        as_them = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups"]
        key = run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key")
        assert key.returncode == 0, key
        made = run(*as_them, program, "init", "--config", folder / "toml", "--admin", "root", "--key", (folder / "key.pub").read_text())
        assert made.returncode == 0, made
        yield folder, as_them, program


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_where_threads_are_few_it_says_so_and_does_not_serve(somebodys_site, threads):
    folder, as_them, program = somebodys_site
    # A sanitizer would look for leaks on a thread of its own.
    environment = os.environ | {"ASAN_OPTIONS": "detect_leaks=0"}
    refused = run("prlimit", f"--nproc={threads}", *as_them, program, "serve", "--config", folder / "toml", env=environment)
    assert refused.returncode == 1, refused
    said = r"error: cannot start a (process|thread): Resource temporarily unavailable\n$"
    assert re.search(said, refused.stderr), refused


def test_a_state_that_cannot_be_read_says_so(somebodys_site):
    folder, as_them, program = somebodys_site
    shutil.chown(folder / "state", 0, 0)
    (folder / "state").chmod(0o700)
    for verb in [["check"], ["serve"], ["admin", "user", "list"]]:
        refused = run(*as_them, program, verb[0], "--config", folder / "toml", *verb[1:])
        assert refused.returncode == 1, refused
        assert f"{folder}/state" in refused.stderr and "terminate" not in refused.stderr, refused
