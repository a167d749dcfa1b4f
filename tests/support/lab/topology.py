"""Who lives where. Every container has the address 10.0.3.100 behind its backend, because that is how it is out there.

    client - bastion - be1 - alice          10.1.1.0/24 is the wire between the bastion and its backends
                     - be2 - bob, alice's db
                        |
                       be3 - carol          10.1.2.0/24: be3 is seen by be2 only
                        |
                       be4 - dave           10.1.3.0/24: be4 is seen by be3 only
                     - erin                 on the wire itself: no backend between the bastion and her
"""

import dataclasses

HOP_LOGIN = "hop"  # the account the bastion has on every backend; it has no shell


@dataclasses.dataclass(frozen=True)
class Backend:
    name: str
    addresses: dict  # by wire
    via: str | None = None


@dataclasses.dataclass(frozen=True)
class Container:
    machine: str
    owner: str
    backend: str
    address: str = "10.0.3.100"
    name: str = "web"
    default: bool = False

    @property
    def box(self):
        return f"{self.backend}/{self.machine}"

    @property
    def target(self):
        """What stands before the @ to get there."""
        return self.owner if self.machine == self.owner else f"{self.owner}+{self.name}"


CLIENT = {"front": "10.1.0.2"}
BASTION = {"front": "10.1.0.1", "wire1": "10.1.1.1"}

BACKENDS = [
    Backend("be1", {"wire1": "10.1.1.11"}),
    Backend("be2", {"wire1": "10.1.1.12", "wire2": "10.1.2.12"}),
    Backend("be3", {"wire2": "10.1.2.13", "wire3": "10.1.3.13"}, via="be2"),
    Backend("be4", {"wire3": "10.1.3.14"}, via="be3"),
]

# Ten more beside be1 for a crowd, with one machine behind each (crowded_box). No other lab has them.
CROWDED = [Backend(f"many{number}", {"wire1": f"10.1.1.{20 + number}"}) for number in range(10)]

# A backend that is no hop: its containers are reached from where the bastion stands.
DIRECT = "here"

CONTAINERS = [
    Container("alice", "alice", "be1", default=True),
    Container("bob", "bob", "be2"),
    Container("alice-db", "alice", "be2", "10.0.3.101", name="db"),
    Container("carol", "carol", "be3"),
    Container("dave", "dave", "be4"),
    Container("erin", "erin", DIRECT, "10.1.1.100"),
]

# The part of it most stories need: two backends, and the same address behind both.
SMALL = ("be1", "be2")


def crowded_box(name):
    """The machine behind one of CROWDED."""
    return Container(f"box-{name}", f"owner-{name}", name)


def backend(name):
    return next(each for each in BACKENDS + CROWDED if each.name == name)


def hops_to(name):
    """The backends on the way to a backend's containers, nearest first."""
    if name == DIRECT:
        return []
    here = backend(name)
    return [*(hops_to(here.via) if here.via else []), here]


def address_for_predecessor(name):
    """The address by which the one before it (the bastion, or the backend it is reached via) knows a backend."""
    here = backend(name)
    before = backend(here.via).addresses if here.via else BASTION
    return next(address for wire, address in here.addresses.items() if wire in before)
