"""Backends and containers have host keys of several kinds, as any sshd has: each that is known will do, and no other."""

import json
import re
import sqlite3

import pytest
from hosts import Host, both

from lab.deadline import until
from lab.key import Key, fingerprint_of

pytestmark = pytest.mark.bastion_only

ECDSA, ED25519 = "ecdsa-sha2-nistp256", "ssh-ed25519"


class HostOfKeys(Host):
    def has_both(self, lab):
        """It has a key of each kind from now on; returns them by algorithm."""
        machine = self.machine(lab)
        other = Key(machine.home.parent / "ecdsa_key", "ecdsa")
        machine.put("ecdsa_key", other.path.read_bytes())
        machine.configure(f"HostKey /home/{machine.login}/ecdsa_key")
        return {ECDSA: " ".join(other.public.split()[:2]), ED25519: machine.host_key}

    def presents(self, lab, *algorithms):
        self.machine(lab).speaks(f"HostKeyAlgorithms {','.join(algorithms)}")

    def shown(self, lab):
        return json.loads(lab.bastion.admin(self.kind, "show", self.name, "--json"))


BOTH = both(HostOfKeys)
HOSTS = pytest.mark.parametrize("host", BOTH, ids=lambda host: host.kind)


def gets_in(lab):
    # A backend that has just failed is not dialled again at once.
    until(lambda: lab.ssh("alice", "echo $BOX").stdout == "be1/alice", "alice gets in")


def is_refused(lab, host):
    sentence = f"the host key of {host.called} has changed; tell your administrator"
    until(lambda: sentence in lab.ssh("alice", "true").stderr, f"alice reads of {host.called}")


@HOSTS
def test_one_that_gets_a_key_of_a_better_kind_is_still_the_same(own_lab, host):
    keys = host.has_both(own_lab)
    host.presents(own_lab, ECDSA)
    gets_in(own_lab)
    host.presents(own_lab, ED25519, ECDSA)
    gets_in(own_lab)
    assert host.known(own_lab) == {fingerprint_of(keys[ECDSA]): "learned"}


@HOSTS
def test_any_of_those_that_are_known_will_do_and_one_that_is_forgotten_will_not(own_lab, host):
    keys = host.has_both(own_lab)
    for key in keys.values():
        own_lab.bastion.admin("host-key", "pin", host.name, key)
    for algorithm in keys:
        host.presents(own_lab, algorithm)
        gets_in(own_lab)
    assert host.known(own_lab) == {fingerprint_of(key): "pinned" for key in keys.values()}
    gone, stays = fingerprint_of(keys[ED25519]), fingerprint_of(keys[ECDSA])
    own_lab.bastion.admin("host-key", "forget", host.name, gone)
    host.presents(own_lab, ED25519)
    is_refused(own_lab, host)
    until(lambda: host.known(own_lab) == {stays: "pinned", gone: "refused"}, "it is remembered what was refused")
    host.presents(own_lab, *keys)
    gets_in(own_lab)


@HOSTS
def test_another_one_is_shown_with_the_one_expected_and_accepted_by_its_fingerprint(own_lab, host):
    lab = own_lab
    gets_in(lab)
    old = fingerprint_of(host.machine(lab).host_key)
    assert host.shown(lab)["host_key"] == f"{old} (learned)"
    host.machine(lab).new_host_key()
    new = fingerprint_of(host.machine(lab).host_key)
    is_refused(lab, host)
    both = f"expected {old}, got {new}"
    lab.waits_for_log(both)
    assert both in lab.bastion.explained("alice")["why"]
    until(lambda: host.known(lab) == {old: "learned", new: "refused"}, "it is remembered what was refused")
    assert f"{host.kind} {host.name} has presented another host key: {both}" in lab.bastion.check().succeeded().stdout
    assert host.shown(lab)["host_key"] == f"{old} (learned)"
    assert re.fullmatch(rf"{re.escape(new)} \(presented 2\S+Z\)", host.shown(lab)["refused_host_key"])
    assert "presented last" in lab.bastion.tries("host-key", "accept", host.name, old).stderr
    is_refused(lab, host)
    lab.bastion.admin("host-key", "accept", host.name, new)
    gets_in(lab)
    assert host.known(lab) == {new: "pinned"}
    assert "another host key" not in lab.bastion.check().stdout
    with sqlite3.connect(lab.bastion.state / "bastion.db") as database:
        rows = set(database.execute("SELECT action, subject, outcome FROM audit WHERE action LIKE '%host-key%'"))
    done = {("learn-host-key", host.name, "done"), ("host-key accept", f"{host.name} {new}", "done")}
    assert done | {("host-key accept", host.name, "refused")} <= {(a, s if o == "done" else s.split()[0], o) for a, s, o in rows}
