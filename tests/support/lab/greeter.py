"""A service that says one line to whoever connects, wherever in the lab it is put: it proves where a forward ended."""

import contextlib
import os
import socket
import threading


class Greeter:
    """Listens on (address, port) inside a namespace, or on a unix socket; a context manager."""

    def __init__(self, text, *, namespace=None, address="127.0.0.1", port=0, path=None):
        self.text = text
        if path:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.bind(str(path))
            os.chmod(path, 0o777)
        else:
            with namespace.entered():
                self._socket = socket.socket()
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                self._socket.bind((address, port))
            self.port = self._socket.getsockname()[1]
        self._socket.listen(16)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self._socket.accept()
                with peer:
                    self._greet(peer)

    def _greet(self, peer):
        with contextlib.suppress(OSError):
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
