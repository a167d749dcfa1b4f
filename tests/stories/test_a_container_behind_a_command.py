"""`container add --command`: SSH to a container over a session of the hop, and no address anywhere. What the command leads to
is a real `sshd -i`, run by the backend's account as a container's would be run by incus, docker or kubectl."""

import contextlib
import json
import os
import pathlib
import re

import pytest

import bulk
from box import COMMAND, HOME, SSHD, Box
from instances import ALLOWED, Instances
from lab.client import echoes, finish
from lab.deadline import until

pytestmark = pytest.mark.bastion_only

@pytest.fixture
def box(own_lab):
    """Alice's third container, which be1 has no address for."""
    return Box(own_lab)


def explained(lab):
    return json.loads(lab.bastion.tries("explain", "alice+box", "--json").stdout)


def refusal(box):
    """What the user is told."""
    refused = box.ssh("true")
    assert refused.status == 255
    return refused


def logged(lab, refused, text):
    return lab.bastion.log_of(refused.id, text)


def test_everything_ends_in_the_container(box):
    assert box.ssh("echo $BOX").stdout == "box"
    assert box.ssh("exit 7").status == 7
    assert box.ssh("echo no >&2").stderr == "no"
    assert box.ssh("kill -KILL $$").status == 255
    # An end of file in each direction, and what the other still has to say.
    assert box.ssh("wc -c; echo done", input="x" * 100_000).stdout.split() == ["100000", "done"]
    assert box.ssh("exec 1>&-; cat >/tmp/kept", input="kept").status == 0
    assert box.ssh("cat /tmp/kept").stdout == "kept"
    # No network is used: the container's own sshd knows of none.
    assert box.ssh("echo $SSH_CONNECTION").stdout.startswith("UNKNOWN")


def test_a_terminal(box):
    # An sshd that is root's: another one has no terminals to give.
    box.leads("exec 3<>/dev/tcp/10.0.3.100/22; cat <&3 & cat >&3", shell="/bin/bash")
    box.lab.bastion.admin("container", "set", "alice/box", "--login", "alice")
    with box.lab.terminal("alice+box") as terminal:
        terminal.type("tty; echo $TERM $BOX\n")
        terminal.expect(r"/dev/pts/\d+\s+xterm-256color be1/alice")
        terminal.type("exit 3\n")
        assert terminal.end()[0] == 3


def test_much_passes_unchanged_in_both_directions(box):
    for there_and_back in (bulk.up, bulk.down, bulk.both_ways):
        sent, received = there_and_back(box.lab, "alice+box", mib=min(bulk.MIB, 64))
        assert sent == received


def test_rekeying_loses_nothing(box):
    sent, received = bulk.both_ways(box.lab, "alice+box", "-o", "RekeyLimit=1M", mib=16)
    assert sent == received


def test_files_travel(box, tmp_path):
    client = box.lab.client
    file = tmp_path / "file"
    file.write_bytes(os.urandom(5_000_000))
    for protocol in ([], ["-O"]):
        scp = ["scp", "-q", *protocol, *client.options("alice")]
        client.run(*scp, file, "alice+box@bastion:/tmp/there").succeeded()
        client.run(*scp, "alice+box@bastion:/tmp/there", tmp_path / "back").succeeded()
        assert (tmp_path / "back").read_bytes() == file.read_bytes()
    rsync = ["rsync", "-a", "-e", client.ssh_command("alice")]
    client.run(*rsync, f"{tmp_path}/", "alice+box@bastion:/tmp/tree/").succeeded()
    client.run(*rsync, "alice+box@bastion:/tmp/tree/", f"{tmp_path}/again/").succeeded()
    assert (tmp_path / "again" / "file").read_bytes() == file.read_bytes()


def test_a_forward_starts_in_the_container(box):
    """Where the container's sshd stands, which is the backend's network here: the bastion's knows nothing of that one."""
    client = box.lab.client
    with box.lab.logged_in("alice+box", "-L", "7022:10.0.3.100:22"):
        scanned = client.run("ssh-keyscan", "-p", "7022", "-t", "ed25519", "127.0.0.1").succeeded().stdout
    assert box.lab.container("alice").host_key.split()[1] in scanned


