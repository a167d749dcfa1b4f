"""What a container's sshd says during the authentication (`Banner`, PAM) reaches the user as at a direct login, whether
it then lets the user in or not: on standard error, and nowhere else."""

import pytest

pytestmark = pytest.mark.bastion_only

BANNER = "*** Zutritt nur f\u00fcr Befugte ***\n\n\tasked for: everything\nlast line\n"
CLOSING = "System is going down."
REFUSED = "container web refuses the account there"


@pytest.fixture
def greeting(own_lab):
    container = own_lab.container("alice")
    container.put("banner", BANNER.encode())
    container.configure("Banner /home/alice/banner", "UsePAM yes")
    container.restart()
    return own_lab


def test_it_is_shown_as_at_a_direct_login(greeting, tmp_path):
    lab = greeting
    for command, how in [("echo out; echo err >&2; exit 3", []), ("cat", []), (None, ["-T"])]:
        seen = lab.ssh("alice", command, *how, input="cat\n")
        assert seen == lab.direct("alice", command, *how, input="cat\n")
        assert seen.stderr.startswith(BANNER.rstrip("\n"))

    file = tmp_path / "file"
    file.write_bytes(bytes(range(256)) * 1000)
    for tool, options in [("sftp", ["-b", "-"]), ("scp", []), ("scp", ["-O"])]:
        words = [*options, *lab.client.options("alice")]
        if tool == "sftp":
            moved = lab.client.run("sftp", *words, "alice@bastion", input=f"put {file} there\n").succeeded()
        else:
            moved = lab.client.run("scp", *words, file, "alice@bastion:there").succeeded()
        assert moved.stderr.rstrip("\n") == BANNER.rstrip("\n"), tool
        assert (lab.container("alice").home / "there").read_bytes() == file.read_bytes()
    rsync = ["rsync", "-a", "-e", lab.client.ssh_command("alice"), file, "alice@bastion:synced"]
    assert lab.client.run(*rsync).succeeded().stderr.rstrip("\n") == BANNER.rstrip("\n")

    with lab.terminal("alice") as terminal:
        terminal.expect("everything\nlast line\n")
        terminal.type("echo in $((40 + 2))\n")
        terminal.expect("in 42")

    said = lab.bastion.explained("alice")
    assert "asked for: everything last line" in said["steps"][-1]["what"]
    lab.waits_for_log("asked for: everything last line")


def test_it_is_shown_once_on_a_connection_that_is_shared(greeting, tmp_path):
    lab = greeting
    socket = f"-oControlPath={tmp_path}/master"
    with lab.logged_in("alice", "-M", socket):
        assert lab.ssh("alice", "echo second", socket).stderr == ""


def test_nothing_in_it_moves_a_cursor_and_no_more_of_it_is_kept_than_anybody_reads(own_lab):
    container = own_lab.container("alice")
    container.put("banner", b"\x1b[2Jone\x9b\r\n" + b"x" * 100_000)
    container.configure("Banner /home/alice/banner")
    container.restart()
    shown = own_lab.ssh("alice", "echo out").succeeded()
    assert shown.stdout == "out"
    assert shown.stderr.startswith("?[2Jone?\nxxx")
    assert 10_000 < len(shown.stderr) <= 16 * 1024


@pytest.mark.parametrize("why", [CLOSING, ""], ids=["with words", "without"])
def test_an_account_that_pam_refuses_is_not_a_container_that_does_not_run(greeting, why):
    lab = greeting
    lab.container("alice").forbid_logins(f"{why}\n" if why else "")
    directly = lab.direct("alice", "echo out").stderr.splitlines()
    outcome = lab.ssh("alice", "echo out")
    assert (outcome.status, outcome.stdout) == (255, "")
    *shown, sentence = outcome.stderr.splitlines()
    assert shown == directly[:-1]  # the last line is ssh's own: Connection closed
    quoted = f' and says "{why}"' if why else f' and says "{" ".join(BANNER.split())}"'
    assert sentence == f"bastion: {REFUSED}{quoted}; tell your administrator (id {outcome.id})"
    logged = "\n".join(lab.bastion.log_of(outcome.id, has="reason=container_refused_account"))
    assert "as alice" in logged and why in logged

    said = lab.bastion.explained("alice")
    assert said["user_sees"] == f"{REFUSED}{quoted}; tell your administrator"
    assert "as alice" in said["why"] and "nologin" in said["why"]
    assert said["steps"][-1]["step"] == "login"

    refused = lab.ssh("alice", None, "-N", "-R", "7099:localhost:9")
    assert "refuses the account there" in refused.stderr
