"""The lab on this machine's own loopback, for packaging/quickstart: a bastion on 127.0.0.1:2222 that stays up.

    python3 -m lab.quickstart hold     brings it up, says "ready", takes it down on SIGTERM
    python3 -m lab.quickstart stop     ends the one that is up and removes every trace
"""

import contextlib
import os
import pathlib
import pwd
import shlex
import signal
import sys

from .bastion import Bastion
from .cable import Cable
from .deadline import until
from .key import Key
from .lab import Lab, remove_abandoned
from .namespace import HostNamespace
from .process import run, start
from .readiness import Readiness
from .visitor import Visitor

HOST, PORT = "127.0.0.1", 2222
LISTEN = f"{HOST}:{PORT}"
NAME = "quickstart"
_USERS = ("alice", "bob")
_ADMINISTRATOR = "root"
_CONTAINER = "web"  # alice's, and as a jump's destination the name of a host
_REPOSITORY = pathlib.Path(__file__).resolve().parents[3]

# Not in /var/tmp/bastion-lab: what the visitor's own files owe us must outlive a lab that crashed.
_PLACE = pathlib.Path(f"/var/tmp/bastion-quickstart-{os.getuid()}")


class Namespaces(Lab):
    """The lab with its two backends, but bastion and client are this machine: one cable leads into the lab."""

    difference = ""

    def __init__(self, visitor):
        super().__init__(path="bastion", name=NAME)
        self._visitor = visitor

    def _new_namespace(self, name):
        return HostNamespace() if name in ("bastion", "client") else super()._new_namespace(name)

    def _plug_in(self, name, addresses):
        if name == "client":
            return []
        if name != "bastion":
            return super()._plug_in(name, addresses)
        wire = addresses["wire1"]
        if "10.1.1." in run(["ip", "-4", "route", "show"]):
            raise RuntimeError("this machine has a network 10.1.1.0/24 already, and the quickstart would be in its way")
        return [Cable("bastion.1", HostNamespace(), "bastion-lab", wire, self._bridges["wire1"])]

    def _new_bastion(self):
        return Bastion(HostNamespace(), self.folder / "bastion", LISTEN, {"drain_timeout": 1})

    def _set_up_bastion(self):
        super()._set_up_bastion()
        alice = self.container("alice")
        # Behind a jump it is the visitor's own key that opens the container.
        alice.authorize(self.key("alice").public, *self.bastion.identity(), *self._visitor.public_keys())

    def _write_client_config(self):
        """The visitor needs none: that is the point. Her keys open the users' accounts and the administrator's."""
        for user in (*_USERS, _ADMINISTRATOR):
            for key in self._visitor.public_keys():
                self.bastion.admin("key", "add", user, key)

    @property
    def jump(self):
        """Whom a jump ends with, and the host key that it meets there."""
        return "alice", self.container("alice").host_key


class Loopback:
    """Without root: every machine is an sshd on a loopback address of its own, and everybody logs in as the visitor."""

    difference = (
        "Without root there are no network namespaces: the backends and containers have distinct loopback addresses\n"
        "(be1 has 127.0.11.1, alice 127.0.11.100, be2 127.0.12.1, bob 127.0.12.100), not the same one twice,\n"
        "and inside you are yourself, not alice."
    )

    _PLACES = {"be1": ("127.0.11.1", None), "be2": ("127.0.12.1", None),
               "alice": ("127.0.11.100", "be1"), "bob": ("127.0.12.100", "be2")}  # fmt: skip

    def __init__(self, visitor):
        self._visitor = visitor
        self._folder = _PLACE / "machines"
        self._processes = []
        self._me = pwd.getpwuid(os.getuid()).pw_name

    def __enter__(self):
        self._folder.mkdir(parents=True)
        self.bastion = Bastion(HostNamespace(), self._folder / "bastion", LISTEN, {"drain_timeout": 1})
        keys = self._visitor.public_keys()
        self.bastion.init(_ADMINISTRATOR, keys[0])
        for key in keys[1:]:
            self.bastion.admin("key", "add", _ADMINISTRATOR, key)
        for name, (address, backend) in self._PLACES.items():
            self._boot(name, address, [*self.bastion.identity(), *keys])
            if backend is None:
                self.bastion.admin("backend", "add", name, f"{address}:{PORT}", "--login", self._me)
                continue
            self.bastion.admin("user", "add", name)
            for key in keys:
                self.bastion.admin("key", "add", name, key)
            place = ["--backend", backend, "--address", f"{address}:{PORT}", "--login", self._me]
            self.bastion.admin("container", "add", _CONTAINER, "--owner", name, *place)
        self.bastion.start()
        return self

    @property
    def jump(self):
        return self._me, " ".join((self._folder / "alice" / "host_key.pub").read_text().split()[:2])

    def __exit__(self, *_):
        self.bastion.faults()
        for process in self._processes:
            process.terminate()
            process.wait()

    def _boot(self, name, address, authorized):
        folder = self._folder / name
        Key(folder / "host_key")
        (folder / "authorized_keys").write_text("\n".join([*authorized, ""]))
        box = f"{self._PLACES[name][1]}/{name}"
        (folder / "sshd_config").write_text(
            f"ListenAddress {address}:{PORT}\nHostKey {folder}/host_key\nAuthorizedKeysFile {folder}/authorized_keys\n"
            f"PidFile none\nUsePAM no\nStrictModes no\nSubsystem sftp /usr/lib/openssh/sftp-server\nSetEnv BOX={box}\n"
        )
        readiness = Readiness(folder / "notify")
        line = ["/usr/sbin/sshd", "-D", "-f", folder / "sshd_config", "-E", folder / "log"]
        process = start(line, env=dict(os.environ) | readiness.environment)
        self._processes.append(process)
        readiness.wait(process, lambda: (folder / "log").read_text())
        readiness.close()


@contextlib.contextmanager
def _local_command(bastion):
    """The admin commands of this bastion, under a name that can be typed."""
    file = _REPOSITORY / "build" / "admin"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f'#!/bin/sh\nexec {shlex.join(bastion.command_line().split())} "$@"\n')
    file.chmod(0o755)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def hold():
    """Runs until SIGTERM; `ready` on standard output says that the bastion can be logged in to. Behind it stand who may
    be jumped to, and what is different here."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    visitor = Visitor(_PLACE / "traces")
    (_PLACE / "holder").write_text(str(os.getpid()))
    world = Namespaces if os.geteuid() == 0 else Loopback
    try:
        with world(visitor) as lab, _local_command(lab.bastion):
            login, host_key = lab.jump
            visitor.knows(HOST, PORT)
            jump = f"{login}@{_CONTAINER}" if visitor.knows_also(_CONTAINER, host_key) else ""
            print("ready", flush=True)
            print(jump, flush=True)
            print(" ".join(world.difference.split()), flush=True)
            while True:
                signal.pause()
    except AssertionError as fault:
        sys.exit(f"The quickstart could not start: {fault}")
    finally:
        visitor.forget()
        run(["rm", "-rf", _PLACE])


def stop():
    with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
        pid = int((_PLACE / "holder").read_text())
        os.kill(pid, signal.SIGTERM)
        until(lambda: not os.path.exists(f"/proc/{pid}"), "the quickstart ends")
    # What a crashed one could not remove itself.
    if _PLACE.exists():
        Visitor(_PLACE / "traces").forget()
        run(["rm", "-rf", _PLACE])
    if os.geteuid() == 0:
        remove_abandoned()


if __name__ == "__main__":
    {"hold": hold, "stop": stop}[sys.argv[1]]()
