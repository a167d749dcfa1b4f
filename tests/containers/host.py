"""A host that runs real containers, in a root file system, network and process tree of its own: Debian's LXD here, and Docker in
docker_host.py.

Nothing is installed on the machine itself but mmdebstrap; the root file systems are made once into the download cache. The
containers' systems have an sshd, and those of LXD take their address from a file, so that no DHCP is needed.
"""

import contextlib
import json
import pathlib
import shutil
import subprocess

from lab.deadline import until
from lab.downloads import cache
from lab.process import run, start

_HOST = "lxd,lxd-client,openssh-server,iproute2,iptables,nftables,dnsmasq-base,mount,procps,ca-certificates"
_INCUS_HOST = _HOST.replace("lxd,lxd-client", "incus-base,incus-client")
_GUEST = "systemd,systemd-sysv,dbus,openssh-server,iproute2,procps"

# pivot_root, because LXD goes back to the root of its mount namespace.
_BOOT = """\
set -e
mount -t overlay overlay -o lowerdir={lower},upperdir={folder}/upper,workdir={folder}/work {folder}/root
cd {folder}/root
mount -t proc proc proc
mount --rbind /dev dev
mount -t sysfs sysfs sys && mount --rbind /sys/fs/cgroup sys/fs/cgroup
mount -t tmpfs tmpfs run && mkdir -p run/sshd {state} old
mount --bind {folder}/state {state}
mount --bind {folder}/exchange mnt
pivot_root . old && umount -l /old
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
ssh-keygen -A
useradd --create-home --shell /bin/sh --gid root --password '*' hop
"""
_LXD = """\
mkdir -p /var/lib/lxcfs
lxcfs /var/lib/lxcfs &
lxd --group root
"""

_JOIN = """\
cluster:
  enabled: true
  server_address: {address}:8443
  cluster_token: {token}
  member_config:
  - {{entity: storage-pool, name: default, key: source, value: ""}}
"""

_INCUS = _LXD.replace("lxd --group", "/usr/libexec/incus/incusd --group")

_FURNISH = """\
unit() {
  printf '[Unit]\\nBefore=ssh.service\\n[Service]\\nType=oneshot\\n%s\\n[Install]\\nWantedBy=multi-user.target\\n' "$2" \
    >/etc/systemd/system/$1.service
}
unit address 'ExecStart=/bin/sh -c "ip link set eth0 up; ip address replace $(cat /etc/address)/24 dev eth0"'
unit host-keys ExecStart='/usr/bin/ssh-keygen -A'
systemctl enable ssh address host-keys
rm -f /etc/ssh/ssh_host_*
: >/etc/machine-id
"""

_METADATA = "architecture: x86_64\ncreation_date: 1700000000\nproperties:\n  os: debian\n"


def missing():
    """A reason why there are no such containers here, if there is one."""
    if not shutil.which("mmdebstrap"):
        return "there is no mmdebstrap on this machine (apt-get install mmdebstrap)"
    if "overlay" not in pathlib.Path("/proc/filesystems").read_text():
        return "this kernel has no overlay file system"
    return None


def _discard(folder):
    """What an interrupted run has left behind, with what it has mounted there."""
    mounted = [line.split()[1] for line in pathlib.Path("/proc/self/mounts").read_text().splitlines()]
    for place in sorted((each for each in mounted if each.startswith(f"{folder}/")), reverse=True):
        run(["umount", "--lazy", place])
    run(["rm", "-rf", "--one-file-system", folder])


def system(name, packages, *suites):
    """Of Debian 12, and of these suites where they are said: all that is not in bookworm is theirs."""
    folder = cache() / f"system-{name}"
    if not folder.exists():
        partial = cache() / f"partial.system-{name}"
        _discard(partial)
        lines = [f"deb http://deb.debian.org/debian {suite} main" for suite in suites]
        run(["mmdebstrap", "--variant=minbase", f"--include={packages}", "bookworm", partial, *lines])
        partial.rename(folder)
    return folder


