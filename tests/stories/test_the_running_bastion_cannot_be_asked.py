"""That nobody serves and that whoever serves cannot be asked are two things: the second one refuses what needs them."""

import json

import pytest
from ledger import ledger_of

pytestmark = pytest.mark.bastion_only

MOVE = ["container", "move", "alice/web", "--backend", "be2", "--address", "10.0.3.101", "--kick"]


@pytest.mark.parametrize("words", [MOVE, ["session", "list"], ["session", "kill", "--user", "alice"], ["explain", "alice"]])
def test_without_its_socket_nothing_is_done(own_lab, words):
    own_lab.bastion.admin("container", "remove", "alice/db")
    with own_lab.logged_in("alice") as alice, ledger_of(own_lab) as ledger:
        before = ledger.last()
        (own_lab.bastion.state / "admin.sock").unlink()
        refused = own_lab.bastion.tries(*words)
        assert (refused.status, refused.stdout) == (1, "")
        assert "cannot be asked, and nothing was done" in refused.stderr
        assert ledger.since(before) == []
        assert alice.poll() is None


def test_what_needs_nobody_is_done_all_the_same(own_lab):
    (own_lab.bastion.state / "admin.sock").unlink()
    own_lab.bastion.admin("user", "add", "dora")
    assert "dora" in own_lab.bastion.admin("user", "list")


def test_where_nobody_serves_there_is_nobody_to_ask(own_lab):
    own_lab.bastion.admin("container", "remove", "alice/db")
    own_lab.bastion.terminate()
    assert own_lab.bastion.ended() == 0
    assert "0 sessions ended" in own_lab.bastion.admin(*MOVE)
    assert json.loads(own_lab.bastion.admin("session", "list", "--json")) == []
    own_lab.bastion.start()


def test_after_a_kill_nobody_serves(own_lab):
    own_lab.bastion.kill()
    assert (own_lab.bastion.state / "admin.sock").exists()
    assert own_lab.bastion.tries("session", "list").status == 0
    own_lab.bastion.start()
