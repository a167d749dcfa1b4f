"""What cannot be had or read is said in a sentence, at the start, whoever asks: no other file is blamed, and nobody crashes."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from lab.bastion import binary
from lab.key import Key
from lab.process import LEASH

pytestmark = pytest.mark.bastion_only

_NOBODY = 65534
_FILES = ["bastion.db", "host_keys/ed25519", "identity/ed25519", "bastion.toml"]
_VERBS = [["serve"], ["check"], ["admin", "user", "list"], ["admin", "identity", "show"], ["init", "--admin", "root", "--key", "KEY"]]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The state of a bastion that would serve; each case spoils a copy of it."""
    folder = tmp_path_factory.mktemp("made")
    Key(folder / "key")
    configure(folder)
    run(folder, "init", "--admin", "root", "--key", "KEY", user=0).check_returncode()
    return folder


@pytest.fixture
def site(made, tmp_path):
    tmp_path.chmod(0o755)
    for above in tmp_path.parents:
        if above == pathlib.Path(tempfile.gettempdir()):
            break
        above.chmod(0o755)
    site = tmp_path / "site"
    shutil.copytree(made, site)
    configure(site)
    for path in [site, *site.rglob("*")]:
        os.chown(path, _NOBODY, _NOBODY)
    return site


def configure(folder):
    # An address that nobody has: what serves says so instead of going on.
    (folder / "bastion.toml").write_text(f'listen = ["192.0.2.1:2222"]\nstate_dir = "{folder}/state"\n')


def run(folder, verb, *words, user=_NOBODY):
    words = [str(folder / "key.pub") if word == "KEY" else word for word in words]
    line = [str(binary()), verb, "--config", str(folder / "bastion.toml"), *words]
    who = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--"]
    return subprocess.run([*LEASH, *who, *line], capture_output=True, text=True, timeout=60, check=False)


def place(site, name):
    return site / name if name == "bastion.toml" else site / "state" / name


def says(done):
    """The one sentence of whoever cannot go on; `check` says it among others."""
    assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
    for broken in ["terminate called", "exception", "internal error", "filesystem error", "basic_", "what()"]:
        assert broken not in done.stderr
    bad = [line for line in done.stderr.splitlines() if "not listening on" not in line]
    assert bad, "it says why"
    return "\n".join(bad)


def concerned(verb, name):
    """Who has to have which file. What init finds missing it makes."""
    if verb[:2] == ["admin", "user"]:
        return name in ("bastion.db", "bastion.toml")
    if verb[:2] == ["admin", "identity"]:
        return name != "host_keys/ed25519"
    return True


@pytest.mark.parametrize("name", _FILES)
@pytest.mark.parametrize("way", ["absent", "unreadable", "folder", "empty", "damaged"])
def test_it_is_said_which_file_and_why(site, name, way):
    path = place(site, name)
    content = path.read_bytes()
    path.unlink()
    expected = {
        "absent": "No such file or directory",
        "unreadable": "Permission denied",
        "folder": "this is a folder",
        "empty": "this file is empty",
        "damaged": "",
    }[way]
    if way == "folder":
        path.mkdir()
    elif way != "absent":
        path.write_bytes({"unreadable": content, "empty": b"", "damaged": b"this is not what it was\n" * 200}[way])
    if way != "absent":
        os.chown(path, *([0, 0] if way == "unreadable" else [_NOBODY, _NOBODY]))
        path.chmod(0o700 if way == "folder" else 0o600)
    if name == "bastion.db" and way == "absent":
        expected = "make one with `bastion init`"
    for verb in filter(lambda verb: concerned(verb, name), _VERBS):
        if name == "bastion.toml" and way == "empty":
            continue  # it says nothing, and that is allowed
        if verb[0] == "init" and name != "bastion.toml" and (way == "absent" or (name, way) == ("bastion.db", "empty")):
            continue  # it makes it
        sentence = says(run(site, *verb))
        assert str(path) in sentence, verb
        assert expected in sentence, verb


def test_where_nobody_may_look_that_is_said(site):
    (site / "state").chmod(0o700)
    os.chown(site / "state", 0, 0)
    for verb in _VERBS:
        sentence = says(run(site, *verb))
        assert "Permission denied" in sentence, verb
        assert "there is no" not in sentence, verb


def test_where_the_state_directory_is_a_file_that_is_said(site):
    shutil.rmtree(site / "state")
    (site / "state").write_text("")
    os.chown(site / "state", _NOBODY, _NOBODY)
    for verb in _VERBS:
        sentence = says(run(site, *verb))
        assert str(site / "state") in sentence, verb


def test_init_makes_a_database_of_an_empty_file(site):
    """So looks what an init has left that was killed at once."""
    (site / "state" / "bastion.db").write_bytes(b"")
    run(site, "init", "--admin", "root", "--key", "KEY").check_returncode()
    assert "root" in run(site, "admin", "user", "list").stdout
    run(site, "check").check_returncode()


@pytest.mark.parametrize("way", ["absent", "folder", "empty", "damaged", "unreadable"])
def test_a_backup_that_cannot_be_read_is_named(site, way):
    backup = site / "backup.db"
    if way == "folder":
        backup.mkdir()
    elif way != "absent":
        backup.write_bytes({"empty": b"", "damaged": b"this is no database\n" * 500, "unreadable": b"x"}[way])
    if way != "absent":
        backup.chmod(0o700)
        os.chown(backup, *([0, 0] if way == "unreadable" else [_NOBODY, _NOBODY]))
    sentence = says(run(site, "admin", "restore", str(backup), "--yes"))
    assert str(backup) in sentence
    expected = {
        "absent": "No such file",
        "folder": "this is a folder",
        "empty": "this file is empty",
        "damaged": "not a database",
        "unreadable": "Permission denied",
    }
    assert expected[way] in sentence


def test_a_backup_that_cannot_be_written_is_named(site):
    (site / "full").mkdir()  # root's
    sentence = says(run(site, "admin", "backup", str(site / "full" / "copy.db")))
    assert str(site / "full" / "copy.db") in sentence
    assert "Permission denied" in sentence
