"""The private keys of the bastion are in an ssh-agent, and behind that in a token (PKCS#11): it has only their public halves,
and decides itself what they sign all the same."""

import contextlib
import os
import signal
import socket
import subprocess
import tomllib

import examples
import pytest
import scrapes
from agents import MODULE, Agent, public_half
from inside import called, holds, secrets

from lab.deadline import until
from lab.process import run

pytestmark = pytest.mark.bastion_only

_HOST_KEYS = ["ed25519", "ecdsa", "rsa"]
_SOMEBODY = "news"  # has no processes anywhere, and is not the one of another story
_AS_SOMEBODY = ["setpriv", "--pdeathsig=KILL", f"--reuid={_SOMEBODY}", f"--regid={_SOMEBODY}", "--clear-groups"]
_SOCKET = {"x86_64": 41, "aarch64": 198}[os.uname().machine]
_NO_KEY = "the bastion cannot use its own key at the moment"
_GONE = "what needs the keys in the agent fails from now on: the agent "


@contextlib.contextmanager
def stopped(lab):
    lab.bastion.terminate()
    assert lab.bastion.ended() == 0
    yield lab.bastion.state
    lab.bastion.start()


@pytest.fixture(name="held")
def fixture_held(own_lab):
    """A lab whose bastion has all of its private keys in an agent."""
    agent = Agent(own_lab.folder / "agent")
    agent.start()
    with stopped(own_lab) as state:
        agent.kept = [agent.hold(state / "host_keys" / name) for name in _HOST_KEYS]
        # As ssh-keygen names it.
        for name in _HOST_KEYS:
            (state / "host_keys" / name).rename(state / "host_keys" / f"{name}.pub")
        agent.kept += [agent.hold(state / "identity" / name) for name in ("ed25519", "ca")]
        own_lab.bastion.configure(key_agent=str(agent.socket), **scrapes.SETTINGS)
    own_lab.agent = agent
    yield own_lab
    with contextlib.suppress(ProcessLookupError):
        agent.kill()


def everything_signs(lab):
    for kind in ["ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256"]:
        lab.ssh("alice", "true", "-o", f"HostKeyAlgorithms={kind}", "-o", "StrictHostKeyChecking=no").succeeded()


def signs_again(lab):
    until(lambda: lab.ssh("alice", "true").status == 0, "logins land")


def test_host_keys_and_identity_are_in_an_agent(held):
    everything_signs(held)
    held.ssh("bob", "true").succeeded()
    assert held.bastion.check().succeeded().stdout.count(f"the agent {held.agent.socket}: it has the key ") == 5
    assert len(held.bastion.identity()) == 1


def test_nobody_has_a_private_key_but_the_agent(held):
    everything_signs(held)
    wanted = {secret for file in held.agent.kept for secret in secrets(file)}
    for pid in [held.bastion.supervisor, *held.bastion.processes()]:
        assert holds(pid, wanted) == set(), pid
    assert len(held.bastion.processes()) == 7


def test_who_serves_cannot_ask_the_agent_itself(held):
    if "this system cannot forbid that" in held.bastion.log:
        pytest.skip("there is no filter in this build")
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        assert called(held.bastion.pid, _SOCKET, str(int(socket.AF_UNIX)), str(int(kind)), "0") == -1
    assert called(held.bastion.pid, _SOCKET, str(int(socket.AF_INET)), str(int(socket.SOCK_STREAM)), "0") > 0
    everything_signs(held)
    held.bastion.kill()  # what gdb has opened there
    held.bastion.start()


def test_an_agent_that_was_started_again_costs_nothing(held):
    """Nobody has connected meanwhile: the next login finds the other one."""
    everything_signs(held)
    held.agent.kill()
    held.agent.start()
    everything_signs(held)
    assert "no signature" not in held.log


def test_while_the_agent_is_gone_logins_fail_and_say_so_and_what_runs_goes_on(held):
    with held.logged_in("alice") as alice:
        held.agent.kill()
        assert held.ssh("bob", "true").status == 255
        held.waits_for_log(f"{_GONE}{held.agent.socket}: No such file or directory")
        assert "no signature with SHA256:" in held.log
        status, why = scrapes.asks(held, "/readyz")
        assert (status, why.partition(":")[0]) == (503, f"the agent {held.agent.socket}")
        alice.stdin.write(b"still here\n")
        alice.stdin.flush()
        assert alice.stdout.readline() == b"still here\n"
        held.agent.start()
        held.waits_for_log("the agent has the keys again")
        signs_again(held)
        until(lambda: scrapes.asks(held, "/readyz") == (200, "ok\n"), "it is ready")
    assert len(held.bastion.generations()) == 1


