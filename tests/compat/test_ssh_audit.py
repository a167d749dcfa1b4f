"""What ssh-audit says of what strangers are offered."""

import json

import pytest
from lab import Lab
from registries import SSH_AUDIT

# NIST's curve is not liked by everybody. It is there for clients of hardware and of companies that have nothing else, and
# stands behind curve25519 and Ed25519 (docs/COMPATIBILITY.md).
_ARGUED = {("kex", "ecdh-sha2-nistp256"), ("key", "ecdsa-sha2-nistp256")}


def audited(settings, *options):
    if reason := SSH_AUDIT.missing():
        pytest.skip(reason)
    with Lab(("be1",), path="bastion", settings=settings) as lab:
        audit = ["env", f"PYTHONPATH={SSH_AUDIT.folder}", "/usr/bin/python3", "-m", "ssh_audit.ssh_audit"]
        return json.loads(lab.client.run(*audit, "-jj", *options, "-p", "2222", "10.1.0.1").stdout)


def test_it_fails_nothing_but_what_the_page_argues_for():
    said = audited(None, "--skip-rate-test")
    failed = {
        (kind, offered["algorithm"])
        for kind in ("kex", "key", "enc", "mac")
        for offered in said[kind]
        if offered.get("notes", {}).get("fail")
    }
    assert failed == _ARGUED
    assert said["cves"] == []


@pytest.mark.parametrize("exempt", [[], ["10.1.0.0/24"]])
def test_it_finds_that_connections_are_throttled_unless_their_network_is_exempt(exempt):
    # As they are in a new installation, but for the networks; the lab's own are wider.
    said = audited({"exempt": exempt, "max_startups": "100:30:200", "max_startups_per_source": 20})
    warned = [note for note in said["additional_notes"] if "throttling" in note]
    assert bool(warned) == bool(exempt)
