"""An account may be called as a mail address, with a domain before it, or in any script, with stock ssh."""

import signal

import pytest

from lab import until

pytestmark = pytest.mark.bastion_only

NAMES = ["nina@corp.example", "CORP\\\\Nina", "Нина"]


def login(lab, name):
    client = lab.client
    return client.run("ssh", "-F", client.config, "-i", lab.key("nina").path, f"{name}@bastion", "echo $BOX")


@pytest.mark.parametrize("name", [name.replace("\\\\", "\\") for name in NAMES])
def test_she_gets_in_and_names_what_she_wants(own_lab, name):
    admin = own_lab.bastion.admin
    admin("user", "add", name, "--key", own_lab.key("nina").public)
    admin("container", "share", "alice/web", name)
    admin("container", "share", "alice/db", name)
    assert login(own_lab, f"{name}+alice/web").stdout == "be1/alice"
    assert login(own_lab, f"{name}+db").stdout == "be2/alice-db"
    assert name in admin("session", "list", "--all")
    assert name in admin("audit", "list")
    assert f"user={name}" in own_lab.log
    # Not without case, as nothing is configured.
    assert "Permission denied" in login(own_lab, f"{name.swapcase()}+db").stderr


def test_without_case_where_that_is_configured(own_lab):
    own_lab.bastion.configure(fold_names=True)
    own_lab.bastion.send(signal.SIGHUP)
    until(lambda: "configuration read again" in own_lab.log, "the file is read")
    own_lab.bastion.admin("user", "add", "CORP\\Nina", "--key", own_lab.key("nina").public)
    own_lab.bastion.admin("container", "share", "alice/web", "CORP\\Nina")
    until(lambda: login(own_lab, "corp\\nina").stdout == "be1/alice", "she gets in, however she writes her name")
    assert login(own_lab, "corp\\NINA+ALICE/web").stdout == "be1/alice"
    refused = own_lab.bastion.tries("user", "add", "corp\\nina")
    assert "exists already, as CORP\\Nina" in refused.stderr
