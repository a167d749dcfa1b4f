"""`--identity agent`: a container sees the user's own key, from the agent that her client forwards to the bastion, and nothing of the
bastion's. The bastion can log in there only while she is there, and with her consent."""

import base64
import json
import os
import pathlib
import re
import struct

import pytest

from lab.client import finish
from lab.deadline import until
from lab.key import Key
from lab.security_key import Ecdsa, Ed25519, SecurityKey
from lab.ssh_agent import agent, false_agent

pytestmark = [pytest.mark.bastion_only]

_TAKES_YOURS = "bastion: container web takes your own keys: connect with `ssh -A`, and with an agent that has them (id "


@pytest.fixture
def box(own_lab):
    """Alice's container, which takes her keys and no others."""
    own_lab.bastion.admin("container", "set", "alice/web", "--identity", "agent")
    machine = own_lab.container("alice")
    machine.authorize(own_lab.key("alice").public)
    return machine


def accepted_by(machine):
    """The keys of those its sshd has let in, by their fingerprints."""
    return re.findall(r"Accepted publickey for \S+ .* ssh2: \S+ (SHA256:\S+)", machine.log)


def keys(lab, count, kind="ed25519"):
    return [Key(lab.folder / "keys" / f"{kind}{number}", kind) for number in range(count)]


def test_the_container_lets_in_her_key_and_not_the_bastions(own_lab, box):
    with agent(own_lab.client, own_lab.key("alice")) as environment:
        outcome = own_lab.ssh("alice", "echo $BOX; cat; exit 3", "-A", environment=environment, input="said")
    assert (outcome.status, outcome.stdout, outcome.stderr) == (3, "be1/alice\nsaid", "")
    assert accepted_by(box) == [own_lab.key("alice").fingerprint]
    assert f"""logged in with the user's agent to="container alice/web" as=alice key={own_lab.key("alice").fingerprint}""" in own_lab.log


def test_at_a_terminal(own_lab, box):
    with agent(own_lab.client, own_lab.key("alice")) as environment:
        assert own_lab.ssh("alice", "tty", "-A", "-tt", environment=environment).succeeded().stdout.startswith("/dev/pts/")


def test_the_agent_is_there_for_her_programs_too(own_lab, box):
    with agent(own_lab.client, own_lab.key("alice")) as environment:
        here = own_lab.client.run("ssh-add", "-l", environment=environment).succeeded()
        assert own_lab.ssh("alice", "ssh-add -l", "-A", environment=environment) == here


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_any_kind_of_key(own_lab, box, kind):
    (key,) = keys(own_lab, 1, kind)
    box.authorize(key.public)
    with agent(own_lab.client, key) as environment:
        own_lab.ssh("alice", "true", "-A", environment=environment).succeeded()
    assert accepted_by(box) == [key.fingerprint]


@pytest.mark.parametrize("algorithm", [Ed25519, Ecdsa])
def test_a_security_key(own_lab, box, tmp_path, algorithm):
    with SecurityKey(tmp_path / "agent", algorithm()) as token:
        box.authorize(token.public)
        own_lab.ssh("alice", "true", "-A", environment={"SSH_AUTH_SOCK": token.socket}).succeeded()
    assert len(accepted_by(box)) == 1


def test_a_certificate_of_her_own(own_lab, box):
    (ca, key) = keys(own_lab, 2)
    own_lab.client.run("ssh-keygen", "-q", "-s", ca.path, "-I", "alice's", "-n", "alice", f"{key.path}.pub").succeeded()
    box.put("ca.pub", ca.public.encode())
    box.configure(f"TrustedUserCAKeys /home/{box.login}/ca.pub", "AuthorizedKeysFile none")
    box.restart()
    with agent(own_lab.client, key) as environment:
        own_lab.ssh("alice", "true", "-A", environment=environment).succeeded()
    assert "ED25519-CERT" in box.log


