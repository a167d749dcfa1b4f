"""The user's machine: stock ssh and friends, as she would type them, knowing nothing but the bastion's name."""

import contextlib
import os
import socket
import subprocess

from .deadline import PATIENCE
from .outcome import Outcome
from .process import LEASH, start
from .terminal import Terminal

_PATIENCE = 60


class Client:
    """`config` is the ssh_config she uses; each word below exists for scripts as it exists in a shell."""

    def __init__(self, namespace, folder, config, key_of, cables=()):
        self.namespace = namespace
        self._cables = cables
        self.folder = folder
        self.config = config
        self._key_of = key_of
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "XAUTHORITY": str(folder / "Xauthority"),
        }

    def options(self, user):
        """What makes ssh use this lab's keys and host keys, and nothing of the machine it runs on."""
        return ["-F", str(self.config), "-i", str(self._key_of(user))]

    def ssh_command(self, user):
        """For programs that call ssh themselves."""
        return " ".join(["ssh", *self.options(user)])

    def run(self, *argv, input=None, timeout=_PATIENCE, environment=None, cwd=None):
        done = subprocess.run(
            [*LEASH, *self.namespace.command(*map(str, argv))],
            input=input.encode() if isinstance(input, str) else input,
            stdin=subprocess.DEVNULL if input is None else None,
            env=self.environment | (environment or {}),
            cwd=cwd or self.folder,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        return Outcome.of(done.returncode, done.stdout, done.stderr)

    def start(self, *argv, environment=None, **popen):
        """A process that goes on; the caller ends it, and the lab makes sure of that."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | popen
        return start(
            self.namespace.command(*map(str, argv)), env=self.environment | (environment or {}), cwd=self.folder, **pipes
        )

    def ssh_line(self, user, host, command=None, *options):
        line = ["ssh", *self.options(user), *options, f"{user}@{host}"]
        return line if command is None else [*line, command]

    @contextlib.contextmanager
    def logged_in(self, user, host, *options, environment=None):
        """A login that stays while the block runs: forwards asked for in `options` are up when it begins."""
        process = self.start(*self.ssh_line(user, host, "echo up; cat", *options), environment=environment)
        try:
            if process.stdout.readline() != b"up\n":
                raise AssertionError(f"{user} could not log in: {process.stderr.read().decode()}")
            yield process
        finally:
            finish(process)

    def terminal(self, user, host, *arguments, environment=None, kind=Terminal, **size):
        """`kind` is what is typed into and read from: a Terminal, or one that shows a screen."""
        line = ["ssh", *self.options(user), f"{user}@{host}", *arguments]
        return kind(self.namespace.command(*line), self.environment | (environment or {}), **size)

    def connect(self, address, port, seconds=PATIENCE):
        """A bare TCP connection from this machine."""
        with self.namespace.entered():
            return socket.create_connection((address, port), timeout=seconds)

    def refuses(self, address, port):
        try:
            self.connect(address, port, seconds=2).close()
        except OSError:
            return True
        return False

    def unplug(self):
        """From now on its packets vanish: nobody is told that it is gone."""
        for cable in self._cables:
            cable.unplug()

    def plug(self):
        for cable in self._cables:
            cable.plug()

    def leftovers(self):
        return [_command_line(pid) for pid in self.namespace.pids() if pid != os.getpid()]


def echoes(process, text=b"still here\n"):
    """What Lab.session() has begun says back what it is told."""
    process.stdin.write(text)
    process.stdin.flush()
    assert process.stdout.readline() == text


def finish(process, seconds=PATIENCE):
    """Ends a client by closing its standard input, as a user would; returns its Outcome."""
    if process.stdin and not process.stdin.closed:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    process.stdin = None
    try:
        stdout, stderr = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        stdout, stderr = process.communicate()
        raise AssertionError(f"the client did not end within {seconds:g} s: {stderr.decode()}") from None
    return Outcome.of(process.returncode, stdout or b"", stderr or b"")


def _command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return f"{pid}: " + file.read().replace(b"\0", b" ").decode(errors="replace").strip()
    except FileNotFoundError:
        return f"{pid}: gone"
