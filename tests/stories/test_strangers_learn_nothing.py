"""Before authentication, a name that exists and one that does not get the same answers, byte for byte."""

import re

import pytest

pytestmark = pytest.mark.bastion_only


def conversation(lab, name, key="stranger"):
    """What `ssh -vvv` sees, without what differs between any two connections. Names to compare are equally long."""
    options = ["-F", lab.client.config, "-i", lab.key(key).path]
    outcome = lab.client.run("ssh", "-vvv", *options, f"{name}@bastion", "true")
    assert outcome.status == 255
    text = outcome.stderr.replace(name, "NAME")
    text = re.sub(r"local port \d+|port \d{4,5}\b|pid \d+|\d+\.\d+ seconds?", "X", text)
    return [line for line in text.splitlines() if "bytes per second" not in line and not line.startswith("Transferred")]


def test_a_stranger_cannot_tell_users_from_others(lab):
    assert conversation(lab, "alice") == conversation(lab, "nobdy")


def test_nor_by_asking_for_a_container(lab):
    assert conversation(lab, "alice+db") == conversation(lab, "alice+no")


def test_nor_by_using_another_users_key(lab):
    """Bob's key is a key of somebody, but not of alice nor of anybody unknown."""
    assert conversation(lab, "alice", key="bob") == conversation(lab, "nobdy", key="bob")


def test_odd_names_are_only_unknown_names(lab):
    for name in ["", "+", "alice+", "+web", "a" * 300, "alice'; drop table users; --", "alice\\n"]:
        outcome = lab.client.run("ssh", "-F", lab.client.config, "-i", lab.key("alice").path, "-l", name, "bastion", "true")
        assert outcome.status == 255, name
        assert "bastion:" not in outcome.stderr or "you have no container named" in outcome.stderr


def test_who_offers_too_many_keys_is_told_so(lab):
    """By the same words as from an sshd, whose limit is lower."""
    keys = [option for number in range(21) for option in ("-i", lab.key(f"stranger{number}").path)]

    def last_words(client, user, host):
        outcome = client.run("ssh", "-F", client.config, *keys, f"{user}@{host}", "true")
        assert outcome.status == 255
        said = [line for line in outcome.stderr.splitlines() if line.startswith("Received disconnect ")]
        return re.sub(r"from \S+ port \d+", "from HERE", "\n".join(said))

    here = last_words(lab.client, "erin", "bastion")
    assert here == last_words(lab.neighbour("erin"), "erin", lab.container("erin").name)
    assert here == "Received disconnect from HERE:2: Too many authentication failures"


def test_a_style_is_dropped(lab):
    """Nothing here has styles: the name before it logs in, as with an sshd."""
    for name in ["alice:style", "alice+db:style", "alice:style+db"]:
        target = name.replace(":style", "")
        line = ["-F", lab.client.config, "-i", lab.key("alice").path, "-l"]
        assert lab.client.run("ssh", *line, name, "bastion", "echo $BOX") == lab.ssh(target, "echo $BOX")


def test_no_other_method_is_offered(lab):
    outcome = lab.client.run("ssh", "-v", *lab.client.options("stranger"), "alice@bastion", "true")
    assert re.findall(r"Authentications that can continue: (.*)", outcome.stderr)[-1] == "publickey"