@pytest.mark.parametrize("options", [[], ["-tt"]], ids=["plain", "terminal"])
def test_without_the_agent_she_reads_what_to_do(own_lab, box, options):
    """It is refused when the shell is asked for, and nothing of the bastion's is tried instead."""
    box.authorize(own_lab.key("alice").public, *own_lab.bastion.identity())
    outcome = own_lab.ssh("alice", "true", *options)
    assert outcome.status == 255
    assert _TAKES_YOURS in outcome.stderr + outcome.stdout
    assert accepted_by(box) == []
    assert own_lab.bastion.log_of(outcome.id, has="container_wants_agent")


def test_an_agent_that_is_not_there(own_lab, box):
    """ssh -A without an agent does not ask for forwarding at all."""
    outcome = own_lab.ssh("alice", "true", "-A", environment={"SSH_AUTH_SOCK": "/nowhere"})
    assert outcome.status == 255 and _TAKES_YOURS in outcome.stderr


def test_an_agent_that_cannot_be_had_after_it_was_offered(own_lab, box):
    with agent(own_lab.client, own_lab.key("alice")) as environment:
        outcome = own_lab.ssh("alice", "true", "-o", "ForwardAgent=/nowhere", environment=environment)
    assert outcome.status == 255 and _TAKES_YOURS in outcome.stderr


def test_an_option_of_her_key_may_forbid_it(own_lab, box):
    own_lab.bastion.admin("key", "set", "alice", own_lab.key("alice").fingerprint, "--options", "no-agent-forwarding")
    with agent(own_lab.client, own_lab.key("alice")) as environment:
        outcome = own_lab.ssh("alice", "true", "-A", environment=environment)
    assert "agent forwarding is disabled for you (no-agent-forwarding)" in outcome.stderr
    assert _TAKES_YOURS in outcome.stderr


def test_what_opens_no_session_is_told_so(own_lab, box):
    """ssh -N -L asks for nothing but the forward: there is no agent to ask."""
    with agent(own_lab.client, own_lab.key("alice")) as environment:
        line = own_lab.client.ssh_line("alice", "bastion", None, "-A", "-N", "-L", "7306:127.0.0.1:22")
        client = own_lab.client.start(*line, environment=environment)
        own_lab.waits_for_log("login accepted")
        until(lambda: not own_lab.client.refuses("127.0.0.1", 7306), "the forward is up")
        own_lab.client.connect("127.0.0.1", 7306)
        assert client.wait(30) == 255
        assert _TAKES_YOURS in client.stderr.read().decode()


def test_a_forward_that_is_asked_for_before_the_session(own_lab, box):
    with agent(own_lab.client, own_lab.key("alice")) as environment:
        said = own_lab.ssh("alice", "true", "-v", "-A", "-R", "0:127.0.0.1:1", environment=environment).succeeded()
    assert "Allocated port" in said.stderr


def test_a_forward_beside_the_session(own_lab, box):
    with agent(own_lab.client, own_lab.key("alice")) as environment:
        with own_lab.logged_in("alice", "-A", "-L", "7307:127.0.0.1:22", environment=environment):
            assert own_lab.client.connect("127.0.0.1", 7307).recv(8) == b"SSH-2.0-"


def test_sessions_that_share_a_connection_log_in_once(own_lab, box, tmp_path):
    with agent(own_lab.client, own_lab.key("alice")) as environment:
        with own_lab.logged_in("alice", "-A", "-M", "-S", str(tmp_path / "mux"), environment=environment):
            for _ in range(3):
                own_lab.ssh("alice", "echo $BOX", "-S", str(tmp_path / "mux")).succeeded()
    assert accepted_by(box) == [own_lab.key("alice").fingerprint]


