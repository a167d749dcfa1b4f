"""What a session borrows from the user's machine: her ssh-agent and her X11 display."""

from lab.display import PROGRAM, Display
from lab.ssh_agent import agent


def test_her_agent_answers_in_the_container(lab):
    with agent(lab.client, lab.key("alice")) as environment:
        here = lab.client.run("ssh-add", "-l", environment=environment).succeeded()
        assert lab.ssh("alice", "ssh-add -l", "-A", environment=environment) == here


def test_she_logs_in_onward_with_her_agent(lab):
    """From one container to her other key's home: the signature is made on her machine."""
    with agent(lab.client, lab.key("alice")) as environment:
        onward = "ssh -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -q alice@127.0.0.1 'echo $BOX'"
        assert lab.ssh("alice", onward, "-A", environment=environment).stdout == "be1/alice"


def test_without_asking_for_it_no_agent_is_there(lab):
    with agent(lab.client, lab.key("alice")) as environment:
        assert lab.ssh("alice", "echo ${SSH_AUTH_SOCK-none}", environment=environment).stdout == "none"


def test_a_program_in_the_container_shows_itself_on_her_display(lab):
    with Display(lab.client) as display:
        shown = lab.ssh("alice", "python3 -", "-Y", input=PROGRAM, environment={"DISPLAY": display.name})
    assert shown.stdout == "welcome", shown


def test_a_display_needs_the_cookie(lab):
    forged = PROGRAM.replace(".split()[2]", ".split()[2][::-1]")
    with Display(lab.client) as display:
        shown = lab.ssh("alice", "python3 -", "-Y", input=forged, environment={"DISPLAY": display.name})
    assert "welcome" not in shown.stdout
