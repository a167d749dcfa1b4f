"""A Debian 12 of its own: a root file system made of Debian's packages, with processes and files that nobody else sees.

It is made once into the download cache, with what a minimal system has and nothing that a bastion needs; each test gets it
as if it were new. systemd is not started: what it would do with a unit, the test does. Where systemd runs: booted.py.
"""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess

from lab.deadline import until
from lab.downloads import cache
from lab.process import run, start

_BOOT = """\
set -e
mount -t overlay overlay -o lowerdir={lower},upperdir={folder}/upper,workdir={folder}/work {folder}/root
mount -t proc proc {folder}/root/proc
mount --rbind /dev {folder}/root/dev
mount --bind {apt}/archives {folder}/root/var/cache/apt/archives
mount --bind {apt}/lists {folder}/root/var/lib/apt/lists
cp /etc/resolv.conf {folder}/root/etc/resolv.conf
mount -t tmpfs tmpfs {folder}/root/run
touch {folder}/booted
exec sleep infinity
"""


def missing():
    """A reason why there is no such root here, if there is one."""
    if not shutil.which("mmdebstrap"):
        return "there is no mmdebstrap on this machine (apt-get install mmdebstrap)"
    if "overlay" not in pathlib.Path("/proc/filesystems").read_text():
        return "this kernel has no overlay file system"
    return None


def system(name, packages):
    """A root file system with these packages and what they need."""
    folder = cache() / f"system-{name}"
    if not folder.exists():
        partial = cache() / f"partial.system-{name}"
        shutil.rmtree(partial, ignore_errors=True)
        run(["mmdebstrap", "--variant=minbase", f"--include={packages}", "bookworm", partial])
        partial.rename(folder)
    return folder


def downloaded():
    """What apt has fetched, for every machine."""
    folder = cache() / "apt-clean"
    for each in ("archives/partial", "lists/partial"):
        (folder / each).mkdir(parents=True, exist_ok=True)
    return folder


def children_of(process):
    return pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()


def child_of(process):
    """Of a process that waits for one in other namespaces."""
    children = children_of(process)
    assert len(children) == 1, f"children of {process.args}: {children}"
    return int(children[0])


class Root:
    def __init__(self, namespace, folder, system=None):
        """`system` is a root file system in the place of a clean Debian 12; it stays as it is."""
        self._namespace = namespace
        self.folder = folder
        for each in ("upper", "work", "root"):
            (folder / each).mkdir(parents=True)
        self._process = self._boot(system)
        until((folder / "booted").exists, "the root is there")

    def _boot(self, system_):
        boot = _BOOT.format(lower=system_ or system("clean", "man-db"), folder=self.folder, apt=downloaded())
        inside = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "bash", "-c", boot]
        with open(self.folder / "log", "wb") as log:
            return start(inside, stdout=log, stderr=log)

    def stop(self):
        first = child_of(self._process)
        self._process.kill()
        self._process.wait()
        until(lambda: not pathlib.Path(f"/proc/{first}").exists(), "the root is gone")

    def line(self, *argv, network="lab"):
        """argv as it is run in there: in the network of the lab, or in that of this machine."""
        line = [*self._entered(), "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "DEBIAN_FRONTEND=noninteractive", *argv]
        return self._namespace.command(*line) if network == "lab" else line

    def _entered(self):
        return ["nsenter", "-t", str(child_of(self._process)), "--mount", "--pid", "chroot", str(self.folder / "root")]

    def tries(self, *argv, input="", **how):
        return subprocess.run(self.line(*argv, **how), input=input, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, cwd="/")

    def run(self, *argv, **how):
        """What it printed on both streams."""
        done = self.tries(*argv, **how)
        assert done.returncode == 0, f"{argv}: {done.stdout}"
        return done.stdout

    def apt(self, *words):
        """With this machine's network: what a package depends on comes from Debian's mirror."""
        return self.run("apt-get", "--quiet", "--yes", "--no-install-recommends", *words, network="host")

    def put(self, file, path):
        """A copy of a file of this machine."""
        with open(file, "rb") as content:
            subprocess.run(self.line("sh", "-c", f"cat >{path}"), stdin=content, check=True, cwd="/")

    def has(self, path):
        return self.tries("test", "-e", path).returncode == 0

    # What systemd would do

    def unit(self, name):
        """Its settings; of several lines of one name the last."""
        return dict(re.findall(r"^(\w+)=(.*)$", self.run("cat", f"/lib/systemd/system/{name}"), re.MULTILINE))

    def as_service(self, unit, *argv):
        """argv with the account and the rights of a unit, and no others."""
        rights = ",".join(["-all", *(f"+{each[4:].lower()}" for each in unit.get("AmbientCapabilities", "").split())])
        limits = [f"--bounding-set={rights}", f"--inh-caps={rights}", f"--ambient-caps={rights}", "--no-new-privs"]
        return ["setpriv", f"--reuid={unit['User']}", f"--regid={unit['Group']}", "--clear-groups", *limits, *argv]

    @contextlib.contextmanager
    def serving(self, *argv):
        """A bastion runs, as this process: bastion.service, or what is given in its place."""
        unit = self.unit("bastion.service")
        argv = argv or self.as_service(unit, *unit["ExecStart"].split())
        with open(self.folder / "service", "wb") as log:
            process = start(self.line(*argv), stdout=log, stderr=log, cwd="/")
        try:
            until(lambda: "listening on" in self.log or process.poll() is not None, "the service listens, or has ended")
            assert process.poll() is None, self.log
            yield child_of(process)
        finally:
            with contextlib.suppress(AssertionError):  # it has ended by itself
                os.kill(child_of(process), signal.SIGTERM)
            process.wait()

    def reload(self, pid):
        """What `systemctl reload bastion` does to the process that serves."""
        inside = re.search(r"^NSpid:.*\b(\d+)$", pathlib.Path(f"/proc/{pid}/status").read_text(), re.MULTILINE).group(1)
        self.run("env", f"MAINPID={inside}", "sh", "-euc", self.unit("bastion.service")["ExecReload"])

    @property
    def log(self):
        return (self.folder / "service").read_text()
