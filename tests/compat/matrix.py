"""The matrix as data: clients x steps x upstreams, what is red and whose fault that is; and one cell of it, tried."""

import dataclasses
import time

from clients import CLIENTS, Ansible, CurlScp, CurlSftp, DebianSsh, Sshj
from steps import STEPS
from upstreams import DEFAULT, KINDS, UPSTREAMS

COLOURS = GREEN, RED, SKIPPED = "green", "red", "skipped"


@dataclasses.dataclass(frozen=True)
class Red:
    """A cell that is not green, and why that is not our fault: `why` ends with how that was seen."""

    client: type
    step: str
    why: str
    kinds: tuple = tuple(KINDS)  # of the container's sshd
    always: bool = True


_SHA1 = (
    "libssh2 1.10 signs with an RSA key only as SHA-1, which OpenSSH has refused since 8.8 and so do we. Use an ed25519 key. "
    "The same without the bastion."
)

KNOWN_RED = [
    Red(CurlSftp, "RSA key", _SHA1),
    Red(CurlScp, "RSA key", _SHA1),
    Red(
        Ansible,
        "parallel",
        "dropbear now and then breaks sessions that come and go at the same time on one connection, which is how Ansible uses "
        "`ssh` (ControlPersist). The same without the bastion, and with `ssh` alone.",
        kinds=("dropbear",),
        always=False,
    ),
    Red(
        Sshj,
        "both ways",
        "Of 40 `cat` at once on one connection, some give back less than they were sent. The same without the bastion.",
        kinds=("dropbear",),
        always=False,
    ),
]


@dataclasses.dataclass(frozen=True)
class Cell:
    client: type
    step: str
    upstream: object

    def __str__(self):
        return f"{self.client.plain_name()}, {self.step}, {self.upstream}"

    @property
    def known_red(self):
        for red in KNOWN_RED:
            if (red.client, red.step) == (self.client, self.step) and self.upstream.kind in red.kinds:
                return red
        return None


@dataclasses.dataclass(frozen=True)
class Verdict:
    colour: str
    said: str = ""
    seconds: float = 0


def cells(clients=CLIENTS, steps=STEPS, upstreams=UPSTREAMS):
    """Every cell that the client is able to fill."""
    every = [Cell(client, step, upstream) for client in clients for upstream in upstreams for step in steps]
    return [cell for cell in every if cell.step not in cell.client.cannot]


def short_cells():
    """Every client once, and every upstream once."""
    return cells(upstreams=[DEFAULT]) + cells([DebianSsh], upstreams=[each for each in UPSTREAMS if each != DEFAULT])


def attempt(world, cell, effort, *, directly=False):
    """Tries one cell; `directly` without the bastion, which tells whose fault a red one is."""
    if reason := cell.client.needs() or cell.upstream.needs():
        return Verdict(SKIPPED, reason)
    place = world.direct if directly else world.tool
    tool = place(cell.client, cell.upstream)
    tool.patience = effort.patience
    began = time.monotonic()
    try:
        STEPS[cell.step](tool, world.far(cell.upstream), effort)
    except Exception as failure:  # whatever goes wrong with one client, the others are tried
        return Verdict(RED, f"{type(failure).__name__}: {failure}", time.monotonic() - began)
    finally:
        tool.close()
    return Verdict(GREEN, seconds=time.monotonic() - began)
