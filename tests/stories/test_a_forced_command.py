"""command= of a key or a user runs whatever was asked for, in every login shell, and is told byte for byte what that
was: as the container's own sshd does it when the option stands there."""

import random

import pytest

pytestmark = pytest.mark.bastion_only

# Asked for by somebody who wants out.
HOSTILE = [
    r"a\' sh -c id #",
    "a';id;'",
    "a\nid",
    "!! !id ^a^id",
    "*; ~; [a-z]*; {a,b}; <(id); =ls; %1; \\101\\; `id`; $(id); (id); \" id \" two  spaces \n\n",
    "\x1b]0;title\x07\r\x7f",
]
# What fish makes of it in the variable where the locale is C, it makes of it for sshd too.
BEYOND_ASCII = "gr\u00fc\u00df \u4e2d\u6587 \U0001f511"
SHELLS = ["bash", "dash", "zsh", "fish", "tcsh"]


def fuzzed(seed):
    """What a client may send, and most of it such as means something to some shell."""
    chance = random.Random(seed)
    return "".join(chance.choice("\\'\"!`$\n (){}[]*?~;&|<>^#%=,.+@:id") for _ in range(4000))


@pytest.fixture(params=SHELLS)
def shell(request, lab):
    lab.container("alice").give_shell(f"/bin/{request.param}")
    yield request.param
    lab.container("alice").give_shell("/bin/bash")
    lab.bastion.admin("user", "set", "alice", "--options", "none")
    lab.container("alice").authorize(*lab.bastion.identity(), lab.key("alice").public)


def force(lab, command):
    """The same by the bastion and, for who comes directly, by the container's sshd."""
    quoted = 'command="{}"'.format(command.replace('"', '\\"'))
    lab.bastion.admin("user", "set", "alice", "--options", quoted)
    lab.container("alice").authorize(*lab.bastion.identity(), f"{quoted} {lab.key('alice').public}")


@pytest.fixture
def told(lab, shell):
    """What is printed before the command that was asked for."""
    force(lab, 'echo "in $SHELL"; printenv SSH_ORIGINAL_COMMAND')
    return f"in /bin/{shell}\n".encode()


def test_nobody_gets_out_of_it_and_it_is_told_every_byte(lab, told):
    for text in HOSTILE:
        assert lab.ssh("alice", text).raw == told + text.encode() + b"\n", text
    everything = "".join(HOSTILE) + fuzzed(told)
    assert lab.ssh("alice", everything).raw == told + everything.encode() + b"\n"
    for text in [everything, BEYOND_ASCII]:
        assert lab.ssh("alice", text).raw == lab.direct("alice", text).raw


def test_a_long_command(lab, told):
    for text in ["x" * 100 * 1024, "tar -C /srv cf - a/b/c-d.txt; " * 2000]:
        assert lab.ssh("alice", text).raw == told + text.encode() + b"\n"
    refused = lab.ssh("alice", "'" * 100 * 1024)
    assert refused.status != 0
    assert "bastion: the command is too long" in refused.stderr


def test_a_shell_and_a_status(lab, shell):
    force(lab, "printenv SSH_ORIGINAL_COMMAND || exit 7")
    without = ["alice", None, "-T"]
    assert lab.ssh(*without, input="").status == lab.direct(*without, input="").status == 7
    assert lab.ssh("alice", "true") == lab.direct("alice", "true")
