"""The bastion in the place of a jump host: what people wrote before works, or says what to write instead. The user's own
key opens her container then, and the bastion logs in nowhere for her."""

import re

import pytest

from lab.greeter import Greeter, said_by
from lab.process import run

pytestmark = pytest.mark.bastion_only

# What people's configurations say today, with the addresses of the lab.
ONE_JUMP = """\
Host containarium-jump
    HostName 10.1.0.1
    User {jump}

Host alice-dev
    HostName 10.0.3.100
    User alice
    ProxyJump containarium-jump
"""
NESTED = """\
# Central jump server
Host jump
    HostName 10.1.0.1
    User {jump}

# Backend-1 (via jump)
Host backend-1
    HostName 10.1.1.11
    User hop
    ProxyJump jump

# Alice's container (via jump -> backend-1)
Host alice-dev
    HostName 10.0.3.100
    User alice
    ProxyJump backend-1
"""
CHAINED = """\
Host jump
    HostName 10.1.0.1
    User {jump}

Host alice-dev
    HostName 10.0.3.100
    User alice
    ProxyJump jump,hop@10.1.1.11
"""


class Laptop:
    """A client with a configuration of its own: the key of one person for everything, and every host key known."""

    def __init__(self, lab, person):
        self.lab, self.person = lab, person
        known = lab.client.folder / f"known-{person}"
        bastion = [line for line in (lab.client.folder / "known_hosts").read_text().splitlines() if line]
        names = {"alice": "10.0.3.100,web,web.,alice/web", "be1": "10.1.1.11,be1", "alice-db": "10.0.3.101,db"}
        hosts = [f"{names[name]} {lab.backend(name).host_key}" for name in names]
        known.write_text("\n".join([*bastion, *hosts, ""]))
        self._common = (
            f"Host 10.1.0.1 containarium-jump jump bastion\n  HostName 10.1.0.1\n  Port 2222\nHost *\n"
            f"  IdentityFile {lab.key(person).path}\n  IdentitiesOnly yes\n  UserKnownHostsFile {known}\n"
            "  GlobalKnownHostsFile none\n  StrictHostKeyChecking yes\n  BatchMode yes\n  ConnectTimeout 30\n"
        )
        self.config = lab.client.folder / f"config-{person}"
        self.follow("")

    def follow(self, recipe):
        self.config.write_text(recipe + self._common)
        return self

    def ssh(self, *words, **how):
        return self.lab.client.run("ssh", "-F", self.config, *words, **how)


@pytest.fixture
def alice(lab):
    return Laptop(lab, "alice")


def test_a_config_with_one_jump_arrives_as_it_is(alice):
    arrived = alice.follow(ONE_JUMP.format(jump="alice")).ssh("alice-dev", "echo $BOX").succeeded()
    assert arrived.stdout == "be1/alice"


@pytest.mark.parametrize("host", ["web", "WEB", "web.", "alice/web", "10.0.3.100"])
def test_a_container_by_name_and_by_address(alice, host):
    assert alice.ssh("-J", "alice@10.1.0.1", f"alice@{host}", "echo $BOX").succeeded().stdout == "be1/alice"


@pytest.mark.parametrize("host", ["WEB", "Web.", "Alice/WEB"])
def test_capitals_and_a_dot_behind_it_make_no_other_name(alice, host):
    """As -W passes them on: of a destination ssh itself makes small letters."""
    assert "SSH-2.0-OpenSSH" in alice.ssh("-W", f"{host}:22", "alice@10.1.0.1", input="").stdout


def test_another_container_is_reached_on_its_own_backend(alice):
    assert alice.ssh("-J", "alice@10.1.0.1", "alice@db", "echo $BOX").succeeded().stdout == "be2/alice-db"
    arrived = alice.ssh("-J", "alice+db@10.1.0.1", "alice@10.0.3.101", "echo $BOX").succeeded()
    assert arrived.stdout == "be2/alice-db"


def test_the_bastion_does_not_log_in_to_a_container_that_is_only_passed_by(lab, alice):
    before = lab.container("alice").log.count("Accepted publickey")
    alice.ssh("-J", "alice@10.1.0.1", "alice@web", "true").succeeded()
    after = lab.container("alice").log.count("Accepted publickey")
    assert after == before + 1  # her own


def test_the_log_and_the_records_know_of_the_tunnel(lab, alice):
    alice.ssh("-J", "alice@10.1.0.1", "alice@web", "true").succeeded()
    assert "alice/web at 10.0.3.100:22" in lab.bastion.admin("audit", "list", "--user", "alice")


@pytest.mark.parametrize("recipe", [NESTED, CHAINED], ids=["nested", "chained"])
def test_a_hop_that_is_not_needed_is_named_with_what_to_write_instead(alice, recipe):
    refused = alice.follow(recipe.format(jump="alice")).ssh("alice-dev", "true")
    assert refused.status == 255
    assert "open failed: administratively prohibited: bastion: users may not connect to be1, and need no jump:" in refused.stderr
    assert "write `ssh alice@<this bastion>`, or `ssh -J alice@<this bastion> " in refused.stderr
    assert "` without 10.1.1.11 (id " in refused.stderr


