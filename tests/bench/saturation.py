"""Users who move as many bytes as they can, one way, until they are told to stop."""

import contextlib
import dataclasses
import subprocess

MIB = 1024 * 1024


@dataclasses.dataclass(frozen=True)
class Way:
    verb: str
    command: str
    counter: str  # in /proc/PID/io of the client


down = Way("download", "echo up >&2; read go; exec cat /dev/zero", "wchar")
up = Way("upload", "echo up >&2; exec cat >/dev/null", "rchar")


class Crowd:
    def __init__(self, clients):
        self._clients = clients

    def moved(self):
        """MiB since each of them began."""
        return sum(_bytes(client.pid, way.counter) for client, way in self._clients) / MIB


@contextlib.contextmanager
def crowd(lab, user, way, count):
    """All of them are logged in before the first one begins."""
    with contextlib.ExitStack() as stack:
        users = [stack.enter_context(_user(lab, user, way)) for _ in range(count)]
        for _, source in users:
            source.stdin.write(b"go\n")
            source.stdin.flush()
        yield Crowd([(client, way) for client, _ in users])


@contextlib.contextmanager
def _user(lab, user, way):
    """The client, and the process whose standard input takes the word to begin."""
    if way is up:
        source = subprocess.Popen(["sh", "-c", "read go; exec cat /dev/zero"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        client = _client(lab, user, way, source.stdout)
        source.stdout.close()
    else:
        source = client = _client(lab, user, way, subprocess.PIPE)
    try:
        if (line := client.stderr.readline()) != b"up\n":
            raise RuntimeError(f"{user} could not log in: {line.decode()}")
        yield client, source
    finally:
        for process in {client, source}:
            process.kill()
            process.communicate()


def _client(lab, user, way, stdin):
    line = lab.client.ssh_line(user, "bastion", way.command)
    return lab.client.start(*line, stdin=stdin, stdout=subprocess.DEVNULL)


def _bytes(pid, counter):
    with open(f"/proc/{pid}/io", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(f"{counter}:"))
