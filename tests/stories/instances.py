"""A backend whose account is bound to `bastion-instances`, and what answers there as incus does: instances are files in the
home of that account, and the one that the stories make is a machine of the lab, which the story boots."""

import json
import pathlib

from lab.deadline import until

PROGRAM = pathlib.Path(__file__).parents[2] / "packaging" / "backend" / "bastion-instances"
ALLOWED = """\
name    web
name    db-*
image   images:debian/12/cloud    # taken where none is asked for
image   images:alpine/*
profile default
project default
login   *
limit   3
"""
# `early` is a script of the story's own, in which `exit` is its answer.
INCUS = """\
#!/bin/sh
cd && mkdir -p instances && echo "$*" >>asked
verb=$1
[ ! -e early ] || . ./early
case "$*" in
  "list --all-projects --format csv --columns n,config:user.bastion")
    for one in instances/*; do [ ! -e "$one" ] || echo "${one#*/},$(cat "$one")"; done ;;
  "list ^"*"$ --all-projects --format csv --columns en")
    for one in instances/*; do [ ! -e "$one" ] || echo "default,${one#*/}"; done ;;
  "list "*) cat listed ;;
  "init "*)
    [ ! -e "instances/$3" ] || { echo "Error: Instance \\"$3\\" already exists" >&2; exit 1; }
    for word; do case $word in user.bastion=*) echo "${word#*=}" >"instances/$3" ;; esac; done ;;
  "config get "*) cat "instances/$3" ;;
  "exec "*" -- cat /proc/net/tcp /proc/net/tcp6")
    [ ! -e listens ] || echo "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000" ;;
  "exec box --project default -- /usr/sbin/sshd -i") exec sh box.sh ;;
  "exec "*" -- sh -c "*) shift 9 && echo "$*" >>pushed ;;
  "file pull "*ed25519*) cat host_key ;;
  "file pull "*) echo "Error: Not Found" >&2; exit 1 ;;
  "delete "*) rm "instances/$2" ;;
  "query "*) cat resources ;;
esac
"""


class Instances:
    """What runs on a backend of the lab."""

    def __init__(self, lab, backend="be1", program="incus"):
        self.lab = lab
        self.backend = lab.backend(backend)
        self.backend.give_shell("/bin/sh")
        self.backend.install(program, INCUS)
        self.backend.install("bastion-instances", PROGRAM.read_text())
        self.allows(ALLOWED)
        bound = 'restrict,port-forwarding,command="/usr/local/bin/bastion-instances /usr/local/bin/allowed"'
        self.backend.authorize(*(f"{bound} {key}" for key in lab.bastion.identity()))
        self.lists("[]")

    def allows(self, lines):
        """Root's file: the account of the hop cannot change it."""
        self.backend.install("allowed", lines)

    def lists(self, document):
        self.backend.put("listed", document.encode())

    def answers(self, script):
        """Before anything else; nothing: no more."""
        self.backend.put("early", script.encode())

    def has(self, name, mark=""):
        folder = self.backend.home / "instances"
        if not folder.exists():
            folder.mkdir()
            folder.chmod(0o777)
        (folder / name).write_text(mark)

    def there(self):
        folder = self.backend.home / "instances"
        return sorted(each.name for each in folder.iterdir()) if folder.exists() else []

    def asked(self, word):
        file = self.backend.home / "asked"
        return [each for each in file.read_text().splitlines() if each.startswith(word)] if file.exists() else []

    def gets_an_address(self, name, address):
        card = {"host_name": "veth1", "addresses": [{"family": "inet", "scope": "global", "address": address}]}
        one = {"name": name, "status": "Running", "location": "none", "state": {"network": {"eth0": card}}}
        self.lists(json.dumps([one]))

    def boots(self, name, machine, address="10.0.3.100"):
        """What the daemon would do with what was launched: it has an address, then an sshd with our key."""
        until(lambda: name in self.there(), "it is launched")
        machine.start()
        self.backend.put("host_key", f"{machine.host_key}\n".encode())
        self.gets_an_address(name, address)
        self.backend.put("listens", b"")
        pushed = self.backend.home / "pushed"
        until(lambda: pushed.exists() and pushed.read_text(), "the key is pushed")
        (line,) = {each.partition(" ")[2] for each in pushed.read_text().splitlines()}
        machine.authorize(line)
