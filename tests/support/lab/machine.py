"""A machine of the lab: its own network, processes, accounts, /tmp and hostname, and a real sshd as its first process."""

import contextlib
import os
import pathlib
import shlex
import signal

from .account import Accounts
from .deadline import until
from .key import Key
from .mounts import bind
from .process import run, start
from .readiness import Readiness
from .sshd import DEBIAN

# Runs as the first process inside; everything it mounts is seen by this machine alone.
_BOOT = """\
set -e
hostname {name}
{mounts}
mount -t tmpfs tmpfs /run && mkdir /run/sshd
mount -t tmpfs tmpfs /tmp && chmod 1777 /tmp
mount -t tmpfs tmpfs /var/log
mount --bind {folder}/home /home
mount --bind {folder}/programs /usr/local/bin
mount --bind {etc} /etc
{accounts}
exec {sshd}
"""


class Machine:
    def __init__(self, name, namespace, folder, etc, programs, *, login, shell="/bin/bash", box=None, sshd=DEBIAN):
        """`etc` is a copy_of_etc (mounts.py) and `programs` are own_programs, which machines may share; `sshd` is one of the
        kinds in sshd.py."""
        self.name = name
        self.namespace = namespace
        self.login = login
        # What a story installs is found first.
        self._environment = {"PATH": f"/usr/local/bin:{programs}"} | ({"BOX": box} if box else {})
        self._sshd = sshd
        self._folder = folder
        self._etc = etc
        self._extra = []
        self._process = None
        self._cables = []
        self._accounts = Accounts(folder, login, shell)
        self._programs = folder / "programs"

    def create(self):
        self._folder.mkdir(parents=True)
        self._accounts.create()
        self._programs.mkdir()
        self._host_key = Key(self._folder / "host_key")

    @property
    def home(self):
        """The login's home, as the path on this side of the mount."""
        return self._accounts.home

    @property
    def host_key(self):
        return " ".join(self._host_key.public.split()[:2])

    @property
    def host_key_file(self):
        return self._host_key.path

    @property
    def log(self):
        file = self._folder / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    def authorize(self, *keys):
        self._accounts.authorize(keys)

    def put(self, name, content):
        return self._accounts.put(name, content)

    def give_shell(self, shell):
        self._accounts.give_shell(shell)

    def lock_account(self):
        self._accounts.lock()

    def expire_account(self):
        """It holds from the next start()."""
        self._accounts.expire()

    def install(self, name, script):
        """A program that whoever logs in there finds by its name."""
        program = self._programs / name
        program.write_text(script)
        program.chmod(0o755)

    def start(self):
        """Boots it; returns when its sshd accepts connections."""
        self._sshd.prepare(self._folder, self._environment, self._extra)
        readiness = Readiness(self._folder / "notify")
        boot = _BOOT.format(
            name=shlex.quote(self.name),
            folder=shlex.quote(str(self._folder)),
            etc=shlex.quote(str(self._etc)),
            mounts=bind(self._sshd.mounts()),
            accounts=bind(self._accounts.mounts()),
            sshd=self._sshd.command(self._folder),
        )
        inside = ["unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", boot]
        with open(self._folder / "boot.log", "ab") as log:
            environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **readiness.environment}
            self._process = start(self.namespace.command(*inside), env=environment, stdout=log, stderr=log)
        if self._sshd.announces_itself:
            readiness.wait(self._process, self._complaint)
        else:
            until(self._listens, f"the sshd of {self.name} listens")
        readiness.close()

    def _listens(self):
        assert self._process.poll() is None, self._complaint()
        return run(self.namespace.command("ss", "-Hltn", "sport = :22"))

    def _complaint(self):
        return (self._folder / "boot.log").read_text() + self.log

    def stop(self):
        """The power cut: every process on it is gone when this returns; the kernel says goodbye to its peers."""
        if self._process is None:
            return
        # Killing the first process inside ends them all, and unshare returns only when that is done.
        for pid in run(["pgrep", "-P", self._process.pid]).split():
            os.kill(int(pid), signal.SIGKILL)
        self._process.wait()
        self._process = None

    def forbid_logins(self, why):
        """As shutdown(8) does, where its sshd asks PAM; until it is started again."""
        (sshd,) = run(["pgrep", "-P", self._process.pid]).split()
        pathlib.Path(f"/proc/{sshd}/root/run/nologin").write_text(why)

    def inside(self, *argv):
        """argv as root runs it there, while it is up."""
        (first,) = run(["pgrep", "-P", self._process.pid]).split()
        environment = [f"{name}={value}" for name, value in self._environment.items()]
        return ["nsenter", f"--target={first}", "--mount", "--net", "--uts", "--pid", "env", *environment, *argv]

    def restart(self):
        self.stop()
        self.start()

    def configure(self, *lines):
        """More lines of sshd_config (OpenSSH's); they hold from the next start()."""
        self._extra.extend(lines)

    def speaks(self, *lines):
        """From now on these lines of sshd_config hold there (OpenSSH's), and those of the last time do not."""
        if not (self.home / "spoken").exists():
            self.configure(f"Include /home/{self.login}/spoken")
        self.put("spoken", "".join(f"{line}\n" for line in lines).encode())
        self.restart()

    def new_host_key(self):
        """Comes back as somebody reinstalled it."""
        self._host_key.replace()
        self.restart()

    def becomes_a_copy_of(self, other):
        """As `lxc copy` makes one: it has the host key of the other machine."""
        self._host_key.path.write_bytes(other.host_key_file.read_bytes())
        self.restart()

    def plugged_into(self, cable):
        self._cables.append(cable)

    @contextlib.contextmanager
    def standing_still(self):
        """None of its processes gets on while the block runs; its kernel does."""
        pids = self.namespace.pids()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def unplug(self):
        """From now on its packets vanish: nobody is told that it is gone."""
        for cable in self._cables:
            cable.unplug()

    def plug(self):
        for cable in self._cables:
            cable.plug()

    def forget_connections(self):
        """As after a power cut: its kernel knows no connection any more. Whoever can be told, is told."""
        run(self.namespace.command("ss", "--kill", "--tcp"))
