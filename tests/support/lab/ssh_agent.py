"""A real ssh-agent on the client with one key in it."""

import contextlib

from .client import finish
from .deadline import until


@contextlib.contextmanager
def agent(client, key):
    """Yields the socket for SSH_AUTH_SOCK."""
    path = client.folder / "agent"
    process = client.start("ssh-agent", "-D", "-a", path)
    try:
        environment = {"SSH_AUTH_SOCK": str(path)}
        until(path.exists, "ssh-agent listens")
        client.run("ssh-add", "-q", key.path, environment=environment).succeeded()
        yield environment
    finally:
        process.terminate()
        finish(process)
        path.unlink(missing_ok=True)
