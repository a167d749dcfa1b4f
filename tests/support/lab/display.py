"""A display for X11 forwarding: as much of an X server as shows that a program with the right cookie got through."""

import secrets
import socket
import struct

from .service import Service

_PROTOCOL = b"MIT-MAGIC-COOKIE-1"


class Display(Service):
    """Number 7 on the client. Accepts a connection set-up with its own cookie, refuses every other."""

    number = 7

    def __init__(self, client):
        self._cookie = secrets.token_bytes(16)
        self.name = f"127.0.0.1:{self.number}"
        client.run("xauth", "add", self.name, "MIT-MAGIC-COOKIE-1", self._cookie.hex()).succeeded()
        with client.namespace.entered():
            super().__init__(socket.create_server(("127.0.0.1", 6000 + self.number)))

    def answer(self, peer):
        reader = peer.makefile("rb")
        # X11 connection set-up: byte order, version, lengths of the authorization's name and data, then those, padded.
        setup = reader.read(12)
        if len(setup) < 12:  # ssh itself turned the program away
            return
        _, _, _, name_length, data_length, _ = struct.unpack("<BxHHHHH", setup)
        name = reader.read(_padded(name_length))[:name_length]
        data = reader.read(_padded(data_length))[:data_length]
        welcome = (name, data) == (_PROTOCOL, self._cookie)
        peer.sendall(b"\1welcome" if welcome else b"\0refused")


# What a program on the far side does: reads $DISPLAY, asks xauth for the cookie, sets up a connection, prints the answer.
PROGRAM = """\
import os, socket, struct, subprocess
display = os.environ["DISPLAY"]
cookie = bytes.fromhex(subprocess.check_output(["xauth", "list", display], text=True).split()[2])
name = b"MIT-MAGIC-COOKIE-1"
host, _, number = display.partition(":")
peer = socket.create_connection((host, 6000 + int(number.partition(".")[0])))
peer.sendall(struct.pack("<BxHHHHH", 0x6c, 11, 0, len(name), len(cookie), 0) + name.ljust(20, b"\\0") + cookie)
print(peer.recv(8)[1:].decode())
"""


def _padded(length):
    return (length + 3) // 4 * 4
