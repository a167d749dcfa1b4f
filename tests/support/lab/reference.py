"""The same path with plain OpenSSH: `ssh -J jump,backend container`, what people use without a bastion.

It stands where the bastion would, so that every story that is not about the bastion's own words is known to pass on a
correct SSH path, and a benchmark compares the two on one network. The user's ssh_config shows what the bastion saves her.
"""

from .key import Key
from .machine import Machine
from .sshd import DEBIAN
from .topology import HOP_LOGIN, address_for_predecessor, hops_to


class Reference:
    def __init__(self, namespace, folder, address, port, shared, identity, sshd=DEBIAN):
        self._address = address
        self._port = port
        self._identity = identity
        self._folder = folder
        self._jump = Machine("jump", namespace, folder, *shared, login=HOP_LOGIN, shell="/usr/sbin/nologin", sshd=sshd)
        # Clients choose the kind of host key, as they can with the bastion.
        self._jump.configure(f"ListenAddress {address}:{port}", f"HostKey {folder}/host_key_rsa")

    def create(self):
        self._jump.create()
        Key(self._folder / "host_key_rsa", "rsa")
        self._jump.authorize(self._identity.public)

    def start(self):
        self._jump.start()

    def restart(self):
        self._jump.restart()

    def faults(self):
        self._jump.stop()
        return []

    @property
    def log(self):
        return self._jump.log

    @property
    def host_key(self):
        return self._jump.host_key

    def ssh_config(self, containers):
        """Every user and every hop by hand: nested jumps, one key for the hops, an alias for each host key."""
        blocks = [self._hop("jump", self._address, self._port)]
        backends = {hop.name for each in containers for hop in hops_to(each.backend)}
        blocks += [self._hop(name, address_for_predecessor(name), 22) for name in sorted(backends)]
        for each in containers:
            jumps = ",".join(["jump", *(hop.name for hop in hops_to(each.backend))])
            blocks.append(
                f"Match originalhost bastion user {each.target}\n"
                f"  HostName {each.address}\n  HostKeyAlias {each.machine}\n  ProxyJump {jumps}\n"
            )
        return "".join(blocks)

    def _hop(self, name, address, port):
        return (
            f"Host {name}\n  HostName {address}\n  Port {port}\n  User {HOP_LOGIN}\n"
            f"  HostKeyAlias {name}\n  IdentityFile {self._identity.path}\n"
        )
