"""A service that says one line to whoever connects, wherever in the lab it is put: it proves where a forward ended."""

import os
import socket

from .service import Service


class Greeter(Service):
    """Listens on (address, port) inside a namespace, or on a unix socket."""

    def __init__(self, text, *, namespace=None, address="127.0.0.1", port=0, path=None):
        self.text = text
        if path:
            listening = socket.socket(socket.AF_UNIX)
            listening.bind(str(path))
            os.chmod(path, 0o777)
        else:
            with namespace.entered():
                listening = socket.socket()
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listening.bind((address, port))
            self.port = listening.getsockname()[1]
        listening.listen(16)
        super().__init__(listening)

    def answer(self, peer):
        peer.sendall(self.text.encode())
        peer.shutdown(socket.SHUT_WR)
        # Reading to the end keeps the kernel from resetting the connection before the line has arrived.
        while peer.recv(4096):
            pass


def said_by(connection):
    """Everything the far end says until it has nothing more to say."""
    with connection:
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
        return b"".join(parts).decode()
