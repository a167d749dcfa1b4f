"""Everything the bastion knows goes out as one document and comes in again; a document is applied as a whole or not at all."""

import json

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