def furnished_guest():
    """The root file system of what runs in containers."""
    guest = system("guest", _GUEST)
    if not (guest / "metadata.yaml").exists():
        run(["chroot", guest, "sh", "-euc", _FURNISH])
        (guest / "metadata.yaml").write_text(_METADATA)
    return guest


def image():
    """What LXD imports."""
    file = cache() / "system-guest.tar"
    if not file.exists():
        guest = furnished_guest()
        partial = file.with_suffix(".partial")
        names = ["--transform", "s,^[.]/\\(metadata.yaml\\)$,\\1,", "--transform", "s,^[.]/,rootfs/,", "--exclude=./dev/*"]
        run(["tar", "--numeric-owner", *names, "-C", guest, "-cf", partial, "."])
        partial.rename(file)
    return file


class Machine:
    """What is started in it, and what is run there."""

    def __init__(self, name, namespace, folder):
        self.name = name
        self.folder = folder
        self._namespace = namespace
        self._process = None

    def boot(self, lower, state, daemon):
        """With `lower` below it; what the daemon keeps in `state` is on a disk and not on an overlay."""
        for each in ("upper", "work", "root", "state/database", "exchange"):
            (self.folder / each).mkdir(parents=True)
        script = _BOOT.format(lower=lower, folder=self.folder, state=state) + daemon
        inside = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "bash", "-c", script]
        with open(self.folder / "log", "wb") as log:
            self._process = start(self._namespace.command(*inside), stdout=log, stderr=log)
        until(self._first_processes, f"{self.name} boots")

    def answers(self, *argv):
        until(lambda: self._alive() and self.try_(*argv).returncode == 0, f"the daemon on {self.name} answers", seconds=60)

    def admit(self, identity):
        """The bastion may hop here."""
        script = 'mkdir -p /home/hop/.ssh && cat >/home/hop/.ssh/authorized_keys && chown -R hop /home/hop/.ssh'
        self.run("sh", "-c", script, input=identity)

    def run(self, *argv, **how):
        done = self.try_(*argv, **how)
        assert done.returncode == 0, f"{self.name}: {argv}: {done.stdout}{done.stderr}"
        return done.stdout

    def try_(self, *argv, input=""):
        environment = ["env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"]
        line = ["nsenter", "-t", self._first_processes()[0], "--mount", "--net", "--pid", *environment, *argv]
        return subprocess.run(line, input=input, capture_output=True, text=True, check=False)

    def _first_processes(self):
        return subprocess.run(["pgrep", "-P", str(self._process.pid)], capture_output=True, text=True, check=False).stdout.split()

    def _alive(self):
        assert self._process.poll() is None, (self.folder / "log").read_text()[-3000:]
        return True

    def stop(self):
        """However far it has come."""
        if self._process is None:
            return
        with contextlib.suppress(Exception):
            self.remove_all()
        # unshare takes no SIGTERM while it waits; with it everything in there is killed.
        first = self._first_processes()
        self._process.kill()
        self._process.wait()
        until(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in first), f"{self.name} is gone")

    def remove_all(self):
        """What runs there."""


