"""Where a CA is trusted for host keys, a backend or container that shows a certificate of it is known without its key
being pinned or learned, and is not known without one."""

import json

import pytest
from hosts import Host, both

from lab.deadline import until
from lab.key import Key, fingerprint_of
from lab.process import run

pytestmark = pytest.mark.bastion_only


class CertifiedHost(Host):
    def principal(self, lab):
        """The name it has: a backend's address, and a container's alias, which it is given."""
        if self.kind == "backend":
            return json.loads(lab.bastion.admin("backend", "show", "be1", "--json"))["address"].split(":")[0]
        lab.bastion.admin("host-key", "alias", self.name, "web.example.com")
        return "web.example.com"

    def has_certificate(self, lab, ca, *options, names=None, lines=()):
        """Its sshd shows this one from now on."""
        machine = self.machine(lab)
        names = self.principal(lab) if names is None else names
        line = ["ssh-keygen", "-q", "-s", ca.path, "-h", "-I", f"{self.name} it is", *options]
        run([*line, *(["-n", names] if names else []), f"{machine.host_key_file}.pub"])
        machine.put("host_cert.pub", machine.host_key_file.with_name(machine.host_key_file.name + "-cert.pub").read_bytes())
        machine.speaks(f"HostCertificate /home/{machine.login}/host_cert.pub", *lines)


BOTH = both(CertifiedHost)
HOSTS = pytest.mark.parametrize("host", BOTH, ids=lambda host: host.kind)


@pytest.fixture
def ca(own_lab, tmp_path, request):
    """One that is trusted for the host of the test, and for no other; nothing else is known of that host."""
    host = request.getfixturevalue("host") if "host" in request.fixturenames else BOTH[0]
    made = Key(tmp_path / "host_ca")
    own_lab.bastion.admin("host-ca", "add", made.public, "--hosts", host.principal(own_lab))
    own_lab.bastion.tries("host-key", "forget", host.name)
    return made


def gets_in(lab):
    # A backend that has just failed is not dialled again at once.
    until(lambda: lab.ssh("alice", "echo $BOX").stdout == "be1/alice", "alice gets in")


def is_refused(lab, host, sentence="shows no valid certificate of its host key; tell your administrator"):
    until(lambda: f"{host.called} {sentence}" in lab.ssh("alice", "true").stderr, f"alice reads of {host.called}")


def has_changed(lab, host):
    sentence = f"the host key of {host.called} has changed; tell your administrator"
    until(lambda: sentence in lab.ssh("alice", "true").stderr, f"alice reads of {host.called}")


@HOSTS
def test_one_with_a_certificate_is_known_and_its_key_is_not_learned(own_lab, ca, host):
    host.has_certificate(own_lab, ca)
    gets_in(own_lab)
    key = fingerprint_of(host.machine(own_lab).host_key)
    until(lambda: host.known(own_lab) == {key: "certified"}, "it is remembered by what it was known")
    (row,) = json.loads(own_lab.bastion.admin("host-key", "list", host.name, "--json"))
    assert row["ca"] == ca.fingerprint
    own_lab.waits_for_log(f"key={key} ca={ca.fingerprint} id=\"{host.name} it is\"")
    assert f"its host key is known by a certificate of CA {ca.fingerprint}" in str(own_lab.bastion.explained("alice"))
    assert f"{key} (certified by CA {ca.fingerprint})" in own_lab.bastion.admin(host.kind, "show", host.name)


@HOSTS
def test_one_that_changes_its_key_is_known_by_its_new_certificate(own_lab, ca, host):
    host.has_certificate(own_lab, ca)
    gets_in(own_lab)
    host.machine(own_lab).new_host_key()
    is_refused(own_lab, host)
    host.has_certificate(own_lab, ca)
    gets_in(own_lab)
    key = fingerprint_of(host.machine(own_lab).host_key)
    until(lambda: host.known(own_lab) == {key: "certified"}, "what was refused before counts now")


@HOSTS
@pytest.mark.parametrize("mistake", ["expired", "early", "another CA", "another name", "no name", "no certificate"])
def test_a_certificate_that_does_not_count_is_none(own_lab, ca, host, mistake, tmp_path):
    name = host.principal(own_lab)
    why = {
        "expired": f"of CA {ca.fingerprint} does not count: it has expired at 2021-01-01T00:00:00Z",
        "early": f"of CA {ca.fingerprint} does not count: it begins at 2090-01-01T00:00:00Z",
        "another CA": f"which is not trusted for {name}",
        "another name": f"it is for other.example.com, and not for {name}",
        "no name": "it names no host",
        "no certificate": "it has shown no certificate",
    }[mistake]
    if mistake == "expired":
        host.has_certificate(own_lab, ca, "-V", "20200101Z:20210101Z")
    elif mistake == "early":
        host.has_certificate(own_lab, ca, "-V", "20900101Z:20910101Z")
    elif mistake == "another CA":
        host.has_certificate(own_lab, Key(tmp_path / "other"))
    elif mistake == "another name":
        host.has_certificate(own_lab, ca, names="other.example.com")
    elif mistake == "no name":
        host.has_certificate(own_lab, ca, names="")
    else:
        host.machine(own_lab).restart()
    is_refused(own_lab, host)
    own_lab.waits_for_log(why)
    said = own_lab.bastion.explained("alice")
    assert not said["succeeds"]
    assert "host-ca list" in str(said)
    key = fingerprint_of(host.machine(own_lab).host_key)
    assert host.known(own_lab) == {key: "refused"}
    checked = own_lab.bastion.check().stdout
    assert f"{host.kind} {host.name} has presented the host key {key} without a certificate that counts" in checked
    # A person may know better.
    own_lab.bastion.admin("host-key", "accept", host.name, key)
    gets_in(own_lab)