def test_an_agent_that_was_locked_or_has_lost_a_key_is_told_from_one_that_is_gone(held):
    held.agent.lock()
    assert held.ssh("alice", "true").status == 255
    held.waits_for_log(f"{_GONE}{held.agent.socket}: it does not have the key ")
    held.agent.unlock()
    held.waits_for_log("the agent has the keys again")
    signs_again(held)
    held.agent.forget()
    until(lambda: held.log.count(_GONE) == 2, "it sees that they are gone")
    held.agent.remember()
    signs_again(held)


@pytest.mark.parametrize("way", ["locked", "killed"])
def test_who_is_let_in_and_not_led_on_reads_that_it_is_the_bastion(own_lab, way):
    """Its host keys are files: only what it logs in with is in the agent."""
    lab = own_lab
    agent = Agent(lab.folder / "agent")
    agent.start()
    with stopped(lab) as state:
        agent.hold(state / "identity" / "ed25519")
        lab.bastion.configure(key_agent=str(agent.socket))
    if way == "locked":
        agent.lock()
    else:
        agent.kill()
    outcome = lab.ssh("alice", "true")
    assert outcome.status == 255
    assert outcome.stderr == f"bastion: {_NO_KEY}; tell your administrator (id {outcome.id})"
    (why,) = [line for line in lab.bastion.log_of(outcome.id, has="reason=own_key_unusable") if "login ended" in line]
    assert f"the agent {agent.socket}: " in why
    explained = lab.bastion.explained("alice")
    assert explained["user_sees"] == f"{_NO_KEY}; tell your administrator"
    assert f"the agent {agent.socket}: " in explained["why"]
    if way == "locked":
        agent.unlock()
    else:
        agent.start()
    signs_again(lab)
    agent.kill()


@pytest.mark.parametrize(
    "which, sentence",
    [
        (6, "the process that connects to the agent has ended"),
        (4, "the process that connects to other processes of the bastion has ended"),
    ],
    ids=["to the agent", "to other generations"],
)
def test_without_who_connects_it_ends_says_so_and_comes_back(held, which, sentence):
    everything_signs(held)
    os.kill(held.bastion.processes()[which], signal.SIGKILL)
    assert held.bastion.ended() == 1
    held.waits_for_log(sentence)
    held.agent.kill()
    held.agent.start()
    held.bastion.start()
    everything_signs(held)


def test_an_agent_that_stands_still_makes_logins_fail_and_nothing_else(held):
    with held.logged_in("alice") as alice:
        held.agent.stands_still(signal.SIGSTOP)
        assert held.ssh("bob", "true").status == 255
        held.waits_for_log(f"the agent {held.agent.socket}: no answer within 2000 ms")
        alice.stdin.write(b"still here\n")
        alice.stdin.flush()
        assert alice.stdout.readline() == b"still here\n"
        held.agent.stands_still(signal.SIGCONT)
        signs_again(held)


def test_a_start_names_the_key_that_the_agent_does_not_have(held):
    held.bastion.terminate()
    assert held.bastion.ended() == 0
    held.agent.forget()
    for done in (held.bastion.serves_too(), held.bastion.check()):
        assert done.status == 1
        assert f"the agent {held.agent.socket}: it" in done.stderr
        assert "the key ssh-ed25519 SHA256:" in done.stderr
    held.agent.kill()
    for done in (held.bastion.serves_too(), held.bastion.check()):
        assert done.status == 1
        assert f"the agent {held.agent.socket}: No such file or directory" in done.stderr
    held.agent.start()
    held.bastion.configure(key_agent="")
    for done in (held.bastion.serves_too(), held.bastion.check()):
        assert done.status == 1
        assert "only the public half is here, and key_agent names no agent that has the private one" in done.stderr
    held.bastion.configure(key_agent=str(held.agent.socket))
    held.bastion.start()
    everything_signs(held)


def test_keys_in_an_agent_are_not_changed_here(held):
    for words in ([], ["--finish"], ["--ca"], ["--ca", "--finish"]):
        done = held.bastion.rotates(*words)
        assert done.status == 1, words
        assert "is in an agent: it is changed there, and this file with it" in done.stderr
    state = held.bastion.state
    before = {file: file.read_bytes() for folder in ("host_keys", "identity") for file in (state / folder).iterdir()}
    made = held.bastion.init("root", held.key("root").path.with_suffix(".pub")).stdout
    assert made.count("was there, and its private half is in the agent") == 5
    assert before == {file: file.read_bytes() for folder in ("host_keys", "identity") for file in (state / folder).iterdir()}


