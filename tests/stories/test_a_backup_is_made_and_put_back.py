"""The database is copied and put back while the bastion serves; whoever the backup does not know has to go."""

import json

import pytest

from lab import until
from lab.client import finish

pytestmark = pytest.mark.bastion_only


def session(lab, user):
    client = lab.client.start(*lab.client.ssh_line(user, "bastion", "echo up; cat"))
    assert client.stdout.readline() == b"up\n"
    return client


def still_alive(client):
    client.stdin.write(b"still here\n")
    client.stdin.flush()
    return client.stdout.readline() == b"still here\n"


def test_a_backup_is_put_back_under_running_sessions(own_lab, tmp_path):
    lab, copy = own_lab, tmp_path / "copy.db"
    saved = lab.bastion.admin("export")
    alice = session(lab, "alice")
    said = lab.bastion.admin("backup", copy)
    assert "the bastion's own keys: copy " in said
    assert copy.stat().st_mode & 0o777 == 0o600
    assert lab.bastion.tries("backup", copy).status == 1

    lab.bastion.admin("container", "remove", "bob/web")
    lab.bastion.admin("user", "remove", "bob")
    lab.bastion.admin("user", "add", "nina", "--key", lab.key("nina").public)
    lab.bastion.admin("container", "share", "alice/web", "nina")
    nina = session(lab, "nina")

    refused = lab.bastion.tries("restore", copy)
    assert refused.status == 1 and "--yes" in refused.stderr
    assert still_alive(nina)
    lab.bastion.admin("restore", copy, "--yes")
    until(lambda: nina.poll() is not None, "the session of whom the backup does not know ends")
    assert "your account was removed" in finish(nina).stderr
    assert still_alive(alice)
    assert finish(alice).status == 0
    assert lab.ssh("bob", "echo $BOX").stdout == "be2/bob"
    assert lab.bastion.admin("export") == saved

    actions = [row["action"] for row in json.loads(lab.bastion.admin("audit", "list", "--json"))]
    assert {"restore", "backup", "user remove"} <= set(actions)
    (kept,) = lab.bastion.state.glob("replaced-*.db")
    lab.bastion.admin("restore", kept, "--yes")
    assert lab.ssh("nina+alice+web", "echo $BOX").stdout == "be1/alice"


def test_a_file_that_is_no_backup_changes_nothing(own_lab, tmp_path):
    saved = own_lab.bastion.admin("export")
    letter = tmp_path / "letter"
    letter.write_text("a letter to a friend\n" * 500)
    assert "file is not a database" in own_lab.bastion.tries("restore", letter, "--yes").stderr
    assert own_lab.bastion.admin("export") == saved


def test_nobody_names_files_of_the_bastion_from_elsewhere(own_lab):
    for words in [("backup", "/tmp/copy.db"), ("restore", "/tmp/copy.db", "--yes")]:
        refused = own_lab.client.run(*own_lab.client.ssh_line("root", "bastion", "admin", "-s"), *words)
        assert refused.status == 1
        assert "a backup is a file on the machine of the bastion" in refused.stderr
