"""sftp, scp, rsync and git, each through its own program, and nothing of a file is lost."""

import os

import pytest


@pytest.fixture
def file(lab, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(os.urandom(5_000_000))
    path.chmod(0o640)
    return path


def test_sftp_does_what_a_batch_says(lab, file, tmp_path):
    batch = f"put -p {file} sent\nrename sent kept\nget -p kept {tmp_path}/back\nls -l kept\nrm kept\n"
    outcome = lab.client.run("sftp", *lab.client.options("alice"), "-b", "-", "alice@bastion", input=batch).succeeded()
    assert (tmp_path / "back").read_bytes() == file.read_bytes()
    assert "-rw-r-----" in outcome.stdout
    assert not (lab.container("alice").home / "kept").exists()


@pytest.mark.parametrize("protocol", [[], ["-O"]], ids=["sftp", "old"])
def test_scp_goes_both_ways(lab, file, tmp_path, protocol):
    scp = ["scp", "-q", "-p", *protocol, *lab.client.options("alice")]
    lab.client.run(*scp, file, "alice@bastion:scp_file").succeeded()
    assert (lab.container("alice").home / "scp_file").read_bytes() == file.read_bytes()
    lab.client.run(*scp, "alice@bastion:scp_file", tmp_path / "back").succeeded()
    assert (tmp_path / "back").read_bytes() == file.read_bytes()


def test_a_missing_file_is_reported_as_directly(lab, tmp_path):
    def fetch(client, place):
        return client.run("scp", "-q", "-O", *client.options("alice"), f"alice@{place}:no-such-file", tmp_path)

    assert fetch(lab.client, "bastion") == fetch(lab.neighbour("alice"), "alice")


def test_rsync_sends_a_tree_and_then_only_what_changed(lab, tmp_path):
    tree = tmp_path / "tree"
    (tree / "deep" / "deeper").mkdir(parents=True)
    for number in range(50):
        (tree / "deep" / f"file{number}").write_bytes(os.urandom(10_000))
    rsync = ["rsync", "-a", "--delete", "--stats", "-e", lab.client.ssh_command("alice")]
    lab.client.run(*rsync, f"{tree}/", "alice@bastion:tree/").succeeded()
    (tree / "deep" / "file7").write_bytes(b"changed")
    again = lab.client.run(*rsync, f"{tree}/", "alice@bastion:tree/").succeeded()
    assert "Number of regular files transferred: 1" in again.stdout
    assert (lab.container("alice").home / "tree" / "deep" / "file7").read_bytes() == b"changed"
    lab.client.run(*rsync, "alice@bastion:tree/", f"{tmp_path}/back/").succeeded()
    assert lab.client.run("diff", "-r", tree, tmp_path / "back").status == 0


def test_git_clones_and_pushes(lab, tmp_path):
    make = "git init -q --bare project.git && git -C project.git symbolic-ref HEAD refs/heads/main"
    lab.ssh("alice", make).succeeded()
    with_git = {
        "GIT_SSH_COMMAND": lab.client.ssh_command("alice"),
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": "Alice", "GIT_AUTHOR_EMAIL": "alice@example.org",
        "GIT_COMMITTER_NAME": "Alice", "GIT_COMMITTER_EMAIL": "alice@example.org",
    }  # fmt: skip
    first, second = tmp_path / "first", tmp_path / "second"

    def git(*words, cwd=tmp_path):
        return lab.client.run("git", *words, cwd=cwd, environment=with_git).succeeded()

    git("clone", "-q", "alice@bastion:project.git", first)
    (first / "story").write_text("once upon a time\n")
    git("checkout", "-q", "-b", "main", cwd=first)
    git("add", "story", cwd=first)
    git("commit", "-q", "-m", "Begin", cwd=first)
    git("push", "-q", "origin", "main", cwd=first)
    git("clone", "-q", "alice@bastion:project.git", second)
    assert (second / "story").read_text() == "once upon a time\n"
    lab.ssh("alice", "rm -rf project.git").succeeded()
