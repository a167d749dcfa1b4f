"""Everything the bastion knows goes out as one document and comes in again; a document is applied as a whole or not at all."""

import json
import os

import pytest

pytestmark = pytest.mark.bastion_only


def box(lab, user):
    return lab.ssh(user, "echo $BOX").stdout


def apply(lab, document, *options):
    return json.loads(lab.bastion.admin("apply", "-", "--json", *options, input=json.dumps(document)))


def test_what_was_exported_changes_nothing_and_an_edited_one_what_was_edited(own_lab):
    document = json.loads(own_lab.bastion.admin("export", "--json"))
    assert apply(own_lab, document, "--prune")["changes"] == []
    bob = next(each for each in document["containers"] if each["owner"] == "bob")
    db = next(each for each in document["containers"] if each["name"] == "db")
    bob["address"], db["address"] = db["address"], bob["address"]
    bob["login"], db["login"] = db["login"], bob["login"]
    rehearsed = apply(own_lab, document, "--dry-run")
    assert box(own_lab, "bob") == "be2/bob"
    done = apply(own_lab, document)
    assert done["changes"] == rehearsed["changes"]
    assert done["changed"] == 2
    assert box(own_lab, "bob") == "be2/alice-db"
    assert box(own_lab, "alice+db") == "be2/bob"
    assert apply(own_lab, document)["changes"] == []


def test_as_yaml_it_says_the_same(own_lab):
    document = own_lab.bastion.admin("export")
    assert document.startswith("version: 1\nusers:\n")
    unchanged = own_lab.bastion.admin("apply", "-", "--prune", "--json", input=document)
    assert json.loads(unchanged)["changes"] == []
    edited = document.replace("address: \"10.0.3.100:22\"", "address: 10.0.3.99", 1)
    (change,) = json.loads(own_lab.bastion.admin("apply", "-", "--json", input=edited))["changes"]
    assert change["detail"] == "address 10.0.3.100:22 -> 10.0.3.99:22"
    refused = own_lab.bastion.tries("apply", "-", input=document + "users: *all\n")
    assert refused.status == 1 and "line " in refused.stderr


def test_a_document_with_a_mistake_changes_nothing(own_lab):
    document = json.loads(own_lab.bastion.admin("export", "--json"))
    document["users"].append({"name": "nina"})
    document["containers"][0]["backend"] = "nowhere"
    refused = own_lab.bastion.tries("apply", "-", input=json.dumps(document))
    assert refused.status == 1
    assert "there is no backend nowhere" in refused.stderr
    assert own_lab.bastion.tries("user", "show", "nina").status == 1


def test_keys_are_taken_over_from_a_folder(own_lab, tmp_path):
    nina = own_lab.key("nina")
    folder = tmp_path / "nina" / ".ssh"
    folder.mkdir(parents=True)
    (folder / "authorized_keys").write_text(f"# hers\nno-agent-forwarding {nina.public}\ncert-authority {nina.public}\n")
    answer = json.loads(own_lab.bastion.admin("import", "authorized-keys", tmp_path, "--json"))
    assert answer["added"] == 1
    assert [each["name"] for each in answer["skipped"]] == ["nina/.ssh/authorized_keys line 3"]
    assert "you have no container yet" in own_lab.ssh("nina", "true").stderr


def test_of_home_folders_only_files_of_keys_are_opened(own_lab, tmp_path):
    nina = own_lab.key("nina").public
    homes = tmp_path / "home"
    (homes / "nina" / ".ssh").mkdir(parents=True)
    (homes / "nina" / ".ssh" / "authorized_keys").write_text(nina + "\n")
    (homes / "nina" / "photo.pub").write_text(nina + "\n")
    (homes / "otto").mkdir()
    (homes / "otto" / ".ssh").symlink_to(homes / "nina" / ".ssh")
    (homes / "petra.pub").write_text(nina + "\n")
    (homes / "photo.jpg").write_bytes(b"\xff\xd8\n" * 100)
    with open(homes / "huge", "wb") as huge:
        huge.truncate(1 << 40)
    os.mkfifo(homes / "pipe")
    (homes / "link").symlink_to("/etc/passwd")
    (tmp_path / "passwd").write_text("nina:x:1000:1000::/home/nina:/bin/sh\nroot:x:0:0::/root:/bin/sh\n")

    def taken(*more):
        answer = json.loads(own_lab.bastion.admin("import", "authorized-keys", homes, "--dry-run", "--json", *more))
        return [row["name"] for row in answer["changes"]], {row["name"]: row["why"] for row in answer["skipped"]}

    users, skipped = taken()
    assert users == ["nina", "petra"]
    assert skipped == {
        "huge": "it is longer than 1048576 bytes",
        "link": "links are not followed",
        "otto/.ssh": "it is no folder, and links are not followed",
        "otto": "there is no authorized_keys in it, nor in its .ssh",
        "photo.jpg": "there is no key in it",
        "pipe": "it is no regular file",
    }
    users, skipped = taken("--passwd", tmp_path / "passwd")
    assert users == ["nina"]
    assert skipped["petra.pub"] == '"petra" is no account of a person, which has a UID from 1000'


def test_an_ssh_config_is_read_with_what_it_includes(own_lab, tmp_path):
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "gates").write_text("Host gw\n  HostName 10.9.9.9\n  User hop\n")
    (tmp_path / "config").write_text("Include conf.d/*\nHost box\n  HostName 10.0.9.9\n  User nina\n  ProxyJump gw\n")
    answer = json.loads(own_lab.bastion.admin("import", "ssh-config", tmp_path / "config", "--dry-run", "--json"))
    assert [(row["name"], row["detail"]) for row in answer["changes"]] == [
        ("nina", "keys 0"),
        ("gw", "hop@10.9.9.9:22"),
        ("nina/box", "nina@10.0.9.9:22 on backend gw"),
    ]
    assert answer["skipped"] == []


def test_sshpipers_pipes_are_taken_over(own_lab, tmp_path):
    nina = own_lab.key("nina")
    own_lab.bastion.admin("container", "remove", "bob/web")
    (tmp_path / "nina.keys").write_text(nina.public + "\n")
    (tmp_path / "sshpiperd.yaml").write_text(
        """version: "1.0"
pipes:
- from:
    - username: nina
      authorized_keys: $DOWNSTREAM_USER.keys
  to:
    host: 10.0.3.100:22
    username: bob
    ignore_hostkey: true
    private_key: /etc/sshpiper/id
- from:
    - username: ".*"
      username_regex_match: true
  to:
    host: 10.0.3.101
"""
    )
    words = ["import", "sshpiper", tmp_path / "sshpiperd.yaml", "--backend", "be2", "--json"]
    rehearsed = json.loads(own_lab.bastion.admin(*words, "--dry-run"))
    assert own_lab.bastion.tries("user", "show", "nina").status == 1
    done = json.loads(own_lab.bastion.admin(*words))
    assert done["changes"] == rehearsed["changes"]
    assert [(each["what"], each["name"]) for each in done["changes"]] == [("user", "nina"), ("container", "nina/nina")]
    assert [each["name"] for each in done["skipped"]] == ["pipes[0]", "pipes[1], from[0] (.*)"]
    assert box(own_lab, "nina") == "be2/bob"
    assert json.loads(own_lab.bastion.admin(*words))["changes"] == []
    own_lab.bastion.admin("key", "add", "nina", own_lab.key("ninas-laptop").public)
    own_lab.bastion.admin("container", "set", "nina/nina", "--login", "root")
    refused = own_lab.bastion.tries(*words)
    assert refused.status == 1 and "container nina/nina (login root -> bob)" in refused.stderr