def test_another_process_takes_over_with_the_same_agent(held):
    with held.logged_in("alice") as alice:
        (held.bastion.state / "host_keys" / "announced").write_text(public_half(held.agent.kept[0]))
        held.bastion.hands_over()
        assert "alice" in held.bastion.admin("session", "list")
        held.ssh("bob", "true").succeeded()
        alice.stdin.write(b"still here\n")
        alice.stdin.flush()
        assert alice.stdout.readline() == b"still here\n"


def test_it_has_an_account_of_its_own_as_the_service_has(own_lab):
    """ssh-agent answers that account and root, and so does the bastion; the processes that connect for others are of it too."""
    agent = Agent(own_lab.folder / "agent", through=_AS_SOMEBODY)
    run(["chown", _SOMEBODY, agent.folder])
    agent.start()
    lab = own_lab
    lab.bastion.terminate()
    assert lab.bastion.ended() == 0
    agent.hold(lab.bastion.state / "identity" / "ed25519")
    lab.bastion.configure(key_agent=str(agent.socket))
    run(["chown", "-R", _SOMEBODY, lab.bastion.state.parent])
    lab.bastion.start(through=_AS_SOMEBODY)
    with lab.logged_in("alice") as alice:
        (lab.bastion.state / "identity" / "ed25519").touch()
        lab.bastion.hands_over()
        assert "alice" in lab.bastion.admin("session", "list")
        assert "cannot be asked" not in lab.log
        alice.stdin.write(b"still here\n")
        alice.stdin.flush()
        assert alice.stdout.readline() == b"still here\n"
    # Somebody else's is none.
    run(["chown", "root:root", agent.folder])
    run(["chown", "backup", agent.socket])
    assert "the socket belongs to the account" in lab.bastion.check().stderr
    agent.kill()


def test_keys_are_in_a_token(own_lab):
    """PKCS#11: the agent has no private key either."""
    agent = Agent(own_lab.folder / "agent")
    public = agent.has_token(("EC:prime256v1", "host-ecdsa"), ("rsa:2048", "host-rsa"), ("EC:prime256v1", "identity"))
    agent.start()
    with stopped(own_lab) as state:
        for file in [*(state / "host_keys").iterdir(), state / "identity" / "ed25519"]:
            file.unlink()
        (state / "host_keys" / "ecdsa.pub").write_text(public["host-ecdsa"] + "\n")
        (state / "host_keys" / "rsa.pub").write_text(public["host-rsa"] + "\n")
        (state / "identity" / "ed25519.pub").write_text(public["identity"] + "\n")
        own_lab.bastion.configure(
            key_agent=str(agent.socket), host_key_algorithms=["ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256"]
        )
    identity = own_lab.bastion.identity()
    assert [key.split()[1] for key in identity] == [public["identity"].split()[1]]
    own_lab.backend("be1").authorize(*identity)
    own_lab.container("alice").authorize(own_lab.key("alice").public, *identity)
    for kind in ["ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256"]:
        own_lab.ssh("alice", "true", "-o", f"HostKeyAlgorithms={kind}", "-o", "StrictHostKeyChecking=no").succeeded()
    agent.kill()


def test_a_token_is_used_as_the_page_says(own_lab):
    agent = Agent(own_lab.folder / "agent")
    agent.has_room_for_tokens()
    agent.start()
    page = examples.REPOSITORY / "docs" / "ADMIN.md"
    (commands,) = [each.text for each in examples.examples(page) if "pkcs11-tool" in each.text]
    (configuration,) = [each.text for each in examples.examples(page) if each.text.startswith("key_agent")]
    assert MODULE in commands
    settings = tomllib.loads(configuration)
    with stopped(own_lab) as state:
        run(["bash", "-euxc", commands.replace("/var/lib/bastion", str(state))], env=agent.token_environment(), stdin=subprocess.DEVNULL)
        own_lab.bastion.configure(**settings | {"key_agent": str(agent.socket)})
        own_lab.bastion.check().succeeded()
    identity = own_lab.bastion.identity()
    own_lab.backend("be1").authorize(*identity)
    own_lab.container("alice").authorize(own_lab.key("alice").public, *identity)
    own_lab.ssh("alice", "true", "-o", "StrictHostKeyChecking=no").succeeded()
    # Nothing that signs is left here, but for the CA.
    left = [file.name for folder in ("host_keys", "identity") for file in (state / folder).iterdir() if b"PRIVATE" in file.read_bytes()]
    assert left == ["ca"]
    agent.kill()
