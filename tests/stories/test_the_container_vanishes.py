"""The container dies under a session: the user is told so, and comes back as soon as the container does."""

import pytest

from lab.client import finish


def killed_under(lab, user):
    """A session of the user's during which her container dies; what her client said."""
    client = lab.client.start(*lab.client.ssh_line(user, "bastion", "echo up; cat"))
    assert client.stdout.readline() == b"up\n"
    lab.container(user).stop()
    return finish(client)


def test_the_session_ends_in_failure(own_lab):
    assert killed_under(own_lab, "alice").status != 0


@pytest.mark.bastion_only
def test_the_user_reads_what_happened(own_lab):
    outcome = killed_under(own_lab, "alice")
    assert "container web" in outcome.stderr
    assert own_lab.bastion.log_of(outcome.id)


def test_others_on_the_same_backend_stay(own_lab):
    with own_lab.logged_in("alice+db" if own_lab.bastion else "bob") as session:
        killed_under(own_lab, "alice")
        session.stdin.write(b"still here\n")
        session.stdin.flush()
        assert session.stdout.readline() == b"still here\n"


def test_when_it_is_back_so_is_she(own_lab):
    killed_under(own_lab, "alice")
    own_lab.container("alice").start()
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


def test_a_session_at_a_terminal_ends_too(own_lab):
    with own_lab.terminal("alice") as terminal:
        terminal.expect(r"\$ ")
        own_lab.container("alice").stop()
        assert terminal.end()[0] != 0


@pytest.mark.bastion_only
@pytest.mark.parametrize("user", ["alice", "erin"])  # behind a hop, and without one
@pytest.mark.lab_with(settings={"keepalive_interval": 1, "keepalive_count_max": 2})
def test_one_that_falls_silent_is_noticed(own_lab, user):
    """Its packets vanish: no FIN, no RST. The hop before it, where there is one, answers for itself."""
    client = own_lab.client.start(*own_lab.client.ssh_line(user, "bastion", "echo up; cat"))
    assert client.stdout.readline() == b"up\n"
    own_lab.container(user).unplug()
    outcome = finish(client)
    assert outcome.status != 0
    assert "the connection to container web was lost" in outcome.stderr
