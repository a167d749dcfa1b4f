"""A cable between a machine and a bridge that is as long as one likes: it delays, and it may lose what it carries.

The kernels these labs run on have no netem, so a process (tests/delay_line) carries every frame from one interface to
another. Nothing that a network card would put together or compute may be left to it: the offloads of all four ends are off.
"""

import ctypes
import fcntl
import pathlib
import socket
import struct
import subprocess

from .cable import Cable
from .process import run, start

_BUILD = pathlib.Path(__file__).resolve().parents[3] / "build"

_SIOCETHTOOL = 0x8946
# ETHTOOL_S...: receive and transmit checksums, scatter and gather, TSO, GSO, GRO.
_OFFLOADS = (0x15, 0x17, 0x19, 0x1F, 0x24, 0x2C)


class LongLine(Cable):
    """As short as any other cable, until it is told something else."""

    def __init__(self, name, namespace, interface, address, bridge, seed=1):
        super().__init__(name, namespace, interface, address, bridge)
        switch = bridge.namespace
        near, far, port = name, f"{name}.far", f"{name}.port"
        switch.ip(
            f"link set {near} nomaster",
            f"link add {far} type veth peer name {port}",
            f"link set {far} up",
            f"link set {port} master {bridge.interface} up",
        )
        _without_offloads(namespace, interface)
        for each in (near, far, port):
            _without_offloads(switch, each)
        self._process = start(
            switch.command(_program(), near, far, seed), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._hears("ready")

    def becomes(self, *, round_trip=None, loss=None, largest=None):
        """From the next frame on: seconds there and back, the part that is lost each way, the bytes of a frame beyond
        which it vanishes."""
        words = {
            "delay": None if round_trip is None else round(round_trip / 2 * 1_000_000),
            "loss": loss,
            "largest": largest,
        }
        for name, value in words.items():
            if value is not None:
                self._process.stdin.write(f"{name} {value}\n")
                self._process.stdin.flush()
                self._hears("ok")

    def remove(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _hears(self, word):
        if (line := self._process.stdout.readline()) != f"{word}\n":
            raise RuntimeError(f"the delay line says {line!r}, not {word!r}")


def make_room(namespace):
    """TCP buffers of a host that hold what is on its way on the longest line, and what keeps a line full in spite of loss
    where the kernel has it."""
    settings = [f"net.ipv4.tcp_{way}mem=4096 131072 67108864" for way in "rw"]
    known = run(namespace.command("sysctl", "-n", "net.ipv4.tcp_available_congestion_control")).split()
    if "bbr" in known:
        settings.append("net.ipv4.tcp_congestion_control=bbr")
    run(namespace.command("sysctl", "-qw", *settings))


def _program():
    built = sorted(_BUILD.glob("*/tests/delay_line/delay_line"), key=lambda file: file.stat().st_mtime)
    if not built:
        raise RuntimeError("there is no delay line: build the tests")
    return built[-1]


def _without_offloads(namespace, interface):
    with namespace.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for command in _OFFLOADS:
            value = bytearray(struct.pack("=II", command, 0))
            place = (ctypes.c_char * len(value)).from_buffer(value)
            request = struct.pack("16sP16x", interface.encode(), ctypes.addressof(place))
            fcntl.ioctl(asked, _SIOCETHTOOL, request)
