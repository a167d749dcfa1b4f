"""docs/FLEET.md, from nothing to two bastions: its commands are given as they stand, each on the machine that it is for.

What differs at the lab is named here: addresses, folders, how a service is started, and who somebody is on a machine.
"""

import re
import shlex
import shutil
import subprocess

import pytest

import examples
from fleet import ADDRESS, Fleet
from lab.bastion import binary
from lab.deadline import until

pytestmark = pytest.mark.bastion_only

(PAGE,) = [page for page in examples.PAGES if page.name == "FLEET.md"]
FIRST, SECOND, THIRD = "The first bastion", "A second bastion", "A bastion that has users already"


def blocks(section):
    """The commands below a heading."""
    text = PAGE.read_text()
    (part,) = re.findall(rf"^## {section}\n.*?(?=^## )", text, re.MULTILINE | re.DOTALL)
    return [each for each in examples.examples(PAGE, part) if each.is_run]


class Machine:
    """Where commands are typed: a folder, and a bastion."""

    def __init__(self, fleet, bastion):
        self._postgres = fleet.postgres
        self.bastion = bastion
        self.folder = bastion.config.parent / "home"
        self.folder.mkdir()

    def _functions(self):
        config = shlex.quote(str(self.bastion.config))
        return f"""
bastion() {{ local verb=$1; shift; {shlex.quote(str(binary()))} "$verb" --config {config} "$@"; }}
runuser() {{
  case "$1 $2 $3" in
    "-u bastion --") shift 3 && "$@" ;;
    "-u postgres --") shift 3 && PGHOST={self._postgres.folder} PGUSER=postgres PGDATABASE=postgres "$@" ;;
    *) false ;;
  esac
}}
install() {{ [ "$1 $2 $3 $4 $5 $6" = "-o bastion -g bastion -m 600" ] && command install -m 600 "$7" "$8"; }}
apt-get() {{ [ "$*" = "install --yes postgresql" ]; }}
"""

    def give(self, example):
        lines = []
        for line in example.text.splitlines(keepends=True):
            if line.startswith("systemctl "):
                self._run(lines)
                lines = []
                self._does(line.strip())
            else:
                lines.append(line)
        self._run(lines)

    def _does(self, line):
        """What systemd would."""
        match line:
            case "systemctl stop bastion":
                self.bastion.terminate()
                assert self.bastion.ended() == 0
            case "systemctl start bastion" | "systemctl enable --now bastion":
                self.bastion.start()
            case "systemctl restart postgresql":
                self._postgres.stop()
                self._postgres.start()
            case _:
                raise AssertionError(f"nobody knows here what this does: {line}")

    def _run(self, lines):
        text = "".join(lines)
        places = {
            "/etc/bastion/bastion.toml": self.bastion.config,
            "/etc/bastion/passfile": self.folder / "passfile-of-the-bastion",
            "host=/run/postgresql": f"host={self._postgres.folder} user=bastion",
            "192.0.2.21": ADDRESS,
            "192.0.2.22/32": "10.1.1.0/24",
        }
        for written, here in places.items():
            text = text.replace(written, str(here))
        script = f"set -euo pipefail\n{self._functions()}\n{text}"
        line = self.bastion.namespace.command("bash", "-c", script)
        done = subprocess.run(line, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"


@pytest.fixture
def fleet(own_lab):
    with Fleet(own_lab, listens=False) as fleet:
        fleet.postgres.becomes_as_installed()
        yield fleet


def test_the_page_leads_from_nothing_to_two_bastions(fleet):
    lab = fleet.lab
    first = Machine(fleet, lab.bastion)
    for block in blocks(FIRST):
        first.give(block)
    assert fleet.ssh("bastion", "alice", "echo $BOX").stdout == "be1/alice"
    second = Machine(fleet, fleet.machine("two", workers=2))
    on_first, to_carry, on_second, both = blocks(SECOND)
    first.give(on_first)
    first.give(to_carry)
    for file in ("join-key", "passfile"):
        shutil.move(first.folder / file, second.folder / file)
    second.give(on_second)
    second.give(both)
    assert fleet.ssh("two", "alice", "echo $BOX").stdout == "be1/alice"
    until(lambda: "nina" in lab.bastion.admin("user", "list"), "the first one has what the second one has added")
    # One that has users already: another alice, and nobody else.
    third = Machine(fleet, fleet.machine("three", workers=2))
    third.bastion.init("root", lab.key("root").path.with_suffix(".pub"))
    third.bastion.admin("user", "add", "alice", "--key", lab.key("alice-3").public)
    third.bastion.start()
    first.give(to_carry)
    for file in ("join-key", "passfile"):
        shutil.move(first.folder / file, third.folder / file)
    for block in blocks(THIRD):
        third.give(block)
    assert fleet.ssh("three", "alice", "echo $BOX").stdout == "be1/alice"
    until(lambda: "alice-3" in lab.bastion.admin("user", "list"), "the first one has what the third one has brought along")
