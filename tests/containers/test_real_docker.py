"""A container of a real Docker, which is reached by `docker exec` and by nothing else: `tests/run containers`, by hand."""

import pytest

import host
from docker_host import DockerHost
from test_real_containers import Site


@pytest.fixture(scope="module")
def site():
    if reason := host.missing():
        pytest.skip(reason)
    with Site(be1=DockerHost, be2=None) as site:
        site.bastion.admin("user", "add", "dora", "--key", site.key("dora").public)
        site.hosts["be1"].launch("web", "dora", site.identity)
        site.bastion.admin("container", "add", "web", "--owner", "dora", "--backend", "be1", "--command", "docker")
        yield site


def test_it_is_reached_without_any_network(site):
    assert site.ssh("dora", "id -un; ls /sys/class/net").stdout.split() == ["dora", "lo"]


def test_a_command_ends_with_its_own_status(site):
    assert site.ssh("dora", "exit 7").status == 7


def test_both_directions_are_whole_and_end_apart(site):
    much = "x" * 3_000_000
    assert site.ssh("dora", "wc -c", input=much).stdout.strip() == str(len(much))
    assert len(site.ssh("dora", "head -c 3000000 /dev/zero | tr '\\\\0' x").stdout) == 3_000_000
    # What comes behind the end of the input still arrives.
    assert site.ssh("dora", "cat; sleep 0.2; echo behind", input="before\n").stdout.split() == ["before", "behind"]


def test_standard_error_is_apart(site):
    seen = site.ssh("dora", "echo out; echo err >&2")
    assert (seen.stdout, seen.stderr.strip()) == ("out", "err")


def test_its_host_key_is_learned(site):
    assert "learned" in site.bastion.admin("container", "show", "dora/web")


def test_one_that_is_stopped_says_so_and_comes_back(site):
    be1 = site.hosts["be1"]
    be1.run("docker", "stop", "--time", "1", "web")
    site.reads("dora", "the command that leads to container web has failed; is it running?")
    assert "is not running" in site.bastion.explained("dora")["why"]
    be1.run("docker", "start", "web")
    be1.run("docker", "exec", "web", "mkdir", "-p", "/run/sshd")
    assert site.ssh("dora", "id -un").stdout == "dora"


def test_one_that_there_is_not_says_what_docker_says(site):
    site.bastion.admin("container", "add", "other", "--owner", "dora", "--backend", "be1", "--command", "docker")
    site.reads("dora+other", "the command that leads to container other has failed; is it running?")
    assert "No such container: other" in site.bastion.explained("dora+other")["why"]
    site.bastion.admin("container", "remove", "dora/other")
