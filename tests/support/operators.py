"""Somebody who sits at a bastion's machine and types what a page says, as it stands.

What differs at the lab is named here: folders, how a service is started, and who somebody is on a machine.
"""

import shlex
import subprocess

from lab.bastion import binary


class Operator:
    """Of one bastion; of the fleet's PostgreSQL, where there is one. `places` are words of the page, and what they are here;
    `password` is what psql asks for."""

    def __init__(self, bastion, places, postgres=None, password=""):
        self._postgres = postgres
        self._password = password
        self._places = {"/etc/bastion/bastion.toml": bastion.config} | places
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
    "-u postgres --") shift 3 && {self._as_postgres()} "$@" ;;
    *) false ;;
  esac
}}
install() {{ [ "$1 $2 $3 $4 $5" = "-o bastion -g bastion -m" ] && shift 4 && command install "$@"; }}
psql() {{ PGPASSWORD={shlex.quote(self._password)} command psql "$@"; }}
apt-get() {{ [ "$*" = "install --yes postgresql" ] || [ "$*" = "install --yes postgresql-client" ]; }}
"""

    def _as_postgres(self):
        return f"PGHOST={self._postgres.folder} PGUSER=postgres PGDATABASE=postgres" if self._postgres else "false"

    def save(self, name, example):
        """A file of the page."""
        (self.folder / name).write_text(self.here(example.text))

    def give(self, example, folder="."):
        """The commands of an example, which must all succeed, in a folder below the one where somebody is at home."""
        lines = []
        for line in example.text.splitlines(keepends=True):
            if line.startswith("systemctl "):
                self._run(lines, folder)
                lines = []
                self._does(line.strip())
            else:
                lines.append(line)
        self._run(lines, folder)

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

    def here(self, text):
        """What the page says, with the names of the lab."""
        for written, here in self._places.items():
            text = text.replace(written, str(here))
        return text

    def _line(self, script):
        return self.bastion.namespace.command("bash", "-c", script)

    def _run(self, lines, folder):
        text = self.here("".join(lines))
        line = self._line(f"set -euo pipefail\n{self._functions()}\n{text}")
        done = subprocess.run(line, cwd=self.folder / folder, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
