"""The lab of the matrix, a desk for each of its users, and what a step sees of it."""

import contextlib
import dataclasses
import pathlib
import shutil
import socket

from lab import Lab, topology
from lab.key import Key
from lab.workstation import Workstation

_HOST = "bastion"
OTHER_PORT = 2222


class World:
    """A context manager. The bastion listens on port 22, so that its users need not know another."""

    def __init__(self, upstreams):
        upstreams = [each for each in upstreams if not each.needs()]
        sshd = {machine: kind for each in upstreams for machine, kind in each.sshd().items()}
        listen = [f"{topology.BASTION['front']}:{port}" for port in (22, OTHER_PORT)]
        backends = {each.container.backend for each in upstreams}
        containers = [each.container for each in upstreams]
        self.lab = Lab(backends, containers=containers, sshd=sshd, path="bastion", settings={"listen": listen})
        self._desks = {}
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        self._stack.enter_context(self.lab)
        if "bob" in (each.machine for each in self.lab.containers):
            self.lab.bastion.admin("container", "share", "bob/web", "alice")
        folder = self.lab.folder / "effort"
        folder.mkdir()
        rsa_key = Key(folder / "rsa", "rsa")
        self.full = Effort(folder, rsa_key, mib=200, rekey_mib=64, rekey_every=4, parallel=4, echo_kib=2048, patience=300)
        self.short = Effort(folder, rsa_key, mib=4, rekey_mib=4, rekey_every=1, parallel=3, echo_kib=512, patience=60)
        return self

    def __exit__(self, *failure):
        return self._stack.__exit__(*failure)

    def tool(self, client, upstream, target=None):
        """The client at its user's desk, on its way through the bastion."""
        return client(self._desk(upstream.container.owner, self._new_desk), target or upstream.target, _HOST)

    def direct(self, client, upstream):
        """The same client beside the container, with nothing between them."""
        container = upstream.container
        return client(self._desk(container.machine, self._new_neighbour), container.owner, container.machine)

    def far(self, upstream):
        return Far(self.lab, upstream.container)

    def _desk(self, name, make):
        if (name, make) not in self._desks:
            self._desks[name, make] = make(name)
        return self._desks[name, make]

    def _new_desk(self, owner):
        rsa = self.full.rsa_key.public
        self._stack.enter_context(self.lab.enrolled(owner, rsa))
        known = (self.lab.client.folder / "known_hosts").read_text().splitlines()
        keys = [line.split(" ", 1)[1] for line in known if line]
        host_keys = {_HOST: keys, f"[{_HOST}]:{OTHER_PORT}": keys}
        hosts = {_HOST: topology.BASTION["front"]}
        return Workstation(self.lab.client.namespace, self.lab.folder / "desks" / owner, self.lab.key(owner), hosts, host_keys)

    def _new_neighbour(self, machine):
        container = next(each for each in self.lab.containers if each.machine == machine)
        there = self.lab.container(container.target)
        there.authorize(self.lab.key(container.owner).public, self.full.rsa_key.public, *self.lab.bastion.identity())
        namespace = self.lab.neighbour(container.target).namespace
        place = namespace, self.lab.folder / "neighbours" / machine, self.lab.key(container.owner)
        return Workstation(*place, {machine: container.address}, {machine: [there.host_key]})


@dataclasses.dataclass
class Effort:
    """How much is moved, and the files for it. With new keys after every `rekey_every` MiB `rekey_mib` of them travel; `mib`
    is one file, or `parallel` at once; `echo_kib` is what each of many commands sends back; one run of a client may take
    `patience` seconds."""

    folder: pathlib.Path
    rsa_key: Key
    mib: int
    rekey_mib: int
    rekey_every: int
    parallel: int
    echo_kib: int
    patience: float

    def noise(self, name, mib):
        file = self.folder / f"{name}.{mib}"
        if not file.exists():
            with open("/dev/urandom", "rb") as source, open(file, "wb") as target:
                for _ in range(mib):
                    target.write(source.read(2**20))
        return file


class Far:
    """The container, past the bastion and the client that is tried."""

    def __init__(self, lab, container):
        self._lab = lab
        self._container = container
        machine = lab.container(container.target)
        self.name = container.machine
        self.home = machine.home
        self.namespace = machine.namespace
        self.put = machine.put

    def run(self, command):
        return self._lab.direct(self._container.target, command)

    def connect(self, address, port):
        with self.namespace.entered():
            return socket.create_connection((address, port), timeout=5)

    def remove(self, name):
        for each in self.home.glob(f"{name}*"):
            if each.is_dir():
                shutil.rmtree(each)
            else:
                each.unlink()