class Host(Machine):
    """With LXD."""

    program = "lxc"

    def start(self):
        self.boot_daemon()
        self.answers(self.program, "query", "/1.0")
        self.furnish()
        self.run("/usr/sbin/sshd")

    def boot_daemon(self):
        self.boot(system("host", _HOST), "var/lib/lxd", _LXD)

    def furnish(self):
        self.lxc("storage", "create", "default", "dir")
        self.lxc("network", "create", "br0", "ipv4.address=10.0.3.1/24", "ipv4.nat=false", "ipv6.address=none")
        self.give_profile()
        self.has_image()

    def give_profile(self):
        self.lxc("profile", "device", "add", "default", "root", "disk", "path=/", "pool=default")
        self.lxc("profile", "device", "add", "default", "eth0", "nic", "network=br0", "name=eth0")

    def has_image(self):
        shutil.copy(image(), self.folder / "exchange" / "guest.tar")
        self.lxc("image", "import", "/mnt/guest.tar", "--alias", "guest")

    def remove_all(self):
        self.try_("sh", "-c", "for each in $($0 list -f csv -c n); do $0 delete -f $each; done", self.program)

    def launch(self, name, address, login, identity, project="default", more=()):
        self.lxc("launch", "guest", name, "--project", project, *more)
        self.give_address(name, address, project)
        self.admits(name, login, identity, project)
        self.listens(name, project)

    def admits(self, name, login, identity, project="default"):
        """It has that account, which these keys open."""
        script = f"useradd --create-home --shell /bin/bash --password '*' {login}; mkdir -p /home/{login}/.ssh"
        script += f"; cat >/home/{login}/.ssh/authorized_keys; chown -R {login} /home/{login}"
        self.run(*self._inside(name, project), "sh", "-c", script, input=identity)

    def give_address(self, name, address, project="default"):
        line = [*self._inside(name, project), "sh", "-c"]
        line.append(f"echo {address} >/etc/address && ip address flush dev eth0 && systemctl restart address")
        until(lambda: self.try_(*line).returncode == 0, f"{name} has its address", seconds=60)
        self.run("ip", "neighbour", "flush", "all")  # for a while the host would look for the machine that had it before

    def listens(self, name, project="default"):
        """And lets accounts in: until a system has booted, pam_nologin(8) does not."""
        look = [*self._inside(name, project), "sh", "-c", "ss -Hltn sport = :22 | grep . && [ ! -e /run/nologin ]"]
        until(lambda: self.try_(*look).returncode == 0, f"the sshd of {name} listens", seconds=120)

    def _inside(self, name, project):
        return [self.program, "exec", name, "--project", project, "--"]

    def hand_over(self, name, other):
        """A container that has stopped goes to another host, with all that is in it, and is started there."""
        self.lxc("export", name, "/mnt/moved.tar", "--compression", "none")
        (self.folder / "exchange" / "moved.tar").rename(other.folder / "exchange" / "moved.tar")
        self.lxc("delete", name)
        other.lxc("import", "/mnt/moved.tar")
        other.lxc("start", name)

    def lxc(self, *words):
        return self.run(self.program, *words)

    def address(self):
        """On the network where the bastion is."""
        return json.loads(self.run("ip", "-json", "-4", "address", "show", "dev", "wire"))[0]["addr_info"][0]["local"]

    def trusts(self, other):
        """Its daemon answers in that network, and the clients of the other machine may tell it what to do."""
        self.lxc("config", "set", "core.https_address", f"{self.address()}:8443")
        token = self.lxc("config", "trust", "add", "--name", other.name).split()[-1]
        other.lxc("remote", "add", self.name, token)


class Member(Host):
    """Of a cluster: the first one makes it, the next ones join."""

    def __init__(self, *machine, first=None):
        super().__init__(*machine)
        self._first = first
        self._is_alone = True

    def start(self):
        if not self._first:
            super().start()
            return
        self._first._is_alone = False
        self.boot_daemon()
        self.answers(self.program, "query", "/1.0")
        token = self._first.lxc("cluster", "add", self.member).split()[-1]
        self.run("lxd", "init", "--preseed", input=_JOIN.format(address=self.address(), token=token))
        self.run("/usr/sbin/sshd")

    @property
    def member(self):
        """What the cluster calls it."""
        return f"member-of-{self.name}"

    def furnish(self):
        self.lxc("config", "set", "core.https_address", f"{self.address()}:8443")
        self.lxc("cluster", "enable", self.member)
        super().furnish()

    def remove_all(self):
        """The one that goes first has it done: of a cluster of two nothing is left that would decide when one is gone."""
        if self._first or self._is_alone:
            super().remove_all()


class IncusHost(Host):
    """The same with Incus, which Debian 12 has in its backports."""

    program = "incus"

    def boot_daemon(self):
        lower = system("incus", _INCUS_HOST, "bookworm", "bookworm-backports")
        self.boot(lower, "var/lib/incus", _INCUS)
