"""Where the matrix leads: each kind of sshd as a container, behind each kind of hop. dropbear is no hop of ours."""

import dataclasses

from lab import backports
from lab.sshd import BACKPORTS, DEBIAN, DROPBEAR
from lab.topology import Container

KINDS = {"Debian 12": DEBIAN, "backports": BACKPORTS, "dropbear": DROPBEAR}

# Whose containers are behind which backend, and what that backend runs.
_HOPS = [("alice", "be1", "Debian 12"), ("bob", "be2", "backports")]
_CONTAINERS = [("web", "10.0.3.100", "Debian 12"), ("new", "10.0.3.101", "backports"), ("small", "10.0.3.102", "dropbear")]


@dataclasses.dataclass(frozen=True)
class Upstream:
    hop: str  # kinds
    kind: str
    container: Container

    def __str__(self):
        return f"{self.kind} behind {self.hop}"

    @property
    def target(self):
        return self.container.target

    def needs(self):
        """A reason why it cannot be had on this machine, if there is one."""
        return backports.missing() if "backports" in (self.hop, self.kind) else None

    def sshd(self):
        return {self.container.backend: KINDS[self.hop], self.container.machine: KINDS[self.kind]}


def _upstream(owner, backend, hop, name, address, kind):
    default = name == "web"
    machine = owner if default else f"{owner}-{name}"
    return Upstream(hop, kind, Container(machine, owner, backend, address, name, default))


UPSTREAMS = [_upstream(*hop, *container) for hop in _HOPS for container in _CONTAINERS]
DEFAULT = UPSTREAMS[0]

NOTES = [
    "dropbear closes every connection beyond five from one address that have not logged in yet. A user who begins more than "
    "that at the same moment is told that the container is unreachable; without the bastion the client sees the connection closed.",
    "dropbear takes 24 KiB at a time unless `-W` says more. Behind a hop, uploads to it are slow (2 MiB/s in our lab, and as slow "
    "with `ssh -J`): sshd on the hop holds small packets back for a while (Nagle's algorithm).",
]
