"""The machine of these tests: a clean Debian 12, the package on it, and somebody with a key in front of it."""

import os
import pathlib

import root
from lab.client import Client
from lab.key import Key

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
STATE = "/var/lib/bastion"


def package():
    named = os.environ.get("BASTION_DEB")
    found = [pathlib.Path(named)] if named else sorted((REPOSITORY / "build" / "deb").glob("bastion_*.deb"))
    assert found and found[0].exists(), "there is no package to test: packaging/deb makes one"
    return found[0]


class Machine(root.Root):
    def __init__(self, namespace, folder, system=None):
        super().__init__(namespace, folder, system)
        self.key = Key(folder / "keys" / "you")
        self.client = Client(namespace, folder / "client", "none", lambda user: self.key.path)
        if system is None:
            self.put(package(), "/root/bastion.deb")
            self.apt("update")

    def install(self, *words):
        return self.apt("install", *words, "/root/bastion.deb")

    def ssh(self, port, *words):
        options = ["-F", "none", "-i", self.key.path, "-p", port, "-o", "StrictHostKeyChecking=accept-new"]
        options += ["-o", f"UserKnownHostsFile={self.folder}/known", "-o", "LogLevel=ERROR"]
        return self.client.run("ssh", *options, *words)

    def fingerprints(self):
        return self.run("sh", "-c", f"sha256sum {STATE}/host_keys/* {STATE}/identity/*")