def test_the_same_on_the_command_line(alice):
    refused = alice.ssh("-J", "alice@10.1.0.1,hop@10.1.1.11", "alice@10.0.3.100", "true")
    assert refused.status == 255
    assert "need no jump" in refused.stderr


@pytest.mark.parametrize("recipe", [NESTED, CHAINED], ids=["nested", "chained"])
def test_an_administrator_may_take_the_long_way(own_lab, recipe):
    """root has an account on the backend and in the container, as administrators had before."""
    lab = own_lab
    key = lab.key("root").public
    lab.backend("be1").authorize(*lab.bastion.identity(), key)
    lab.container("alice").authorize(lab.key("alice").public, *lab.bastion.identity(), key)
    laptop = Laptop(lab, "root").follow(recipe.format(jump="root"))
    assert laptop.ssh("alice-dev", "echo $BOX").succeeded().stdout == "be1/alice"


def test_an_administrator_reaches_a_backend_by_name(own_lab):
    lab = own_lab
    lab.backend("be1").authorize(*lab.bastion.identity(), lab.key("root").public)
    banner = Laptop(lab, "root").ssh("-W", "be1:22", "root@10.1.0.1", input="")
    assert "SSH-2.0-OpenSSH" in banner.stdout


def test_stdio_is_forwarded(alice):
    through = alice.ssh("-o", "ProxyCommand=ssh -F %s -W %%h:%%p alice@10.1.0.1" % alice.config, "alice@web", "echo $BOX")
    assert through.succeeded().stdout == "be1/alice"
    assert "SSH-2.0-OpenSSH" in alice.ssh("-W", "web:22", "alice@10.1.0.1", input="").stdout


def test_any_port_of_a_container(lab, alice):
    with Greeter("a service of web's", namespace=lab.container("alice").namespace, address="10.0.3.100") as greeter:
        process = lab.client.start("ssh", "-F", alice.config, "-N", "-L", f"7201:web:{greeter.port}", "alice@10.1.0.1")
        try:
            from lab import until

            until(lambda: not lab.client.refuses("127.0.0.1", 7201), "the forward listens")
            assert said_by(lab.client.connect("127.0.0.1", 7201)) == "a service of web's"
        finally:
            process.kill()
            process.wait()


def test_a_tunnel_has_two_directions_that_end_by_themselves(lab, alice):
    """nc -N style: the sender ends, the answer still comes."""
    count = "import socket; s=socket.create_server(('10.0.3.100', 7300)); c=s.accept()[0]; n=0\nwhile d:=c.recv(65536): n+=len(d)\nc.sendall(str(n).encode()); c.close()"
    counting = lab.client.start(*lab.client.ssh_line("alice", "bastion", f'python3 -c "{count}"'))
    try:
        from lab import until

        until(lambda: "7300" in lab.direct("alice", "ss -Hltn").stdout, "it listens")
        answer = alice.ssh("-W", "web:7300", "alice@10.1.0.1", input=b"x" * 3_000_000)
        assert answer.stdout == "3000000"
    finally:
        counting.kill()
        counting.wait()


@pytest.fixture
def eve(lab):
    """She has a container of her own beside alice's, and another one behind a port where bob has one, too."""
    lab.bastion.admin("user", "add", "eve", "--key", lab.key("eve").public)
    place = ["--backend", "be1", "--address"]
    lab.bastion.admin("container", "add", "mine", "--owner", "eve", *place, "10.0.3.222", "--default")
    lab.bastion.admin("container", "add", "pub", "--owner", "eve", *place, "10.0.3.7:2201")
    lab.bastion.admin("container", "add", "pub", "--owner", "bob", *place, "10.0.3.7:2202")
    yield Laptop(lab, "eve")
    lab.bastion.admin("container", "remove", "bob/pub")
    lab.bastion.admin("user", "remove", "eve", "--yes")


@pytest.mark.parametrize(
    "destination, sentence",
    [
        ("alice@10.0.3.100", "10.0.3.100:22 is somebody else's container"),
        ("alice@alice/web", "you have no container named alice/web"),
        ("hop@10.1.1.11", "users may not connect to be1"),
        ("hop@be1", "users may not connect to be1"),
        ("hop@BE1", "users may not connect to be1"),
    ],
)
def test_what_is_not_hers_is_refused_with_a_sentence(eve, destination, sentence):
    refused = eve.ssh("-J", "eve@10.1.0.1", destination, "true")
    assert refused.status == 255
    assert f"administratively prohibited: bastion: {sentence}" in refused.stderr


@pytest.mark.parametrize("host", ["BE1", "be1.", "Be1."])
def test_capitals_and_a_dot_make_no_other_backend_either(eve, host):
    refused = eve.ssh("-W", f"{host}:22", "eve@10.1.0.1", input="")
    assert "prohibited: bastion: users may not connect to be1, and need no jump" in refused.stderr


