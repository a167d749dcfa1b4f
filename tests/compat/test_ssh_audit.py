"""What ssh-audit says of what strangers are offered."""

import json

import pytest
from lab import Lab
from registries import SSH_AUDIT

# NIST's curve is not liked by everybody. It is there for clients of hardware and of companies that have nothing else, and
# stands behind curve25519 and Ed25519 (docs/COMPATIBILITY.md).
_ARGUED = {("kex", "ecdh-sha2-nistp256"), ("key", "ecdsa-sha2-nistp256")}


def test_it_fails_nothing_but_what_the_page_argues_for():
    if reason := SSH_AUDIT.missing():
        pytest.skip(reason)
    with Lab(("be1",), path="bastion") as lab:
        audit = ["env", f"PYTHONPATH={SSH_AUDIT.folder}", "/usr/bin/python3", "-m", "ssh_audit.ssh_audit"]
        outcome = lab.client.run(*audit, "-jj", "--skip-rate-test", "-p", "2222", "10.1.0.1")
        said = json.loads(outcome.stdout)
        failed = {
            (kind, offered["algorithm"])
            for kind in ("kex", "key", "enc", "mac")
            for offered in said[kind]
            if offered.get("notes", {}).get("fail")
        }
        assert failed == _ARGUED
        assert said["cves"] == []
