"""What a user or a key may do: options as in authorized_keys(5), enforced by the bastion although the container would
allow everything. Whoever meets one reads a sentence."""

import contextlib

import pytest

from lab.greeter import Greeter, said_by
from lab.ssh_agent import agent

pytestmark = pytest.mark.bastion_only


@contextlib.contextmanager
def user_may(lab, user, options):
    lab.bastion.admin("user", "set", user, "--options", options)
    try:
        yield
    finally:
        lab.bastion.admin("user", "set", user, "--options", "none")


@contextlib.contextmanager
def key_may(lab, user, options):
    fingerprint = lab.key(user).fingerprint
    lab.bastion.admin("key", "set", user, fingerprint, "--options", options)
    try:
        yield
    finally:
        lab.bastion.admin("key", "set", user, fingerprint, "--options", "none")


@pytest.fixture(params=[user_may, key_may], ids=["user", "key"])
def may(request):
    """The same options hold whether they are kept with the user or with her key."""
    return request.param


def stdio(lab, to):
    return lab.client.run("ssh", *lab.client.options("alice"), "-W", to, "alice@bastion", input="")


def test_local_forwarding_is_off(lab, may):
    with may(lab, "alice", "no-local-forwarding"):
        for to in ["localhost:22", "web:22", "db:22"]:
            refused = stdio(lab, to)
            assert "administratively prohibited: bastion: local forwarding is disabled for you (no-local-forwarding) (id " in refused.stderr
        assert lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
    assert "SSH-2.0" in stdio(lab, "localhost:22").stdout


def test_some_destinations_only(lab, may):
    with Greeter("allowed", namespace=lab.container("alice").namespace) as greeter:
        with may(lab, "alice", f'permitopen="localhost:{greeter.port}"'):
            assert stdio(lab, f"localhost:{greeter.port}").stdout == "allowed"
            refused = stdio(lab, "localhost:22")
            assert "bastion: forwards to localhost:22 are disabled for you (permitopen)" in refused.stderr
            assert "disabled for you (permitopen)" in stdio(lab, "web:22").stderr


def test_remote_forwarding_is_off(lab, may):
    with may(lab, "alice", "no-remote-forwarding"):
        outcome = lab.ssh("alice", "ss -Hltn", "-R", "7301:localhost:9")
        assert outcome.status == 0
        assert "7301" not in outcome.stdout
        assert "bastion: remote forwarding is disabled for you (no-remote-forwarding) (id " in outcome.stderr
        assert "remote port forwarding failed for listen port 7301" in outcome.stderr


def test_some_listeners_only(lab, may):
    with may(lab, "alice", 'permitlisten="localhost:7302"'):
        outcome = lab.ssh("alice", "ss -Hltn", "-R", "localhost:7302:localhost:9", "-R", "7303:localhost:9")
        assert "7302" in outcome.stdout and "7303" not in outcome.stdout
        assert "listening on port 7303 is disabled for you (permitlisten)" in outcome.stderr


def test_unix_sockets_are_off(lab, may):
    there = "/home/alice/forbidden.sock"
    with may(lab, "alice", "no-streamlocal-forwarding"):
        outcome = lab.ssh("alice", f"ls {there}", "-R", f"{there}:/nowhere")
        assert outcome.status != 0
        assert "forwarding of unix sockets is disabled for you (no-streamlocal-forwarding)" in outcome.stderr
        with lab.logged_in("alice", "-L", f"7305:{there}"):
            assert said_by(lab.client.connect("127.0.0.1", 7305)) == ""
        lab.waits_for_log("what=direct-streamlocal@openssh.com")


def test_the_agent_stays_at_home(lab, may):
    with agent(lab.client, lab.key("alice")) as environment, may(lab, "alice", "no-agent-forwarding"):
        outcome = lab.ssh("alice", "echo ${SSH_AUTH_SOCK-none}", "-A", environment=environment)
        assert outcome.stdout == "none"
        assert outcome.stderr.startswith("bastion: agent forwarding is disabled for you (no-agent-forwarding) (id ")


def test_the_display_stays_at_home(lab, may):
    from lab.display import Display

    with Display(lab.client) as display, may(lab, "alice", "no-X11-forwarding"):
        outcome = lab.ssh("alice", "echo ${DISPLAY-none}", "-Y", environment={"DISPLAY": display.name})
        assert outcome.stdout == "none"
        assert "X11 forwarding is disabled for you (no-X11-forwarding)" in outcome.stderr