@HOSTS
def test_one_whose_key_is_pinned_needs_no_certificate(own_lab, ca, host):
    own_lab.bastion.admin("host-key", "pin", host.name, host.machine(own_lab).host_key)
    host.principal(own_lab)
    gets_in(own_lab)
    host.has_certificate(own_lab, ca, "-V", "20200101Z:20210101Z")
    gets_in(own_lab)
    host.machine(own_lab).new_host_key()
    has_changed(own_lab, host)


@HOSTS
def test_a_ca_that_is_removed_vouches_for_nobody_from_then_on(own_lab, ca, host):
    host.has_certificate(own_lab, ca)
    gets_in(own_lab)
    key = fingerprint_of(host.machine(own_lab).host_key)
    until(lambda: host.known(own_lab) == {key: "certified"}, "it is remembered by what it was known")
    own_lab.bastion.admin("host-ca", "remove", ca.fingerprint)
    # A hop that is up stays.
    host.machine(own_lab).restart()
    is_refused(own_lab, host)
    rows = json.loads(own_lab.bastion.admin("host-key", "list", host.name, "--json"))
    assert {"fingerprint": key, "state": "certified before", "ca": ca.fingerprint}.items() <= rows[0].items()
    own_lab.bastion.admin("host-key", "forget", host.name)
    gets_in(own_lab)
    assert host.known(own_lab) == {key: "learned"}


def test_a_session_that_runs_when_its_ca_is_removed_goes_on(own_lab, ca):
    host = BOTH[0]
    host.has_certificate(own_lab, ca)
    with own_lab.logged_in("alice"):
        own_lab.bastion.admin("host-ca", "remove", ca.fingerprint)
        is_refused(own_lab, host)
        sessions = json.loads(own_lab.bastion.admin("session", "list", "--json"))
        assert ["alice"] == [row["user"] for row in sessions if row["container"] == "alice/web"]


def test_a_ca_counts_for_the_names_it_was_added_for(own_lab, ca):
    host = BOTH[0]
    own_lab.bastion.admin("host-ca", "add", ca.public, "--hosts", "*.example.com,!web.example.com")
    host.has_certificate(own_lab, ca)
    gets_in(own_lab)
    assert host.known(own_lab) == {fingerprint_of(host.machine(own_lab).host_key): "learned"}


def test_an_address_that_exists_behind_every_backend_is_no_name(own_lab, ca):
    """Only the alias says which container it is."""
    host = BOTH[0]
    address = json.loads(own_lab.bastion.admin("container", "show", host.name, "--json"))["address"].split(":")[0]
    own_lab.bastion.admin("host-ca", "add", ca.public, "--hosts", address)
    host.has_certificate(own_lab, ca, names=address)
    own_lab.bastion.admin("host-key", "alias", host.name)
    gets_in(own_lab)
    assert host.known(own_lab) == {fingerprint_of(host.machine(own_lab).host_key): "learned"}


def test_new_keys_in_a_session_are_agreed_upon_with_the_certificate_too(own_lab, ca):
    host = BOTH[0]
    plain = ("HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com", "RekeyLimit 64K", "LogLevel DEBUG1")
    host.has_certificate(own_lab, ca, lines=plain)
    out = own_lab.ssh("alice", "head -c 1000000 /dev/zero | tr '\\0' x").succeeded().stdout
    assert len(out) == 1_000_000
    assert host.machine(own_lab).log.count("kex: host key algorithm: ssh-ed25519-cert-v01@openssh.com") > 5


def test_both_sides_show_certificates(own_lab, ca):
    host = BOTH[0]
    machine = host.machine(own_lab)
    machine.put("bastion-ca.pub", own_lab.bastion.admin("identity", "show", "--ca").encode())
    own_lab.bastion.admin("container", "set", "alice/web", "--identity", "certificate")
    trusts = (f"TrustedUserCAKeys /home/{machine.login}/bastion-ca.pub", "AuthorizedKeysFile none")
    host.has_certificate(own_lab, ca, lines=trusts)
    gets_in(own_lab)
