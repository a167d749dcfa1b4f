"""What is made around the package: a machine described for cloud-init, and a role for Ansible, each by its own tool."""

import re
import subprocess

import yaml
from machine import REPOSITORY

DESCRIPTION = REPOSITORY / "packaging" / "cloud-init" / "user-data"
ROLE = REPOSITORY / "packaging" / "ansible"
# In a root without systemd Ansible asks these two, which write down what was asked for.
SERVICES = ["/usr/sbin/service", "/etc/init.d/bastion"]
SERVICE = """#!/bin/sh
### BEGIN INIT INFO
# Provides: bastion
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
### END INIT INFO
echo $0 $* >>/root/services
"""


def test_a_machine_made_by_cloud_init_is_a_bastion(machine):
    machine.apt("install", "cloud-init", "curl")
    machine.put(DESCRIPTION, "/root/user-data")
    assert "Valid cloud-config" in machine.run("cloud-init", "schema", "--config-file", "/root/user-data")
    description = yaml.safe_load(DESCRIPTION.read_text())
    for file in description["write_files"]:
        machine.run("sh", "-c", f"mkdir -p $(dirname {file['path']}); cat >{file['path']}", input=file["content"])
    machine.run("sh", "-c", "cat >/root/administrator.pub", input=machine.key.public)
    digest = machine.run("sha256sum", "/root/bastion.deb").split()[0]
    machine.run("mv", "/root/bastion.deb", "/root/elsewhere.deb")
    first, *commands = description["runcmd"]
    assert first == "systemctl restart ssh"
    for command in commands:
        machine.run("sh", "-c", command.replace("DEB_URL", "file:///root/elsewhere.deb").replace("DEB_SHA256", digest), network="host")
    with machine.serving():
        assert machine.ssh("22", "-s", "you@127.0.0.1", "admin", "user", "list").succeeded().stdout


def test_the_role_makes_a_bastion_and_changes_nothing_the_second_time(machine):
    machine.apt("install", "ansible-core", "python3-apt")
    tar = subprocess.run(["tar", "-C", REPOSITORY / "packaging", "-c", "ansible"], stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(machine.line("tar", "-C", "/root", "-x"), input=tar, check=True, cwd="/")
    for file in SERVICES:
        machine.run("sh", "-c", f"cat >{file}; chmod +x {file}", input=SERVICE)
    values = {
        "bastion_package": "/root/bastion.deb",
        "bastion_settings": {"listen": ["127.0.0.1:2200"], "max_startups": 7},
        "bastion_administrators": [{"name": "you", "key": machine.key.public}],
    }
    line = ["ansible-playbook", "-i", "/root/hosts", "/root/ansible/bastion.yml", "-e", "@/root/values.yml"]
    machine.run("sh", "-c", "cat >/root/values.yml", input=yaml.safe_dump(values))
    machine.run("sh", "-c", "printf '[bastions]\\nlocalhost ansible_connection=local\\n' >/root/hosts")
    play = lambda *words: machine.run("env", "LC_ALL=C.UTF-8", *line, *words, network="host")
    play("--syntax-check")
    assert changed(play()) > 2
    # It says that it runs, so what has changed is for it to read.
    assert "bastion reload" in machine.run("cat", "/root/services")
    assert changed(play()) == 0
    with machine.serving():
        assert machine.ssh("2200", "-s", "you@127.0.0.1", "admin", "user", "list").succeeded().stdout


def changed(said):
    return int(re.search(r"localhost +: ok=\d+ +changed=(\d+)", said).group(1))
