"""A machine of its own on which systemd runs as the first process, with an sshd that stands for a backend and a container.

It has its own processes, files, host name and control groups, and the network of the lab: what a container manager makes.
"""

import contextlib
import pathlib
import re
import subprocess

import root
from lab.client import finish
from lab.deadline import until
from lab.key import Key
from lab.process import start
from machine import Machine

_PACKAGES = "man-db,systemd,systemd-sysv,dbus,openssh-server,openssh-client,openssh-sftp-server,iproute2,procps,curl,netcat-openbsd,sqlite3"

# The control group has to be entered before it is the root of those that are seen inside; systemd wants to be the first process.
_BOOT = """\
set -e
mount -t overlay overlay -o lowerdir={lower},upperdir={folder}/upper,workdir={folder}/work {folder}/root
cd {folder}/root
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mkdir sys/fs/cgroup/{group}
echo 0 >sys/fs/cgroup/{group}/cgroup.procs
umount sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for each in null zero full random urandom tty; do touch dev/$each; mount --bind /dev/$each dev/$each; done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount --bind {apt}/archives var/cache/apt/archives
mount --bind {apt}/lists var/lib/apt/lists
rm -f etc/resolv.conf && cp /etc/resolv.conf etc/resolv.conf
mount -t tmpfs -o mode=755 tmpfs run
printf 'Port 2022\\n' >etc/ssh/sshd_config.d/port.conf
mkdir old
pivot_root . old && umount -l /old && rmdir /old
exec unshare --cgroup bash -c 'mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec env -i container=lab /lib/systemd/systemd'
"""

_NAMESPACES = ["--mount", "--pid", "--ipc", "--uts", "--cgroup"]


class Booted(Machine):
    def __init__(self, namespace, folder):
        self._keys = {}
        super().__init__(namespace, folder)
        self._keys["you"] = self.key

    def _boot(self, _system):
        self._group = f"bastion-{self._namespace.name}-{self.folder.name}"
        boot = _BOOT.format(lower=root.system("booted", _PACKAGES), folder=self.folder, apt=root.downloaded(), group=self._group)
        inside = ["unshare", *_NAMESPACES[:4], "--fork", "--kill-child", "--propagation", "private", "bash", "-c", boot]
        with open(self.folder / "log", "wb") as log:
            process = start(self._namespace.command(*inside), stdout=log, stderr=log)
        self._process = process
        until(lambda: process.poll() is not None or (root.children_of(process) and self._is_up()), "systemd has started everything", seconds=60)
        assert process.poll() is None, (self.folder / "log").read_text()
        (self.folder / "booted").touch()
        return process

    def _is_up(self):
        return self.tries("systemctl", "is-system-running").stdout.strip() in ("running", "degraded")

    def _entered(self):
        return ["nsenter", "-t", str(root.child_of(self._process)), *_NAMESPACES]

    def stop(self):
        super().stop()
        sweep = f"mount -t cgroup2 cgroup2 /mnt && find /mnt/{self._group} -depth -type d -exec rmdir {{}} +"
        subprocess.run(["unshare", "--mount", "sh", "-c", sweep], check=True)

    # What systemd knows

    def property(self, name, unit="bastion.service"):
        return self.run("systemctl", "show", "--value", "--property", name, unit).strip()

    def journal(self, unit="bastion.service"):
        return self.run("journalctl", "--no-pager", "--output=cat", "--unit", unit)

    def processes(self):
        """Those of the service, by their numbers in there: the supervisor is the first."""
        return [int(pid) for pid in self.run("cat", f"/sys/fs/cgroup{self.property('ControlGroup')}/cgroup.procs").split()]

    def serving(self):
        """The process that serves, the newest where there are several."""
        return int(self.run("pgrep", "--newest", "--full", "^bastion generation").strip())

    def outside(self, pid):
        """The number that one of its processes has on this machine."""
        for status in pathlib.Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                numbers = re.search(r"^NSpid:\t(.*)$", status.read_text(), re.MULTILINE).group(1).split()
                if numbers[-1] == str(pid) and len(numbers) > 1 and self._holds(status.parent):
                    return int(numbers[0])
        raise AssertionError(f"there is no process {pid}")

    def _holds(self, process):
        return (process / "ns" / "pid").readlink() == pathlib.Path(f"/proc/{root.child_of(self._process)}/ns/pid").readlink()

    def drop_in(self, name, text, unit="bastion.service"):
        """Settings beside those of the unit, as `systemctl edit` makes them; without a text they go."""
        folder = f"/etc/systemd/system/{unit}.d"
        self.run("sh", "-c", f"mkdir -p {folder}; cat >{folder}/{name}.conf" if text else f"rm {folder}/{name}.conf", input=text)
        self.run("systemctl", "daemon-reload")

    def configure(self, text):
        """The configuration is this and nothing else, and was read again."""
        self.run("sh", "-c", "cat >/etc/bastion/bastion.toml", input=text)
        self.run("systemctl", "reload", "bastion")

    # A backend, a hop away, and a container behind it: each is the sshd of this machine

    def furnish(self, *users, first_administrator=True):
        for address in ("192.0.2.11/32", "10.0.3.100/32"):
            self.run("ip", "address", "replace", address, "dev", "lo")
        if first_administrator:
            self.run("runuser", "-u", "bastion", "--", "bastion", "init", "--admin", "you", "--key", self.key.public)
        identity = self.admin("identity", "show")
        self._account("hop", "/usr/sbin/nologin", f"restrict,port-forwarding {identity}")
        self.admin("backend", "add", "be1", "192.0.2.11:2022", "--login", "hop")
        for user in users:
            self._account(user, "/bin/bash", identity)
            self.admin("user", "add", user, "--key", self.key_of(user).public)
            self.admin("container", "add", "web", "--owner", user, "--backend", "be1", "--address", "10.0.3.100:2022")

    def key_of(self, user):
        if user not in self._keys:
            self._keys[user] = Key(self.folder / "keys" / user)
        return self._keys[user]

    def _account(self, name, shell, line):
        self.run("useradd", "--create-home", "--shell", shell, "--password", "*", name)
        self.run("install", "-d", "-o", name, "-m", "700", f"/home/{name}/.ssh")
        self.run("sh", "-c", f"cat >/home/{name}/.ssh/authorized_keys; chown -R {name} /home/{name}", input=line)

    def admin(self, *words, **how):
        return self.run("runuser", "-u", "bastion", "--", "bastion", "admin", *words, **how)

    # Users, with stock clients in front of it

    def options(self, user, port="2222"):
        options = ["-F", "none", "-i", self.key_of(user).path, "-o", f"Port={port}", "-o", "StrictHostKeyChecking=accept-new"]
        return [*options, "-o", f"UserKnownHostsFile={self.folder}/known", "-o", "LogLevel=ERROR", "-o", "BatchMode=yes"]

    def login(self, user, *words, port="2222", address="127.0.0.1", options=(), **how):
        return self.client.run("ssh", *self.options(user, port), *options, f"{user}@{address}", *words, **how)

    @contextlib.contextmanager
    def logged_in(self, user, *options, port="2222"):
        """It says back what it is told, while the block runs."""
        process = self.client.start("ssh", *self.options(user, port), *options, f"{user}@127.0.0.1", "echo up; cat")
        try:
            assert process.stdout.readline() == b"up\n", process.stderr.read().decode()
            yield process
        finally:
            finish(process)
