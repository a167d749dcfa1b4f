"""Something that listens and answers whoever connects, one at a time, while a block runs."""

import contextlib
import socket
import threading


class Service:
    """A context manager around a listening socket; what it answers is up to answer()."""

    def __init__(self, listening):
        self._socket = listening
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def answer(self, peer):
        raise NotImplementedError

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self._socket.accept()
                with peer, contextlib.suppress(OSError):
                    self.answer(peer)
