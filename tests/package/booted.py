"""A machine of its own on which systemd runs as the first process, with an sshd that stands for a backend and a container.

It has its own processes, files, host name and control groups, and the network of the lab: what a container manager makes.
"""

import shutil
import subprocess

import root
from lab.deadline import until
from lab.process import start
from machine import Machine

_PACKAGES = "man-db,systemd,systemd-sysv,dbus,openssh-server,openssh-client,openssh-sftp-server,iproute2,procps,curl,jq"

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


def missing():
    """A reason why no systemd boots here, if there is one."""
    return root.missing()


class Booted(Machine):
    def _boot(self, _system):
        self._group = f"bastion-{self._namespace.name}-{self.folder.name}"
        boot = _BOOT.format(lower=root.system("booted", _PACKAGES), folder=self.folder, apt=root.downloaded(), group=self._group)
        # The control group is entered beside the namespace of those: it is made after that.
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

    # A backend and a container, both of them the sshd of this machine

    def furnish(self, *users):
        for address in ("192.0.2.11/32", "10.0.3.100/32"):
            self.run("ip", "address", "replace", address, "dev", "lo")
        identity = self.admin("identity", "show")
        self.run("useradd", "--create-home", "--shell", "/usr/sbin/nologin", "--password", "*", "hop")
        for user in users:
            self.run("useradd", "--create-home", "--shell", "/bin/bash", "--password", "*", user)
        print(identity)
        return identity

    def admin(self, *words, **how):
        return self.run("runuser", "-u", "bastion", "--", "bastion", "admin", *words, **how)