def test_as_a_jump_it_is_reached_with_the_users_own_key(box):
    box.accepts(box.lab.key("alice").public)
    line = f"ssh {' '.join(box.lab.client.options('alice'))} -W %h:%p alice@bastion"
    options = ["-o", f"ProxyCommand={line}", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
    there = ["ssh", *options, *box.lab.client.options("alice"), "hop@box", "echo $BOX"]
    assert box.lab.client.run(*there).succeeded().stdout == "box"
    refused = box.lab.client.run(*box.lab.client.ssh_line("alice", "bastion", None, "-W", "box:80"))
    assert "only port 22 of box leads into it" in refused.stderr


def test_a_command_that_is_not_there(box):
    box.is_reached_by("no-such-program box")
    refused = refusal(box)
    assert "the command that leads to container box has failed; is it running?" in refused.stderr
    detail = "`no-such-program box` on backend be1 ended with status 127; it said: "
    assert logged(box.lab, refused, detail)
    found = explained(box.lab)
    assert not found["succeeds"] and detail in found["why"]
    assert [step["outcome"] for step in found["steps"]][-1] == "failed"


def test_what_it_says_before_it_fails_moves_no_cursor(box):
    box.leads("printf 'starting\\n\\033[2J\\302\\233 it is not running\\n' >&2; exit 1")
    refused = refusal(box)
    assert "is it running?" in refused.stderr and "not running" not in refused.stderr
    why = explained(box.lab)["why"]
    assert "ended with status 1; it said: starting ?[2J?" in why and "it is not running" in why
    assert "\033" not in box.lab.bastion.log and "\x9b" not in box.lab.bastion.log


def test_one_that_says_it_on_standard_output(box):
    box.leads("echo Error: Instance is not running; exit 1")
    assert "it said: Error: Instance is not running" in explained(box.lab)["why"]


def test_one_that_is_killed(box):
    box.leads("kill -TERM $$")
    refusal(box)
    assert "was killed by SIGTERM" in explained(box.lab)["why"]


@pytest.mark.lab_with(settings={"connect_timeout": 2})
def test_one_that_hangs(box):
    box.leads("echo waiting for it >&2; exec sleep 1000")
    refused = refusal(box)
    assert "the command that leads to container box has failed" in refused.stderr
    assert logged(box.lab, refused, "has not begun to speak SSH within 2 s; it said: waiting for it")


def test_a_greeting_before_the_version_line_is_no_matter(box):
    box.leads(f"echo; echo Welcome to be1, SSH-2.0 is spoken here; seq 1 500; {SSHD}")
    assert box.ssh("echo $BOX").stdout == "box"


def test_the_command_dies_under_a_session(box):
    box.leads(f"echo $$ >{HOME}.pid; {SSHD}")
    session = box.lab.session("alice+box")
    echoes(session)
    pid = int((box.backend.home / "box.pid").read_text())
    kill(box.lab, pid)
    ended = finish(session)
    assert ended.status == 255
    assert "the connection to container box was lost" in ended.stderr
    assert logged(box.lab, ended, "was killed by SIGKILL")
    # The hop has nothing to do with it.
    assert box.ssh("echo $BOX").stdout == "box"


def kill(lab, pid):
    """A command with all that it has started. The numbers of processes are the machine's own."""
    killed = 0
    for number in lab.backend("be1").namespace.pids():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended by itself
            of_session = re.search(r"^NSsid:.*\t(\d+)$", pathlib.Path(f"/proc/{number}/status").read_text(), re.MULTILINE)
            if of_session.group(1) == str(pid):
                os.kill(number, 9)
                killed += 1
    assert killed


def test_ten_sessions_share_one_hop_and_more_get_another(box):
    be1 = box.backend
    be1.speaks("MaxSessions 10")
    sessions = [box.lab.session("alice+box") for _ in range(24)]
    for each in sessions:
        echoes(each)
    # Each of the workers has its own.
    assert 3 <= box.lab.hop_connections("be1") <= 4
    assert [finish(each).status for each in sessions] == [3] * 24


def test_many_at_once(box):
    box.backend.speaks("MaxSessions 4")
    started = [box.lab.client.start(*box.lab.client.ssh_line("alice+box", "bastion", "echo $BOX")) for _ in range(20)]
    assert [finish(each, 60).stdout for each in started] == ["box"] * 20


def test_a_backend_that_opens_no_session(box):
    box.backend.speaks("MaxSessions 0")
    refused = refusal(box)
    assert "backend be1 does not let the bastion run the command that leads on from there" in refused.stderr
    assert "MaxSessions 0" in explained(box.lab)["why"]
    box.lab.ssh("alice", "true").succeeded()  # what has an address is reached as before


@pytest.mark.lab_with(backends=("be2", "be3"))
def test_behind_a_chain_of_hops(own_lab):
    assert Box(own_lab, "be3").ssh("echo $BOX").stdout == "box"


def test_what_identity_show_prints_is_enough(box):
    be1 = box.backend
    lines = box.lab.bastion.admin("identity", "show", "be1").splitlines()
    assert f'command="{COMMAND}"' in lines[0]
    be1.authorize(*lines)
    box.lab.restart_middle()
    assert box.ssh("echo $BOX").stdout == "box"
    box.lab.ssh("alice", "true").succeeded()
    # And nothing else is run, whatever is asked for.
    box.is_reached_by("touch box.touched")
    box.ssh("true")
    assert not (be1.home / "box.touched").exists()


def test_the_account_may_be_bound_to_a_list_of_commands(box):
    be1 = box.backend
    program = pathlib.Path(__file__).parents[2] / "packaging" / "backend" / "bastion-reach"
    be1.install("bastion-reach", program.read_text())
    be1.put("allowed", f"incus list --format json\n{COMMAND}\n".encode())
    bound = 'restrict,command="/usr/local/bin/bastion-reach /home/hop/allowed"'
    be1.authorize(*(f"{bound} {key}" for key in box.lab.bastion.identity()))
    box.lab.restart_middle()
    assert box.ssh("echo $BOX").stdout == "box"
    touch = f"touch {HOME}.touched"
    for other in (touch, f"{COMMAND}; {touch}", f"{COMMAND}  x", COMMAND.upper(), "incus list", f"sh -c '{touch}'"):
        box.is_reached_by(other)
        assert "this is not in /home/hop/allowed" in explained(box.lab)["why"]
    assert not (be1.home / "box.touched").exists()


def test_one_account_may_be_bound_to_instances_and_reach_them(box):
    """The forced command with which instances are made, followed and started is the way into them as well."""
    instances = Instances(box.lab)
    box.lab.restart_middle()
    box.backend.put("box.sh", SSHD.encode())
    box.is_reached_by("incus exec box -- /usr/sbin/sshd -i")
    refusal(box)
    assert "the reach box is not allowed by /usr/local/bin/allowed" in explained(box.lab)["why"]
    instances.allows(f"{ALLOWED}reach box\n")
    assert box.ssh("echo $BOX").stdout == "box"
    for other in ("incus exec box -- /bin/sh", "incus exec web -- /usr/sbin/sshd -i", "incus exec box -- sh -c id -- /usr/sbin/sshd -i"):
        box.is_reached_by(other)
        refusal(box)
        assert "allowed" in explained(box.lab)["why"]


def test_what_the_account_may_run_counts_from_the_next_login(box):
    """sshd has looked it up for the connection that is there, which others go on to use."""
    be1 = box.backend
    be1.install("nothing", "#!/bin/sh\nexit 126\n")
    be1.authorize(*(f'restrict,port-forwarding,command="/usr/local/bin/nothing" {key}' for key in box.lab.bastion.identity()))
    box.lab.restart_middle()
    session = box.lab.session("alice")
    echoes(session)
    refusal(box)
    be1.authorize(*box.lab.bastion.identity())
    until(lambda: box.ssh("echo $BOX").stdout == "box", "the account runs it")
    steps = [step["step"] for step in explained(box.lab)["steps"]]
    assert steps[-2:] == ["container", "login"]
    assert finish(session).status == 3


def test_its_host_key_is_learned_once_and_another_one_refused(box):
    box.ssh("true").succeeded()
    shown = json.loads(box.lab.bastion.admin("container", "show", "alice/box", "--json"))
    assert shown["address"] is None and shown["command"] == COMMAND and "learned" in shown["host_key"]
    box.has_host_key("another")
    assert "the host key of container box has changed" in refusal(box).stderr


def test_a_certificate_of_the_bastion_opens_it_too(box):
    ca = box.lab.bastion.admin("identity", "show", "--ca").splitlines()[0]
    box.accepts(f'cert-authority,principals="hop" {ca}')
    box.lab.bastion.admin("container", "set", "alice/box", "--identity", "certificate")
    assert box.ssh("echo $BOX").stdout == "box"


def test_sessions_that_lead_to_the_old_place_are_ended_with_kick(box):
    session = box.lab.session("alice+box")
    moved = box.lab.bastion.admin("container", "move", "alice/box", "--backend", "be1", "--address", "10.0.3.100", "--kick")
    assert "1 session ended" in moved
    assert "container alice/box was moved" in finish(session).stderr
