"""The path may have no hop, one, two or three; what arrives is the same."""

import hashlib
import os

import pytest

CHAINS = {"erin": 0, "alice": 1, "carol": 2, "dave": 3}
BOXES = {"erin": "here/erin", "alice": "be1/alice", "carol": "be3/carol", "dave": "be4/dave"}


@pytest.mark.parametrize("user", CHAINS)
def test_the_login_arrives(lab, user):
    assert lab.ssh(user, "echo $BOX; exit 5") == lab.direct(user, "echo $BOX; exit 5")
    assert lab.ssh(user, "echo $BOX").stdout == BOXES[user]


@pytest.mark.parametrize("user", CHAINS)
def test_data_survives_the_whole_length(lab, user):
    data = os.urandom(8 * 1024 * 1024)
    there_and_back = lab.ssh(user, "tee >(sha256sum >&2)", input=data)
    assert there_and_back.raw == data
    assert there_and_back.stderr.split()[0] == hashlib.sha256(data).hexdigest()


@pytest.mark.bastion_only
def test_the_route_can_be_read(lab):
    words = lab.bastion.admin("route", "dave").split()
    named = [word for word in words if word in {"be1", "be2", "be3", "be4"}]
    assert list(dict.fromkeys(named)) == ["be2", "be3", "be4"]
