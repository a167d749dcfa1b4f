"""Exit status, exit signal, the three streams and their ends: told side by side with a direct login."""

import hashlib
import os
import subprocess

import pytest

ENDINGS = {
    "success": "true",
    "failure": "exit 42",
    "the largest status": "exit 255",
    "not found": "no-such-command",
    "killed by TERM": "kill -TERM $$",
    "killed by KILL": "kill -KILL $$",
    "aborted": "kill -ABRT $$",
    "a command with every quote": """printf '%s\\n' "a 'b'" \\$HOME 'c "d"'""",
    "output, then failure": "echo out; echo err >&2; exit 3",
    "no final newline": "printf out; printf err >&2",
    "streams in turns": "for i in 1 2 3; do echo $i; echo $i >&2; done",
    "a child outlives it": "(exec >&- 2>&- <&-; cat /dev/zero >/dev/null & kill $!); exit 9",
}


@pytest.mark.parametrize("command", ENDINGS.values(), ids=ENDINGS)
def test_the_outcome_is_the_same(lab, command):
    assert lab.ssh("alice", command) == lab.direct("alice", command)


def test_the_last_output_of_a_command_is_not_lost(lab):
    """A megabyte written in the last moment, then the exit: the close must not overtake it."""
    command = "head -c 1048576 /dev/zero | tr '\\0' x; exit 6"
    through, direct = lab.ssh("alice", command), lab.direct("alice", command)
    assert (through.status, len(through.raw)) == (direct.status, len(direct.raw)) == (6, 1048576)


def test_the_end_of_input_arrives(lab):
    """Half-close: the user's direction ends, the answer still comes."""
    assert lab.ssh("alice", "cat | wc -c", input=b"x" * 3000000).stdout == "3000000"


def test_the_end_of_output_arrives_while_input_goes_on(lab):
    with subprocess.Popen(
        lab.client.namespace.command(*lab.client.ssh_line("alice", "bastion", "echo done; exec >&- 2>&-; cat; exit 4")),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as client:
        assert client.stdout.read() == b"done\n"
        client.stdin.close()
        assert client.wait(20) == 4


def test_bytes_are_bytes(lab):
    data = bytes(range(256)) * 1000 + os.urandom(100000)
    outcome = lab.ssh("alice", "cat", input=data)
    assert outcome.raw == data


def test_standard_output_and_error_stay_apart(lab):
    outcome = lab.ssh("alice", "head -c 500000 /dev/zero | tee >(sha256sum >&2) | sha256sum")
    assert outcome.stdout == outcome.stderr == f"{hashlib.sha256(bytes(500000)).hexdigest()}  -"


def test_a_reader_that_leaves_ends_the_writer(lab):
    """`ssh alice@bastion yes | head -1`"""
    line = " ".join(lab.client.ssh_line("alice", "bastion", "yes"))
    assert lab.client.run("bash", "-c", f"{line} | head -1").stdout == "y"


def test_a_slow_reader_gets_everything(lab):
    command = "head -c 8000000 /dev/zero | tr '\\0' x"
    client = lab.client.start(*lab.client.ssh_line("alice", "bastion", command))
    received = 0
    while part := client.stdout.read(64):
        received += len(part)
        if received > 64000:
            received += len(client.stdout.read())
    assert (received, client.wait(20)) == (8000000, 0)