def test_a_name_is_no_way_around_a_neighbour(eve):
    for host in ["pub", "eve/pub", "PUB."]:
        refused = eve.ssh("-W", f"{host}:2202", "eve@10.1.0.1", input="")
        assert "prohibited: bastion: " + host.lower().removesuffix(".") + ":2202 is somebody else's" in refused.stderr


def test_a_backend_that_is_none_to_her_reads_as_one_that_does_not_exist(eve):
    sentences = set()
    for host in ["be2", "10.1.1.12", "nothing", "10.1.1.99"]:
        said = eve.ssh("-W", f"{host}:22", "eve@10.1.0.1", input="")
        assert "eve" not in said.stdout and said.status == 255
        sentences.add(re.sub(r"\(id \w+\)", "", said.stderr))
    assert len(sentences) == 1, sentences


def test_loopback_is_the_containers_whatever_the_directory_holds(lab, alice):
    """Where the bastion runs beside containers whose sshd is forwarded to its loopback."""
    lab.bastion.admin("backend", "add", "loop", "127.0.0.1", "--login", "hop", "--direct")
    lab.bastion.admin("container", "add", "pub", "--owner", "alice", "--backend", "loop", "--address", "127.0.0.1:2200")
    try:
        bastions_own = Greeter("the bastion's", namespace=lab.bastion.namespace)
        with bastions_own, Greeter("web's", namespace=lab.container("alice").namespace) as webs:
            for host in ["127.0.0.1", "localhost", "LOCALHOST"]:
                assert alice.ssh("-W", f"{host}:{webs.port}", "alice@10.1.0.1", input="").stdout == "web's"
                assert alice.ssh("-W", f"{host}:{bastions_own.port}", "alice@10.1.0.1", input="").stdout == ""
            refused = alice.ssh("-W", f"pub:{bastions_own.port}", "alice@10.1.0.1", input="")
            assert "bastion: only port 2200 of pub leads into it; for another one, log in there and write localhost:" in refused.stderr
    finally:
        lab.bastion.admin("backend", "remove", "loop", "--yes")


@pytest.mark.parametrize("destination", ["127.0.0.1:22", "10.1.1.1:22", "169.254.169.254:80", "10.1.0.1:2222"])
def test_the_bastions_own_surroundings_are_reached_by_nobody(lab, alice, destination):
    """They are opened inside her container, where they are something else, or nothing."""
    lab.ssh("alice", "true").succeeded()
    outcome = alice.ssh("-W", destination, "alice@10.1.0.1", input="", timeout=60)
    if destination == "127.0.0.1:22":
        assert "SSH-2.0" in outcome.stdout  # her container's own sshd
    else:
        assert outcome.stdout == ""


def test_a_tunnel_to_a_stopped_container_says_so(own_lab):
    own_lab.container("alice").stop()
    refused = Laptop(own_lab, "alice").ssh("-J", "alice@10.1.0.1", "alice@web", "true")
    assert "connect failed: bastion: container alice/web is unreachable; is it running?" in refused.stderr


def test_a_tunnel_works_while_the_default_container_is_down(own_lab):
    own_lab.container("alice").stop()
    arrived = Laptop(own_lab, "alice").ssh("-J", "alice@10.1.0.1", "alice@db", "echo $BOX")
    assert arrived.succeeded().stdout == "be2/alice-db"


def test_ipv6_inside_a_backend(own_lab):
    lab = own_lab
    for namespace, device, address in [
        (lab.backend("be1").namespace, "containers", "fd00:3::1/64"),
        (lab.container("alice").namespace, "eth0", "fd00:3::100/64"),
    ]:
        run(namespace.command("sysctl", "-qw", f"net.ipv6.conf.{device}.disable_ipv6=0"))
        run(namespace.command("ip", "-6", "addr", "add", address, "dev", device, "nodad"))
    lab.container("alice").configure("ListenAddress [::]:22", "ListenAddress 0.0.0.0:22")
    lab.container("alice").restart()
    words = ["--owner", "alice", "--backend", "be1", "--address", "fd00:3::100", "--login", "alice"]
    lab.bastion.admin("container", "add", "six", *words)
    assert lab.ssh("alice+six", "echo $BOX").succeeded().stdout == "be1/alice"
    banner = Laptop(lab, "alice").ssh("-W", "[FD00:3:0::100]:22", "alice@10.1.0.1", input="")
    assert "SSH-2.0-OpenSSH" in banner.stdout


def test_many_tunnels_in_one_connection(lab, alice):
    """What ssh -L does for a browser: each connection a channel, all at once, each byte where it belongs."""
    with Greeter("hello", namespace=lab.container("alice").namespace, address="10.0.3.100") as greeter:
        process = lab.client.start("ssh", "-F", alice.config, "-N", "-L", f"7202:web:{greeter.port}", "alice@10.1.0.1")
        try:
            from lab import until

            until(lambda: not lab.client.refuses("127.0.0.1", 7202), "the forward listens")
            connections = [lab.client.connect("127.0.0.1", 7202) for _ in range(12)]
            assert [said_by(each) for each in connections] == ["hello"] * 12
        finally:
            process.kill()
            process.wait()
