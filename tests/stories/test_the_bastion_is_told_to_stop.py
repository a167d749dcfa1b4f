"""SIGTERM: no new logins, the present ones are given a while, the last ones are told; the exit status is 0."""

import pytest

from lab.client import finish
from lab.deadline import until

pytestmark = pytest.mark.bastion_only


@pytest.mark.threaded
def test_with_nobody_there_it_just_ends(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    own_lab.bastion.terminate()
    assert own_lab.bastion.ended() == 0


@pytest.mark.lab_with(settings={"drain_timeout": 60})
def test_a_session_that_ends_meanwhile_ends_as_ever(own_lab):
    alice = own_lab.session()
    own_lab.bastion.terminate()
    alice.stdin.write(b"last words\n")
    alice.stdin.flush()
    assert alice.stdout.readline() == b"last words\n"
    assert finish(alice).status == 3
    assert own_lab.bastion.ended() == 0


@pytest.mark.threaded
@pytest.mark.lab_with(settings={"drain_timeout": 1})
def test_a_session_that_stays_is_told_and_ended(own_lab):
    clients = [own_lab.session(user) for user in ("alice", "bob")]
    own_lab.bastion.terminate()
    assert own_lab.bastion.ended() == 0
    for client in clients:
        outcome = finish(client)
        assert outcome.status != 0
        assert "the bastion is shutting down" in outcome.stderr
        own_lab.bastion.log_of(outcome.id, has="shutdown")


@pytest.mark.lab_with(settings={"drain_timeout": 60})
def test_meanwhile_nobody_new_is_let_in(own_lab):
    alice = own_lab.session()
    own_lab.bastion.terminate()
    assert own_lab.ssh("bob", "true").status == 255
    finish(alice)
    assert own_lab.bastion.ended() == 0


@pytest.mark.lab_with(settings={"drain_timeout": 60})
def test_who_was_on_the_way_in_before_comes_in(own_lab, tmp_path):
    """A balancer has chosen this bastion for them, and does not choose again."""
    host, port = own_lab.bastion.address.rsplit(":", 1)
    waits = f"exec 3<>/dev/tcp/{host}/{port}; touch {tmp_path}/there; until [ -e {tmp_path}/go ]; do sleep 0.02; done; cat <&3 & cat >&3"
    client = own_lab.client.start(*own_lab.client.ssh_line("alice", "bastion", "echo $BOX", "-o", f"ProxyCommand=bash -c '{waits}'"))
    until((tmp_path / "there").exists, "there is a connection")
    own_lab.bastion.terminate()
    until(lambda: own_lab.client.refuses(host, int(port)), "nobody new is let in")
    (tmp_path / "go").touch()
    outcome = finish(client)
    assert (outcome.status, outcome.stdout) == (0, "be1/alice"), outcome.stderr
    assert own_lab.bastion.ended() == 0


@pytest.mark.lab_with(settings={"drain_timeout": 1})
def test_who_says_nothing_is_not_waited_for(own_lab):
    host, port = own_lab.bastion.address.rsplit(":", 1)
    with own_lab.client.connect(host, int(port)):
        own_lab.bastion.terminate()
        assert own_lab.bastion.ended() == 0


def test_it_comes_back_as_it_was(own_lab):
    """The same host key, the same users: no client has anything to remark."""
    own_lab.bastion.terminate()
    assert own_lab.bastion.ended() == 0
    own_lab.bastion.start()
    outcome = own_lab.ssh("alice", "echo $BOX")
    assert (outcome.stdout, outcome.stderr) == ("be1/alice", "")
