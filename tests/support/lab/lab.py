"""The lab: every machine of topology.py, the path between the client and them, and the vocabulary of the stories.

    with Lab() as lab:
        assert lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
        assert lab.ssh("alice", "id -un") == lab.direct("alice", "id -un")

Everything is removed when the block is left. Then the lab insists that the bastion ended on SIGTERM with status 0,
that no sanitizer had anything to say, and that no client was left behind.
"""

import contextlib
import itertools
import os
import pathlib
import shutil

from . import topology
from .bastion import Bastion
from .cable import Bridge, Cable
from .client import Client
from .deadline import until
from .key import Key, fingerprint_of, scan_line
from .long_line import LongLine, make_room
from .machine import Machine
from .namespace import Namespace
from .process import run
from .reference import Reference
from .sshd import DEBIAN
from .template import Templates

ROOT = pathlib.Path("/var/tmp/bastion-lab")
PORT = 2222

_numbers = itertools.count()
_templates = Templates(ROOT)

# The cheapest key exchange: a sanitizer makes sntrup761, which OpenSSH before 10 asks for, take as long as a whole story.
_EVERY_CLIENT = """\
Host *
  KexAlgorithms ^curve25519-sha256
  UserKnownHostsFile {folder}/known_hosts
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  IdentitiesOnly yes
  BatchMode yes
  ConnectTimeout 30
"""


