"""A pod of a real Kubernetes, which is reached by `kubectl exec` and by nothing else: `tests/run containers`, by hand."""

import host
import kubernetes
import pytest
from kubernetes_host import KubernetesHost
from test_real_containers import Site

# What Debian 12 has, and what belongs to the server: they speak to it in two ways (SPDY, WebSocket).
CLIENTS = ("/usr/bin/kubectl", "/usr/local/bin/kubectl")


@pytest.fixture(scope="module")
def site():
    if reason := host.missing() or kubernetes.missing():
        pytest.skip(reason)
    with Site(be1=KubernetesHost, be2=None) as site:
        site.bastion.admin("user", "add", "dora", "--key", site.key("dora").public)
        site.hosts["be1"].launch("web", "dora", site.identity)
        site.bastion.admin("container", "add", "web", "--owner", "dora", "--backend", "be1", "--command", "kubectl")
        yield site


@pytest.fixture(params=CLIENTS, ids=["debian", "current"])
def client(request, site):
    site.bastion.admin("container", "set", "dora/web", "--command", f"{request.param} exec -i web -- /usr/sbin/sshd -i -e")


def test_it_is_reached_by_the_command_that_kubectl_stands_for(site):
    assert site.ssh("dora", "id -un").stdout == "dora"
    assert "kubectl exec -i web -- /usr/sbin/sshd -i -e" in site.bastion.admin("container", "show", "dora/web")
    assert "learned" in site.bastion.admin("container", "show", "dora/web")


def test_a_command_ends_with_its_own_status(site, client):
    assert site.ssh("dora", "exit 7").status == 7


def test_both_directions_are_whole_and_end_apart(site, client):
    much = "x" * 3_000_000
    assert site.ssh("dora", "wc -c", input=much).stdout.strip() == str(len(much))
    assert len(site.ssh("dora", "head -c 3000000 /dev/zero | tr '\\\\0' x").stdout) == 3_000_000
    # What comes behind the end of the input still arrives.
    assert site.ssh("dora", "cat; sleep 0.2; echo behind", input="before\n").stdout.split() == ["before", "behind"]


def test_standard_error_is_apart(site, client):
    seen = site.ssh("dora", "echo out; echo err >&2")
    assert (seen.stdout, seen.stderr.strip()) == ("out", "err")


def test_one_that_is_deleted_says_so_and_its_successor_is_another_one(site):
    be1 = site.hosts["be1"]
    be1.kubectl("delete", "pod", "web")
    site.reads("dora", "the command that leads to container web has failed; is it running?")
    assert 'pods "web" not found' in site.bastion.explained("dora")["why"]
    be1.launch("web", "dora", site.identity)
    site.reads("dora", "the host key of container web has changed; tell your administrator")
    site.bastion.admin("container", "forget-host-key", "dora/web")
    assert site.ssh("dora", "id -un").stdout == "dora"