@pytest.mark.parametrize("protocol", [[], ["-O"]], ids=["sftp", "rcp"])
def test_scp_takes_the_agent_along(own_lab, box, tmp_path, protocol):
    (tmp_path / "file").write_text("content")
    with agent(own_lab.client, own_lab.key("alice")) as environment:
        scp = ["scp", "-q", *protocol, *own_lab.client.options("alice")]
        own_lab.client.run(*scp, "-A", tmp_path / "file", "alice@bastion:copied", environment=environment).succeeded()
        without = own_lab.client.run(*scp, tmp_path / "file", "alice@bastion:again", environment=environment)
    assert (box.home / "copied").read_text() == "content"
    assert _TAKES_YOURS in without.stderr and not (box.home / "again").exists()


def test_the_last_of_twenty_keys(own_lab, box):
    *others, last = keys(own_lab, 20)
    box.authorize(last.public)
    box.configure("MaxAuthTries 30")
    box.restart()
    with agent(own_lab.client, *others, last) as environment:
        own_lab.ssh("alice", "true", "-A", environment=environment).succeeded()
    assert accepted_by(box) == [last.fingerprint]


def test_the_key_that_she_logged_in_with_is_shown_first(own_lab, box):
    """Behind more keys than an sshd wants to see."""
    with agent(own_lab.client, *keys(own_lab, 19), own_lab.key("alice")) as environment:
        own_lab.ssh("alice", "true", "-A", environment=environment).succeeded()


def test_more_keys_than_the_container_wants_to_see(own_lab, box):
    *others, last = keys(own_lab, 20)
    box.authorize(last.public)
    with agent(own_lab.client, *others, last) as environment:
        outcome = own_lab.ssh("alice", "true", "-A", environment=environment)
    assert re.search(r"bastion: your agent has 20 keys, and container web hung up when it had seen \d+ \(MaxAuthTries of its sshd\)",
                     outcome.stderr)
    assert own_lab.bastion.log_of(outcome.id, has="agent_failed")


def test_none_of_the_keys_is_right(own_lab, box):
    box.authorize(*own_lab.bastion.identity())
    with agent(own_lab.client, own_lab.key("alice")) as environment:
        outcome = own_lab.ssh("alice", "true", "-A", environment=environment)
    assert "bastion: container web takes none of the keys that your agent has shown it (id " in outcome.stderr
    assert own_lab.bastion.log_of(outcome.id, has="container_refused_agent")
    assert accepted_by(box) == []


def test_an_empty_agent(own_lab, box):
    with agent(own_lab.client) as environment:
        outcome = own_lab.ssh("alice", "true", "-A", environment=environment)
    assert "bastion: your agent has no key for container web; see `ssh-add -l` (id " in outcome.stderr


def test_she_says_no_when_the_agent_asks_her(own_lab, box):
    asks = {"SSH_ASKPASS": "/bin/false", "DISPLAY": ":0", "SSH_ASKPASS_REQUIRE": "force"}
    (key,) = keys(own_lab, 1)
    box.authorize(key.public)
    with agent(own_lab.client, key, add=["-c"], environment=asks) as environment:
        outcome = own_lab.ssh("alice", "true", "-A", environment=environment)
    assert f"bastion: your agent refuses to sign with {key.fingerprint} for container web (id " in outcome.stderr
    assert accepted_by(box) == []


@pytest.fixture
def asking(own_lab, box, tmp_path):
    """A login that waits for her: an agent that asks, and an answer she can give by writing it there."""
    ask = tmp_path / "ask"
    os.mkfifo(tmp_path / "answer")
    ask.write_text(f"#!/bin/sh\nread answer < {tmp_path}/answer\n")
    ask.chmod(0o755)
    asks = {"SSH_ASKPASS": str(ask), "DISPLAY": ":0", "SSH_ASKPASS_REQUIRE": "force"}
    (key,) = keys(own_lab, 1)
    box.authorize(key.public)
    with agent(own_lab.client, key, add=["-c"], environment=asks) as environment:
        client = own_lab.client.start(*own_lab.client.ssh_line("alice", "bastion", "echo $BOX", "-A"), environment=environment)
        line = client.stderr.readline().decode().strip()
        assert line == f"bastion: waiting for your agent to sign with {key.fingerprint}: touch the key, or confirm"
        yield client
        finish(client)


