"""A machine of the lab that has a bastion, etcd, Patroni and PostgreSQL, as Debian's packages install them: /etc and the folders of
the packages are its own, its users are this machine's. Whoever installs the packages here starts nothing of them."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess

from lab.deadline import until
from lab.mounts import bind, copy_of_etc
from lab.process import LEASH, start
from operators import Operator

# What they say when they are not there.
PROGRAMS = ("etcd", "patroni", "patronictl", "psql")
CONFIG = "/etc/patroni/config.yml"
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def missing():
    return [program for program in PROGRAMS if not shutil.which(program, path=_PATH)]


class Machine(Operator):
    """Whoever sits there types what the page says; units are what is started for `systemctl`."""

    def __init__(self, bastion, places, folder):
        super().__init__(bastion, places)
        self._places |= {f"/etc/bastion/{name}": bastion.config.parent / name for name in ("passfile", "fleet-ca.crt")}
        self._root = folder
        folder.mkdir()
        mounts = [(copy_of_etc(folder), "/etc")]
        for owner, place in (("etcd", "/var/lib/etcd"), ("postgres", "/var/lib/postgresql"), ("postgres", "/run/postgresql")):
            here = folder / place.strip("/").replace("/", "-")
            here.mkdir()
            shutil.chown(here, owner)
            mounts.append((here, place))
        self._enter = f"set -e\nmkdir -p /run/postgresql\n{bind(mounts)}\n" + 'exec "$@"'
        # As they are without whatever this machine has.
        for name in ("default/etcd", "patroni/config.yml", "patroni_env.conf"):
            (folder / "etc" / name).unlink(missing_ok=True)
        self._running = {}

    def command(self, *argv):
        """argv as root gives it there."""
        return self.bastion.namespace.command("unshare", "--mount", "sh", "-c", self._enter, "sh", *argv)

    def _functions(self):
        packages = ("postgresql-common", "postgresql etcd-server patroni")
        asked = " || ".join(f'[ "$*" = "install --yes {each}" ]' for each in packages)
        return f"""{super()._functions()}
runuser() {{
  case "$1 $2 $3" in
    "-u bastion --") shift 3 && "$@" ;;
    "-u postgres --") (cd / && command runuser "$@") ;;
    *) false ;;
  esac
}}
install() {{ if [ "$1 $2 $3 $4" = "-o bastion -g bastion" ]; then shift 4; fi; command install "$@"; }}
psql() {{ command psql "$@"; }}
apt-get() {{ {asked}; }}
"""

    def _line(self, script):
        return self.command("bash", "-c", script)

    def _does(self, line):
        match line:
            case "systemctl enable etcd patroni":
                pass
            case "systemctl restart --no-block etcd":
                self._starts("etcd", "/etc/default/etcd", "etcd")
            case "systemctl start patroni":
                self._starts("patroni", "/etc/patroni_env.conf", "postgres", CONFIG)
            case _:
                super()._does(line)

    def _starts(self, program, settings, user, *words):
        """What the unit of the package does."""
        home = pwd.getpwnam(user).pw_dir
        as_user = f"setpriv --reuid={user} --regid={user} --clear-groups --pdeathsig=KILL -- {program}"
        script = f'set -a; . {settings}; set +a; cd {home}; exec {as_user} "$@"'
        with open(self._root / f"{program}.log", "ab") as log:
            line = self.command("sh", "-c", script, "sh", *words)
            environment = {"PATH": _PATH, "HOME": home, "LANG": "C.UTF-8"}
            self._running[program] = start(line, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def boots(self):
        """Everything that is enabled there is started."""
        self.bastion.namespace.ip("link set wire1 up")
        self._does("systemctl restart --no-block etcd")
        self._does("systemctl start patroni")
        self.bastion.start()

    def dies(self):
        """Nobody hears of it any more, and every process there is gone at once."""
        self.bastion.namespace.ip("link set wire1 down")
        self.bastion.kill()
        self._kill(self.bastion.namespace.pids)

    def ends(self):
        """Its services, but for the bastion."""
        users = {pwd.getpwnam(user).pw_uid for user in ("etcd", "postgres")}
        self._kill(lambda: [pid for pid in self.bastion.namespace.pids() if _owner(pid) in users])
        print(*(f"{file.name} of {self._root.name}:\n{file.read_text(errors='replace')[-6000:]}" for file in self._root.glob("*.log")), sep="\n")

    def _kill(self, pids):
        def none_left():
            for pid in (found := pids()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return not found

        until(none_left, "its processes are gone")
        for process in self._running.values():
            process.wait()
        self._running = {}

    def patronictl(self, *words):
        line = self.command("runuser", "-u", "postgres", "--", "patronictl", "-c", CONFIG, *words)
        done = subprocess.run([*LEASH, *line], cwd="/", capture_output=True, text=True, timeout=60, check=False)
        return done.stdout

    def ask(self, sql):
        """Its own PostgreSQL."""
        line = self.command("runuser", "-u", "postgres", "--", "psql", "-XAtqc", sql)
        done = subprocess.run([*LEASH, *line], cwd="/", capture_output=True, text=True, timeout=60, check=False)
        return done.stdout.strip()


def _owner(pid):
    with contextlib.suppress(FileNotFoundError):
        return os.stat(f"/proc/{pid}").st_uid
    return None