def test_no_terminal(lab, may):
    with may(lab, "alice", "no-pty"):
        # With -tt ssh leaves as soon as it hears of it, and may not print what came before.
        assert "PTY allocation request failed" in lab.ssh("alice", "tty", "-tt").stderr
        with lab.terminal("alice") as terminal:
            terminal.expect(r"terminals are disabled for you \(no-pty\)")
            terminal.type("tty\n")
            terminal.expect("not a tty")


@contextlib.contextmanager
def undecided(lab, user):
    """She has several containers, and none is the default: at a terminal she is asked."""
    lab.bastion.admin("container", "set", f"{user}/web", "--no-default")
    try:
        yield
    finally:
        lab.bastion.admin("container", "set", f"{user}/web", "--default")


def test_no_terminal_for_the_menu(lab, may):
    with undecided(lab, "alice"), may(lab, "alice", "no-pty"):
        with lab.terminal("alice") as terminal:
            terminal.expect(r"you have several containers; name one: ssh alice\+db@\.\.\. \(db, web\)")
            assert terminal.end()[0] != 0
    with undecided(lab, "alice"), lab.terminal("alice") as terminal:
        terminal.expect("web")
        terminal.type("\x03")


def test_no_terminal_for_the_console(lab, may):
    admin = ["-s", "-t", "admin"]
    with may(lab, "root", "no-pty"):
        with lab.client.terminal("root", "bastion", *admin) as terminal:
            terminal.expect("PTY allocation request failed")
        with lab.terminal("root") as terminal:
            terminal.expect(r"terminals are disabled for you \(no-pty\)")
            terminal.type("user show alice\n")  # as on standard input: one command on a line
            terminal.expect(r"name +alice")
            terminal.type("\x04")
            assert terminal.end()[0] == 0
        assert "alice" in lab.client.run(*lab.client.ssh_line("root", "bastion", "admin", "-s"), "user", "list").stdout
    with lab.client.terminal("root", "bastion", *admin) as terminal:
        terminal.expect("root@bastion> ")


def test_a_restricted_key_runs_commands_and_nothing_else(lab):
    with key_may(lab, "alice", "restrict"):
        outcome = lab.ssh("alice", "echo $BOX", "-A", "-R", "7304:localhost:9")
        assert outcome.stdout == "be1/alice"
        assert "remote forwarding is disabled" in outcome.stderr
        assert "local forwarding is disabled" in stdio(lab, "web:22").stderr


def test_a_forced_command_is_what_runs(lab, may):
    command = 'echo "in $BOX instead of ${SSH_ORIGINAL_COMMAND-a shell}"'
    with may(lab, "alice", f'command="{command.replace(chr(34), chr(92) + chr(34))}"'):
        assert lab.ssh("alice", "rm -rf 'a b'").stdout == "in be1/alice instead of rm -rf 'a b'"
        assert lab.ssh("alice", None, "-T", input="").stdout == "in be1/alice instead of a shell"
        assert lab.ssh("alice", "sftp", "-s").stdout == "in be1/alice instead of sftp"
        with lab.terminal("alice") as terminal:
            terminal.expect("in be1/alice instead of a shell")


def test_a_key_for_files_only(lab, tmp_path):
    (tmp_path / "file").write_text("content")
    with key_may(lab, "alice", 'restrict,command="internal-sftp"'):
        batch = f"put {tmp_path}/file files_only\n"
        lab.client.run("sftp", *lab.client.options("alice"), "-b", "-", "alice@bastion", input=batch).succeeded()
        assert (lab.container("alice").home / "files_only").read_text() == "content"
        assert lab.ssh("alice", "echo never", input="").stdout == ""


def test_both_must_allow_it(lab):
    with user_may(lab, "alice", 'permitopen="localhost:22"'), key_may(lab, "alice", 'permitopen="localhost:23"'):
        assert "disabled for you (permitopen)" in stdio(lab, "localhost:22").stderr


def test_a_key_is_good_from_some_addresses(lab):
    with key_may(lab, "alice", 'from="192.0.2.0/24"'):
        stranger = lab.ssh("alice", "true")
        assert (stranger.status, "Permission denied" in stranger.stderr) == (255, True)
    with key_may(lab, "alice", 'from="10.1.0.0/24"'):
        assert lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


def test_every_refusal_is_in_the_log_with_its_id(lab):
    with user_may(lab, "alice", "no-agent-forwarding"), agent(lab.client, lab.key("alice")) as environment:
        outcome = lab.ssh("alice", "true", "-A", environment=environment)
        assert "what=auth-agent-req@openssh.com" in "\n".join(lab.bastion.log_of(outcome.id, has="refused"))