def test_she_reads_what_is_waited_for_while_the_agent_asks_her(asking, tmp_path):
    (tmp_path / "answer").write_text("yes\n")
    assert asking.stdout.read() == b"be1/alice\n"


def test_a_session_that_is_ended_while_the_agent_asks_her_has_ended(asking, own_lab, box):
    (session,) = json.loads(own_lab.bastion.admin("session", "list", "--json"))
    own_lab.bastion.admin("session", "kill", session["id"])
    assert "an administrator has ended your session" in asking.stderr.read().decode()
    assert asking.wait(5) == 255
    assert accepted_by(box) == []


def test_a_container_that_is_chosen_at_the_menu(own_lab):
    """Where it leads is known when the agent was offered already."""
    admin, there = own_lab.bastion.admin, own_lab.container("bob")
    there.authorize(own_lab.key("nina").public)
    admin("user", "add", "nina", "--key", own_lab.key("nina").public)
    admin("container", "remove", "bob/web")
    where = ["--owner", "nina", "--backend", "be2", "--login", there.login]
    admin("container", "add", "web", *where, "--address", "10.0.3.100", "--identity", "agent")
    admin("container", "add", "away", *where, "--address", "10.0.3.250")
    with agent(own_lab.client, own_lab.key("nina")) as environment:
        with own_lab.terminal("nina", "-A", environment=environment) as terminal:
            terminal.expect(r"Which container\?")
            terminal.type("web\r")
            terminal.expect(r"\$ ")
            terminal.type("echo in $BOX\n")
            terminal.expect("in be2/bob")
    assert accepted_by(there) == [own_lab.key("nina").fingerprint]


def known_hosts(lab, box, tmp_path):
    """As her own file would have them for ssh-add -h: the bastion, and the container by a name that she gives it."""
    keys_of_bastion = "".join((lab.client.folder / "known_hosts").read_text())
    bastion = [line.split(maxsplit=1)[1] for line in keys_of_bastion.splitlines() if line]
    file = tmp_path / "known_hosts"
    file.write_text("".join(f"bastion {key}\n" for key in bastion) + f"web {box.host_key}\n")
    return file


@pytest.mark.parametrize(
    ("way", "works"),
    [
        (["bastion", "bastion>alice@web"], True),
        (["bastion", "bastion>bob@web"], False),
        (["bastion", "bastion>other"], False),
        (["bastion"], False),
    ],
    ids=["to the container", "as somebody else", "to another one", "to the bastion only"],
)
def test_a_key_that_is_for_named_hosts_only(own_lab, box, tmp_path, way, works):
    """`ssh-add -h`: the agent is told with which host the connection is that it signs for, by that host's own signature."""
    hosts = known_hosts(own_lab, box, tmp_path)
    (stranger,) = keys(own_lab, 1)
    with hosts.open("a") as file:
        file.write(f"other {' '.join(stranger.public.split()[:2])}\n")
    key = Key(own_lab.folder / "keys" / "constrained")
    box.authorize(key.public)
    restrictions = [word for each in way for word in ("-h", each)]
    with agent(own_lab.client, key, add=["-H", hosts, *restrictions]) as environment:
        outcome = own_lab.ssh("alice", "echo $BOX", "-A", environment=environment)
    if works:
        assert outcome.succeeded().stdout == "be1/alice"
    else:
        assert outcome.status == 255 and accepted_by(box) == []
        assert "bastion: your agent " in outcome.stderr


def _message(content):
    return struct.pack(">I", len(content)) + content


def _string(content):
    return struct.pack(">I", len(content)) + content


_NO_BIND = _message(b"\x05")
_KEY = _string(b"ssh-ed25519") + _string(bytes(32))


