"""The administrator changes something while the bastion serves: the next login sees it, nobody restarts anything."""

import pytest

from lab.client import finish

pytestmark = pytest.mark.bastion_only


def box(lab, user, *options):
    return lab.ssh(user, "echo $BOX", *options).stdout


def test_a_user_a_key_and_a_container_appear(own_lab):
    lab = own_lab
    nina = lab.key("nina")
    assert lab.ssh("nina", "true").status == 255
    lab.bastion.admin("user", "add", "nina")
    lab.bastion.admin("key", "add", "nina", nina.public)
    assert "you have no container yet" in lab.ssh("nina", "true").stderr
    words = ["--owner", "nina", "--backend", "be2", "--address", "10.0.3.100", "--login", "bob"]
    lab.bastion.admin("container", "remove", "bob/web")
    lab.bastion.admin("container", "add", "web", *words)
    assert box(lab, "nina") == "be2/bob"


def test_a_key_is_added_and_removed(own_lab):
    laptop = own_lab.key("laptop")
    with_laptop = ["-i", str(laptop.path)]
    config = ["-F", own_lab.client.config, *with_laptop]
    login = lambda: own_lab.client.run("ssh", *config, "alice@bastion", "echo $BOX")
    assert login().status == 255
    own_lab.bastion.admin("key", "add", "alice", "-", input=laptop.public)
    assert login().stdout == "be1/alice"
    own_lab.bastion.admin("key", "remove", "alice", laptop.fingerprint)
    assert login().status == 255


def test_a_backend_appears(own_lab):
    own_lab.bastion.admin("container", "remove", "alice/db")
    own_lab.bastion.admin("container", "remove", "bob/web")
    own_lab.bastion.admin("backend", "remove", "be2")
    assert "you have no container yet" in own_lab.ssh("bob", "true").stderr
    own_lab.bastion.admin("backend", "add", "second", "10.1.1.12:22", "--login", "hop")
    own_lab.bastion.admin("container", "add", "web", "--owner", "bob", "--backend", "second", "--address", "10.0.3.100")
    assert box(own_lab, "bob") == "be2/bob"


def test_a_removed_user_does_not_get_in(own_lab):
    own_lab.bastion.admin("container", "remove", "bob/web")
    own_lab.bastion.admin("user", "remove", "bob")
    assert own_lab.ssh("bob", "true").status == 255
    assert box(own_lab, "alice") == "be1/alice"


@pytest.mark.threaded
def test_changes_and_logins_at_the_same_time(own_lab):
    clients = [own_lab.client.start(*own_lab.client.ssh_line("alice", "bastion", "echo $BOX")) for _ in range(8)]
    for number in range(20):
        own_lab.bastion.admin("user", "add", f"guest{number}", "--key", own_lab.key(f"guest{number}").public)
    clients += [own_lab.client.start(*own_lab.client.ssh_line("bob", "bastion", "echo $BOX")) for _ in range(8)]
    for number in range(20):
        own_lab.bastion.admin("user", "remove", f"guest{number}")
    answers = [finish(client, seconds=60).succeeded().stdout for client in clients]
    assert answers == ["be1/alice"] * 8 + ["be2/bob"] * 8


def test_a_refused_change_changes_nothing(own_lab):
    listed = own_lab.bastion.admin("container", "list", "--json")
    place = ["--backend", "be1", "--address", "10.0.3.100", "--login", "alice"]
    taken = own_lab.bastion.tries("container", "add", "x", "--owner", "bob", *place)
    assert taken.status == 1
    assert taken.stderr
    assert own_lab.bastion.tries("container", "add", "x", "--owner", "bob").status == 2
    assert own_lab.bastion.admin("container", "list", "--json") == listed
