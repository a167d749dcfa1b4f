"""One connection to a backend carries everybody's logins: the second pays no handshake there."""

import pytest

from lab import until
from lab.client import echoes, finish

pytestmark = pytest.mark.bastion_only


def logins_at(lab, backend):
    return lab.backend(backend).log.count("Accepted publickey")


@pytest.mark.lab_with(settings={"workers": 1})
def test_a_second_login_opens_no_second_connection(own_lab):
    for _ in range(5):
        own_lab.ssh("alice", "true").succeeded()
    assert own_lab.hop_connections("be1") == 1
    assert logins_at(own_lab, "be1") == 1


@pytest.mark.lab_with(settings={"workers": 1})
def test_users_of_one_backend_share_it(own_lab):
    with own_lab.logged_in("bob"), own_lab.logged_in("alice+db"):
        assert own_lab.hop_connections("be2") == 1
    assert logins_at(own_lab, "be2") == 1


@pytest.mark.lab_with(settings={"workers": 1}, backends=("be2",))
def test_terminals_share_one_of_their_own(own_lab):
    """Their small packets wait for nobody's large ones."""
    with own_lab.logged_in("bob"), own_lab.terminal("bob") as one, own_lab.terminal("alice+db") as other:
        for terminal in (one, other):
            terminal.type("echo $((6 * 7))\n")
            terminal.expect("42")
        assert own_lab.hop_connections("be2") == 2
        own_lab.ssh("bob", "true").succeeded()
        assert own_lab.hop_connections("be2") == 2


@pytest.mark.threaded
@pytest.mark.lab_with(settings={"workers": 3})
def test_each_worker_has_at_most_one(own_lab):
    clients = [own_lab.client.start(*own_lab.client.ssh_line("alice", "bastion", "cat")) for _ in range(12)]
    outcomes = [finish(client, seconds=60) for client in clients]
    assert [outcome.status for outcome in outcomes] == [0] * 12
    assert 1 <= own_lab.hop_connections("be1") <= 3
    assert logins_at(own_lab, "be1") <= 3


@pytest.mark.lab_with(settings={"workers": 1}, backends=("be1", "be2", "be3"))
def test_a_chain_shares_its_first_hop(own_lab):
    """be3 is behind be2: carol's way and bob's begin with the same connection."""
    with own_lab.logged_in("bob"), own_lab.logged_in("carol"):
        assert own_lab.hop_connections("be2") == 1
        assert logins_at(own_lab, "be2") == 1


@pytest.mark.lab_with(settings={"workers": 1, "hop_idle_timeout": 1})
def test_a_hop_nobody_needs_is_given_up(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    until(lambda: own_lab.hop_connections("be1") == 0, "the idle hop is closed")
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


@pytest.mark.lab_with(settings={"workers": 1, "hop_idle_timeout": 0})
def test_a_hop_somebody_uses_is_kept_however_short_the_idle_time(own_lab):
    with own_lab.logged_in("alice") as alice:
        own_lab.ssh("bob", "true").succeeded()
        until(lambda: own_lab.hop_connections("be2") == 0, "bob's hop is closed")
        alice.stdin.write(b"still here\n")
        alice.stdin.flush()
        assert alice.stdout.readline() == b"still here\n"


@pytest.mark.lab_with(settings={"workers": 1})
def test_a_hop_that_died_unnoticed_is_replaced(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    own_lab.backend("be1").restart()
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


@pytest.mark.lab_with(settings={"workers": 1})
def test_what_the_account_may_forward_counts_from_the_next_login(own_lab):
    """sshd has looked it up for the connection that is there, which goes on to carry whom it carries."""
    be2 = own_lab.backend("be2")
    be2.authorize(*(f'restrict,port-forwarding,permitopen="10.0.3.100:22" {key}' for key in own_lab.bastion.identity()))
    own_lab.restart_middle()
    session = own_lab.session("bob")
    echoes(session)
    assert "does not let the bastion connect" in own_lab.ssh("alice+db", "true").stderr
    be2.authorize(*own_lab.bastion.identity())
    until(lambda: own_lab.ssh("alice+db", "true").status == 0, "the account may forward there")
    assert own_lab.hop_connections("be2") == 2
    echoes(session)
    assert finish(session).status == 3