@pytest.mark.parametrize(
    "answers",
    [
        [b"garbage"],
        [b"\xff\xff\xff\xff"],
        [b"\0\0\0\0"],
        [_NO_BIND * 2],
        [_NO_BIND, _message(b"\x0c" + struct.pack(">I", 3000))],
        [_NO_BIND, _message(b"\x0c" + struct.pack(">I", 2) + _string(_KEY) + _string(b""))],
        [_NO_BIND, _message(b"\x0e" + _string(b"unasked"))],
        [_NO_BIND, b"\0\4\0\0" + bytes(300_000)],
        [_NO_BIND],
        [],
    ],
    ids=["garbage", "4 GiB", "nothing", "twice", "3000 keys", "cut off", "another answer", "too much", "hangs up", "hangs up at once"],
)
def test_an_agent_that_answers_as_none_does(own_lab, box, answers):
    with agent(own_lab.client) as environment, false_agent(own_lab.client, *answers) as path:
        outcome = own_lab.ssh("alice", "true", "-o", f"ForwardAgent={path}", environment=environment)
    assert outcome.status == 255
    assert "bastion: your agent gives no sound answer (id " in outcome.stderr
    assert own_lab.bastion.log_of(outcome.id, has="agent_failed")


def test_an_agent_whose_signature_is_none(own_lab, box):
    public = own_lab.key("alice").public.split()[1]
    blob = base64.b64decode(public)
    listed = _message(b"\x0c" + struct.pack(">I", 1) + _string(blob) + _string(b"hers"))
    for signature, says in [
        (_string(b"ssh-ed25519") + _string(bytes(64)), "takes none of the keys that your agent has shown it"),
        (_string(b"rsa-sha2-512") + _string(bytes(64)), "your agent has not signed for container web"),
        (b"no signature at all", "your agent has not signed for container web"),
    ]:
        answers = [_NO_BIND, listed, _message(b"\x0e" + _string(signature))]
        with agent(own_lab.client) as environment, false_agent(own_lab.client, *answers) as path:
            outcome = own_lab.ssh("alice", "true", "-o", f"ForwardAgent={path}", environment=environment)
        assert says in outcome.stderr
    assert accepted_by(box) == []


def test_the_page_for_users_says_it_in_these_words():
    page = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "CONNECTING.md").read_text()
    assert """`ssh-add -h bastion -h "bastion>alice@web" ~/.ssh/id_ed25519`""" in page


def test_it_is_said_where_it_is_asked_for(own_lab, box):
    said = own_lab.bastion.explained("alice")
    assert said["succeeds"]
    assert "with the user's own agent" in str(said["steps"])
    assert "not tried: the host key is the right one" in str(said["steps"][-1])
    assert json.loads(own_lab.bastion.admin("container", "show", "alice/web", "--json"))["identity"] == "agent"
    refused = own_lab.bastion.tries("identity", "show", "alice/web")
    assert refused.status == 1 and "nothing of the bastion's belongs into its authorized_keys" in refused.stderr


def test_a_document_has_it(own_lab, box):
    document = own_lab.bastion.admin("export")
    own_lab.bastion.admin("container", "set", "alice/web", "--identity", "key")
    own_lab.bastion.admin("apply", "-", input=document)
    assert json.loads(own_lab.bastion.admin("container", "show", "alice/web", "--json"))["identity"] == "agent"


def test_a_backend_is_everybodys(own_lab):
    refused = own_lab.bastion.tries("backend", "set", "be1", "--identity", "agent")
    assert refused.status != 0 and "a backend carries all of its users: its identity is key or certificate" in refused.stderr


def test_a_host_key_that_changed_is_told_before_the_agent_is_asked(own_lab, box):
    with agent(own_lab.client, own_lab.key("alice")) as environment:
        own_lab.ssh("alice", "true", "-A", environment=environment).succeeded()
        box.new_host_key()
        outcome = own_lab.ssh("alice", "true", "-A", environment=environment)
    assert "the host key of container web has changed" in outcome.stderr
