"""ControlMaster: twenty sessions at once over one login, each with its own streams and its own end."""

import contextlib

from lab.client import finish

SESSIONS = 20


@contextlib.contextmanager
def master(lab, user):
    """Yields the options that make ssh use the open connection."""
    socket = lab.client.folder / "master"
    with lab.logged_in(user, "-M", "-S", str(socket)):
        yield ["-S", str(socket), "-o", "ProxyCommand=false"]


def test_twenty_sessions_at_once(lab):
    with master(lab, "alice") as shared:
        line = lambda number: lab.client.ssh_line("alice", "bastion", f"cat; echo $BOX {number} >&2; exit {number}", *shared)
        sessions = [lab.client.start(*line(number)) for number in range(SESSIONS)]
        for number, session in enumerate(sessions):
            session.stdin.write(f"line {number}\n".encode() * 10_000)
        outcomes = [finish(session) for session in sessions]
    for number, outcome in enumerate(outcomes):
        assert outcome.stdout == "\n".join([f"line {number}"] * 10_000)
        assert (outcome.stderr, outcome.status) == (f"be1/alice {number}", number)


def test_a_session_that_ends_leaves_the_others(lab):
    with master(lab, "alice") as shared:
        staying = lab.client.start(*lab.client.ssh_line("alice", "bastion", "echo up; cat; exit 3", *shared))
        assert staying.stdout.readline() == b"up\n"
        assert lab.ssh("alice", "kill -KILL $$", *shared).status == 255
        assert lab.ssh("alice", "exit 9", *shared).status == 9
        assert finish(staying).status == 3


def test_sessions_come_and_go(lab):
    with master(lab, "alice") as shared:
        answers = [lab.ssh("alice", f"echo {number}", *shared).stdout for number in range(30)]
    assert answers == [str(number) for number in range(30)]
