"""`ssh -L` to the window of a real bastion, and the way to it for a browser that stands on another machine than the client:
the client listens at a socket of its own, and whoever connects to 127.0.0.1 here is put through to it."""

import contextlib
import socket
import threading

from lab.client import finish
from lab.deadline import until


@contextlib.contextmanager
def window_of(lab, user):
    """The address at which the user's browser has the window."""
    path = lab.client.folder / f"window-{user}"
    with forwarded(lab, user, path), port_to(path) as url:
        yield url


@contextlib.contextmanager
def forwarded(lab, user, path):
    """The socket there leads to the window of this user."""
    client = lab.client.start(*lab.client.ssh_line(user, "bastion", None, "-N", "-o", "ExitOnForwardFailure=yes", "-L", f"{path}:bastion:80"))
    try:
        until(path.exists, "ssh listens")
        yield
    finally:
        client.kill()
        finish(client)
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def port_to(path):
    """The address of a port that leads to the socket there, while there is one."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_accept, args=(listening, str(path)), daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        listening.shutdown(socket.SHUT_RDWR)


def _accept(listening, path):
    with contextlib.suppress(OSError):
        while True:
            here, _ = listening.accept()
            there = socket.socket(socket.AF_UNIX)
            try:
                there.connect(path)
            except OSError:
                here.close()
                there.close()
                continue
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=_copy, args=(one, other), daemon=True).start()


def _copy(one, other):
    """Until one of both ends: then both do."""
    with contextlib.suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    for each in (one, other):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
