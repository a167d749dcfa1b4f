"""Somebody who follows the documentation: its commands, as they stand there, are given to a shell at her own desk.

Here are only the things that differ at the lab: addresses, accounts, keys, and commands that would change this machine.
"""

import itertools
import re
import shlex

from lab import topology
from lab.key import scan_line
from lab.lab import PORT
from lab.workstation import Workstation

HOST = "bastion.example.org"
BACKENDS = {f"192.0.2.1{number}": f"be{number}" for number in (1, 2, 3)}
_numbers = itertools.count()


class Newcomer:
    """`users` sit at her desk in turn, each with keys of their own. `functions` are shell functions: what the lab does
    in another way. `backends` are those of the lab, by the address that a page writes."""

    def __init__(self, lab, users, functions="", also_called=(), backends=BACKENDS):
        self._lab = lab
        self._users = users
        self._backends = {written: name for written, name in backends.items() if name in lab.backends}
        self._functions = self._ssh_copy_id() + functions
        self.desk = self._furnished_desk(also_called)

    def give(self, example):
        """Gives the commands of an example, which must all succeed."""
        script = f"set -euo pipefail\n{self._functions}\n{self._at_the_lab(example.text)}"
        outcome = self.desk.run("bash", "-c", script)
        assert outcome.status == 0, (
            f"{example}\n{example.text}\nexit status {outcome.status}\n{outcome.stdout}\n{outcome.stderr}"
        )
        return outcome

    def _furnished_desk(self, also_called):
        lab = self._lab
        address = topology.BASTION["front"]
        scan = lab.client.run(*scan_line(address, PORT)).succeeded().stdout
        host_keys = [line.split(" ", 1)[1] for line in scan.splitlines() if line[0] != "#"]
        names = [HOST, *also_called]
        known = {f"[{name}]:{PORT}": host_keys for name in names}
        desk = Workstation(lab.client.namespace, lab.folder / f"desk{next(_numbers)}", lab.key("you"), dict.fromkeys(names, address), known)
        lines = []
        for user in self._users:
            lines.append(f"Match user {user},{user}+*\n  IdentitiesOnly yes\n  BatchMode yes\n")
            lines += [f"  IdentityFile {lab.key(each).path}\n" for each in (user, f"{user}-desktop")]
        (desk.home / ".ssh" / "config").write_text("".join(lines))
        return desk

    def _ssh_copy_id(self):
        """A command that would need another machine: a login to a backend past the bastion."""
        file = lambda name: shlex.quote(str(self._lab.backend(name).home / ".ssh" / "authorized_keys"))
        places = [(topology.address_for_predecessor(name), file(name)) for name in self._backends.values()]
        installs = "".join(f'    *@{address}) cat "$3" >>{where} ;;\n' for address, where in places)
        return f'ssh-copy-id() {{ [ "$1 $2" = "-f -i" ] && case "$4" in\n{installs}    *) false ;;\n  esac; }}\n'

    def _at_the_lab(self, block):
        key = lambda found: self._lab.key(found[1] if found[2] == "laptop" else f"{found[1]}-{found[2]}").public
        block = re.sub(r"ssh-ed25519 AAAA… (\w+)@(\w+)", key, block)
        block = block.replace("SHA256:…", self._lab.key("alice").fingerprint)
        block = block.replace("--login bastion", f"--login {topology.HOP_LOGIN}")
        for written, name in self._backends.items():
            block = block.replace(written, topology.address_for_predecessor(name))
        assert "…" not in block, f"something to fill in that nobody knows here: {block}"
        return block
