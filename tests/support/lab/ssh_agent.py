"""A real ssh-agent on the client with keys in it, and one that is none."""

import contextlib
import socket
import threading

from .client import finish
from .deadline import until


@contextlib.contextmanager
def agent(client, *keys, add=(), environment=None):
    """Yields what ssh needs in its environment to find it. The keys go into it in this order, with these options of ssh-add."""
    path = client.folder / "agent"
    process = client.start("ssh-agent", "-D", "-a", path, environment=environment)
    try:
        where = {"SSH_AUTH_SOCK": str(path)}
        until(lambda: client.run("ssh-add", "-l", environment=where).status != 2, "ssh-agent listens")
        for key in keys:
            client.run("ssh-add", "-q", *add, key.path, environment=where).succeeded()
        yield where
    finally:
        process.terminate()
        finish(process)
        path.unlink(missing_ok=True)


def _message_from(peer):
    """One message of the agent protocol, without its length, which may come by itself; nothing at the end."""
    size = peer.recv(4, socket.MSG_WAITALL)
    return peer.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL) if len(size) == 4 else b""


@contextlib.contextmanager
def false_agent(client, *answers):
    """Yields where something listens that is no agent, for ForwardAgent. The first message is of her own client (session-bind),
    which is told that nobody knows it; the next one is answered with the first of these bytes, and so on. Then it hangs up."""
    path = client.folder / "false_agent"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def converse(peer):
        with peer, contextlib.suppress(OSError):
            for answer in [b"\0\0\0\1\x05", *answers]:
                if not _message_from(peer):
                    return
                peer.sendall(answer)

    def serve():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=converse, args=[listener.accept()[0]], daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield path
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        path.unlink()
