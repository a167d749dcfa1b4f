"""One instance serves from a state directory; it starts and it ends while somebody else writes to the database."""

import pytest
from ledger import locked_database

from lab.deadline import PATIENCE

pytestmark = pytest.mark.bastion_only


def test_a_second_one_is_refused_and_takes_nothing_away(own_lab):
    second = own_lab.bastion.serves_too()
    assert second.status == 1
    assert f"another bastion serves from {own_lab.bastion.state}" in second.stderr
    with own_lab.logged_in("alice"):
        assert "alice" in own_lab.bastion.admin("session", "list")
    assert own_lab.bastion.tries("session", "show", "000000000000").stderr == "there is no session 000000000000"


def test_after_a_kill_the_next_one_serves(own_lab):
    own_lab.bastion.kill()
    own_lab.bastion.start()
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


def test_it_starts_while_the_database_is_locked(own_lab):
    own_lab.ssh("alice", "true").succeeded()  # the host keys are known from now on
    own_lab.bastion.kill()
    with locked_database(own_lab):
        own_lab.bastion.start()
        assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


@pytest.mark.threaded
@pytest.mark.lab_with(settings={"drain_timeout": 1})
def test_it_ends_while_the_database_is_locked(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    with locked_database(own_lab):
        with own_lab.logged_in("alice"):
            waiting = own_lab.bastion.starts("user", "add", "dora")
            own_lab.bastion.terminate()
            assert own_lab.bastion.ended(PATIENCE) == 0
        waiting.terminate()
        waiting.communicate()
    own_lab.bastion.waits_for_log("records lost")
    own_lab.bastion.start()