class Lab:
    def __init__(
        self, backends=topology.SMALL, *, containers=None, sshd=None, settings=None, path=None, name=None, distant=False
    ):
        """`containers` live there instead of the topology's own; `sshd` says which kind of sshd.py a machine runs, by
        its name, when it is not Debian's. `settings` go into bastion.toml. `path` says what stands between client and
        container: "bastion" or, for comparison, "openssh"; the default is the environment's BASTION_LAB_PATH, else
        "bastion". In a `distant` lab the backends are at the end of a long line (lab.line)."""
        self.path = path or os.environ.get("BASTION_LAB_PATH", "bastion")
        self.name = name or f"lab{os.getpid()}x{next(_numbers)}"
        self.folder = ROOT / self.name
        self._owner = ROOT / f"{self.name}.owner"
        self._settings = settings
        self._distant = distant
        self.line = None
        self._sshd = sshd or {}
        self.backends = backends
        self._backends = [each for each in topology.BACKENDS + topology.CROWDED if each.name in backends]
        places = [topology.DIRECT, *backends]
        self.containers = [each for each in containers or topology.CONTAINERS if each.backend in places]
        self._site = repr((self._backends, self.containers))
        self._namespaces = {}
        self._machines = {}
        self._keys = {}
        self._neighbours = {}
        self.bastion = None
        self._reference = None

    # The words

    def ssh(self, user, command=None, *options, **how):
        """What `ssh user@bastion command` does; `user` may name a container: alice+db."""
        return self.client.run(*self.client.ssh_line(user, "bastion", command, *options), **how)

    def direct(self, user, command=None, *options, **how):
        """The same from the container's own backend, with nothing in between: how it has to be."""
        neighbour = self.neighbour(user)
        return neighbour.run(*neighbour.ssh_line(*self._login_of(user), command, *options), **how)

    def logged_in(self, user, *options, **how):
        return self.client.logged_in(user, "bastion", *options, **how)

    def session(self, user="alice", words="echo up; cat; exit 3"):
        """An ssh that has begun, and says back what it is told (client.echoes) until its standard input ends."""
        client = self.client.start(*self.client.ssh_line(user, "bastion", words))
        assert client.stdout.readline() == b"up\n"
        return client

    def terminal(self, user, *arguments, **how):
        return self.client.terminal(user, "bastion", *arguments, **how)

    def direct_terminal(self, user, *arguments, **how):
        return self.neighbour(user).terminal(*self._login_of(user), *arguments, **how)

    def backend(self, name):
        return self._machines[name]

    def container(self, user):
        return self._machines[self._container(user).machine]

    def key(self, user):
        """The key pair of a user; made at first mention, so that a new name is a stranger with a key."""
        user = user.partition("+")[0]
        if user not in self._keys:
            self._keys[user] = Key(self.folder / "keys" / user)
        return self._keys[user]

    @contextlib.contextmanager
    def enrolled(self, user, public):
        """One more public key opens the way to a user while the block runs; one that lets nobody in is no key of hers."""
        if self.bastion:
            self.bastion.admin("key", "add", user, "-", input=public)
        else:
            self.container(user).authorize(self.key(user).public, public)
        try:
            yield
        finally:
            if self.bastion:
                self.bastion.admin("key", "remove", user, fingerprint_of(public))
            else:
                self.container(user).authorize(self.key(user).public)

    def hop_connections(self, backend):
        return self.bastion.connections_to(topology.address_for_predecessor(backend))

    def middle_pids(self):
        """The processes on the machine in the middle, whichever path this is."""
        return self._namespaces["bastion"].pids()

    def restart_middle(self):
        """What is between client and container has forgotten what it had in memory."""
        if self._reference:
            self._reference.restart()
        else:
            self.bastion.kill()
            self.bastion.start()

    def gone(self, user, pid, what="the remote process"):
        """Waits until a process inside the user's container is no more."""
        until(lambda: self.direct(user, f"kill -0 {pid} 2>&1 | grep -q 'No such process'").status == 0, f"{what} is gone")

    # Building

    def __enter__(self):
        try:
            self._build()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, kind, *_):
        faults = self._faults()
        self._remove()
        # A story that failed already is the better message.
        if faults and kind is None:
            raise AssertionError("\n".join(faults))

    @property
    def log(self):
        """What the thing in the middle wrote."""
        return (self._reference or self.bastion).log

    def waits_for_log(self, text):
        self.bastion.waits_for_log(text)

    def _build(self):
        if os.geteuid() != 0:
            raise RuntimeError("the lab makes network namespaces: it must run as root")
        ROOT.mkdir(parents=True, exist_ok=True)
        self._owner.write_text(str(os.getpid()))
        self.folder.mkdir()
        self._shared = _templates.etc(), _templates.programs()
        _templates.begin_site(self._site, self.folder / "keys")
        self._lay_cables()
        for container in self.containers:
            self.container(container.target).authorize(self.key(container.owner).public)
        place = self._namespace("client"), self.folder / "client", self.folder / "ssh_config"
        self.client = Client(*place, self._key_path, self._client_cables)
        if self.path == "openssh":
            self._set_up_reference()
        else:
            self._set_up_bastion()
        for machine in self._machines.values():
            machine.start()
        self._write_direct_config()
        (self._reference or self.bastion).start()
        self._write_client_config()

    def _lay_cables(self):
        switch = self._namespace("switch")
        wires = {wire for each in self._backends for wire in each.addresses} | {"front", "wire1"}
        self._bridges = {wire: Bridge(switch, wire) for wire in sorted(wires)}
        self._client_cables = self._plug_in("client", topology.CLIENT)
        self._plug_in("bastion", topology.BASTION)
        if self._distant:
            self._stretch()
        for each in self._backends:
            cables = self._plug_in(each.name, each.addresses)
            self._install(each.name, cables, login=topology.HOP_LOGIN, shell="/usr/sbin/nologin")
            bridge = Bridge(self._namespace(each.name), "containers", "10.0.3.1")
            run(self._namespace(each.name).command("sysctl", "-qw", "net.ipv4.ip_forward=0"))
            self._bridges[each.name] = bridge
        self._bridges[topology.DIRECT] = self._bridges["wire1"]
        for each in self.containers:
            cable = Cable(each.machine, self._namespace(each.machine), "eth0", each.address, self._bridges[each.backend])
            self._install(each.machine, [cable], login=each.owner, box=each.box)

    def _stretch(self):
        bastion = self._namespace("bastion")
        bastion.ip("link delete wire1")
        self.line = LongLine("bastion.1", bastion, "wire1", topology.BASTION["wire1"], self._bridges["wire1"])
        for name in ["bastion", *(each.name for each in self._backends)]:
            make_room(self._namespace(name))

    def _plug_in(self, name, addresses):
        here = self._namespace(name)
        places = [(wire, address) for wire, address in addresses.items() if wire in self._bridges]
        return [Cable(f"{name}.{wire[-1]}", here, wire, address, self._bridges[wire]) for wire, address in places]

    def _install(self, name, cables, **how):
        sshd = self._sshd.get(name, DEBIAN)
        machine = Machine(name, self._namespace(name), self.folder / name, *self._shared, sshd=sshd, **how)
        machine.create()
        for cable in cables:
            machine.plugged_into(cable)
        self._machines[name] = machine

    def _set_up_bastion(self):
        self.bastion = self._new_bastion()
        if not _templates.restore_site(self._site, self.bastion.state):
            self._register_everything()
            _templates.keep_site(self._site, self.folder / "keys", self.bastion.state)
        identity = self.bastion.identity()
        for each in self._backends:
            self.backend(each.name).authorize(*identity)
        for each in self.containers:
            self.container(each.target).authorize(self.key(each.owner).public, *identity)

    def _register_everything(self):
        self.bastion.init("root", self.key("root").path.with_suffix(".pub"))
        for each in self._backends:
            address = topology.address_for_predecessor(each.name)
            via = ["--via", each.via] if each.via else []
            self.bastion.admin("backend", "add", each.name, address, "--login", topology.HOP_LOGIN, *via)
        here = topology.BASTION["wire1"]
        self.bastion.admin("backend", "add", topology.DIRECT, here, "--login", topology.HOP_LOGIN, "--direct")
        for owner in dict.fromkeys(each.owner for each in self.containers):
            self.bastion.admin("user", "add", owner, "--key", self.key(owner).public)
        for each in self.containers:
            self.bastion.admin(*self.container_words(each))

    def _new_bastion(self):
        listen = f"{topology.BASTION['front']}:{PORT}"
        return Bastion(self._namespace("bastion"), self.folder / "bastion", listen, self._settings)

    @staticmethod
    def container_words(each):
        words = ["container", "add", each.name, "--owner", each.owner, "--backend", each.backend]
        words += ["--address", each.address, "--login", each.owner]
        return [*words, "--default"] if each.default else words

    def _set_up_reference(self):
        identity = Key(self.folder / "keys" / "identity")
        place = self._namespace("bastion"), self.folder / "jump", topology.BASTION["front"], PORT
        self._reference = Reference(*place, self._shared, identity, self._sshd.get("jump", DEBIAN))
        self._reference.create()
        for each in self._backends:
            self.backend(each.name).authorize(identity.public)

    # What the clients are told

    def _write_client_config(self):
        if self._reference:
            hosts = self._reference.ssh_config(self.containers)
            known = self._known_machines() + [f"jump {self._reference.host_key}"]
        else:
            address = topology.BASTION["front"]
            hosts = f"Host bastion\n  HostName {address}\n  Port {PORT}\n"
            scan = self.client.run(*scan_line(address, PORT)).succeeded()
            known = [line for line in scan.stdout.splitlines() if not line.startswith("#")]
        self._write_config(self.client, hosts, known)

    def _write_direct_config(self):
        hosts = "".join(
            f"Host {each.machine}\n  HostName {each.address}\n  HostKeyAlias {each.machine}\n" for each in self.containers
        )
        for place in {each.backend for each in self.containers}:
            namespace = self._namespace("bastion" if place == topology.DIRECT else place)
            folder = self.folder / "direct" / place
            self._neighbours[place] = Client(namespace, folder, folder / "ssh_config", self._key_path)
            self._write_config(self._neighbours[place], hosts, self._known_machines())

    def _write_config(self, client, hosts, known):
        client.config.write_text(hosts + _EVERY_CLIENT.format(folder=client.folder))
        (client.folder / "known_hosts").write_text("\n".join([*known, ""]))

    def _known_machines(self):
        return [f"{machine.name} {machine.host_key}" for machine in self._machines.values()]

    def neighbour(self, user):
        """A client on the machine from which the user's container is seen directly."""
        return self._neighbours[self._container(user).backend]

    def _login_of(self, user):
        container = self._container(user)
        return container.owner, container.machine

    def _container(self, user):
        return next(each for each in self.containers if each.target == user)

    def _key_path(self, user):
        return self.key(user).path

    # The end

    def _namespace(self, name):
        if name not in self._namespaces:
            self._namespaces[name] = self._new_namespace(name)
            self._namespaces[name].create()
        return self._namespaces[name]

    def _new_namespace(self, name):
        return Namespace(f"{self.name}-{name}")

    def _faults(self):
        faults = (self._reference or self.bastion).faults()
        return faults + [f"left behind on the client: {line}" for line in self.client.leftovers()]

    def _remove(self):
        if self.bastion:
            self.bastion.kill()
        for machine in self._machines.values():
            machine.stop()
        if self.line:
            self.line.remove()
        for namespace in self._namespaces.values():
            namespace.delete()
        shutil.rmtree(self.folder, ignore_errors=True)
        self._owner.unlink(missing_ok=True)


def remove_abandoned():
    """Removes what labs left whose process is gone; returns their names."""
    owners = [each for each in ROOT.glob("*.owner") if not os.path.exists(f"/proc/{each.read_text()}")]
    namespaces = run(["ip", "netns", "list"]).split() if owners else []
    for owner in owners:
        for name in namespaces:
            if name.startswith(f"{owner.stem}-"):
                Namespace(name).delete()
        shutil.rmtree(owner.with_suffix(""), ignore_errors=True)
        owner.unlink(missing_ok=True)
    return [owner.stem for owner in owners]
