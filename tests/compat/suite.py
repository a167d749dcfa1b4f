"""OpenSSH's own regression tests, through the bastion: those that log in, with programs/regress/sshd in the place of `sshd -i`.

They are Debian's package `openssh-tests`, unpacked and not installed. Its sshd is the container's, with the configuration
the test wrote; the bastion has the test's host keys, so that the client sees no difference.
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import socket
import subprocess
import threading

from lab import backports
from lab.bastion import Bastion
from lab.downloads import Unavailable
from lab.key import Key
from lab.lab import ROOT
from lab.namespace import Namespace
from lab.process import start
from lab.readiness import Readiness
from registries import PROGRAMS

_FRONT, _CONTAINER, _HOP = 4301, 4302, 4303
# Not a loopback address: those are inside the container.
_ADDRESS = "10.0.3.100"
_HOST_KEYS = {"ssh-ed25519": "ed25519", "ecdsa-sha2-nistp256": "ecdsa", "ssh-rsa": "rsa"}
_PATIENCE = 600

# How the bastion is between client and container, and what the page says above the column.
PATHS = {"direct": "without the bastion", "bastion": "through the bastion", "hop": "and through a hop"}

OK, FAILED, SKIPPED = "ok", "failed", "skipped"

TESTS = """
    proxy-connect connect-privsep proto-version exit-status exit-status-signal envpass transfer banner rekey
    stderr-data stderr-after-eof try-ciphers yes-head agent agent-restrict key-options scp3 localcommand forcecommand portnum
    kextype host-expand percent forward-control integrity allow-deny-users authinfo cfgmatch knownhosts
    knownhosts-command channel-timeout connection-timeout multiplex
""".split()
QUICK = ["authinfo", "connect-privsep", "forcecommand", "localcommand", "yes-head"]


@dataclasses.dataclass(frozen=True)
class Red:
    """A test that fails: why, what it says then, and on which paths. On all others a failure is a failure."""

    why: str
    says: str  # a part of its output
    paths: tuple = ("bastion", "hop")


KNOWN_RED = {
    "agent": Red("In its last part the keys are certificates.", "ssh connect with failed (exit code 255)"),
    "agent-restrict": Red(
        "Its five hosts have a host key each, and the client meets the bastion's each time. It also asks the containers which "
        "key logged in (`ExposeAuthInfo`), and that is the bastion's.",
        "host host_a w/o agent fail, exit status 255",
    ),
    "rekey": Red(
        "Its last parts set the RekeyLimit of sshd and count at the client. The container's sshd asks the bastion for new keys, "
        "and not the client.",
        "no rekeying occurred",
    ),
    "connection-timeout": Red(
        "A connection without a channel (`ssh -N`) is led to the container when it opens one, so sshd's UnusedConnectionTimeout "
        "does not meet it; the bastion's idle_timeout does.",
        "ssh unexpectedly present",
    ),
    "banner": Red(
        "Lines of a banner end with CR LF here, as a terminal wants them; sshd sends the file as it is. Of a long one the first "
        "16 KiB are shown, and `ssh -q` does not hide it.",
        "banner size 10 mismatch",
    ),
    "key-options": Red(
        "The option `environment` is refused where a key is added: the environment is the container's sshd's. And the "
        "test wants a `from=` to fit nobody, because its client has no address; here it has one.",
        "key option environment not set",
    ),
}

# By the reason, those that log in and are not tried.
NOT_APPLICABLE = {
    "certificates": ["cert-file", "cert-hostkey", "cert-userkey", "limit-keytype", "multipubkey", "principals-command"],
    "the host key that is shown is the bastion's": ["hostbased", "hostkey-agent", "hostkey-rotate", "keytype"],
    "group exchange, which is not offered to users": ["dhgex"],
    "the keys are not in a file that sshd reads": ["keys-command"],
    "the test looks at how the process of sshd ends": ["proto-mismatch"],
    "connects to a port, where its own sshd listens": ["connect", "connect-uri", "dynamic-forward", "forwarding", "sftp-uri"],
}


@dataclasses.dataclass(frozen=True)
class Result:
    colour: str
    said: str


def surprise(name, path, result):
    """What is not as KNOWN_RED has it; empty when all is."""
    red = KNOWN_RED.get(name)
    if red is None or path not in red.paths:
        return "it fails" if result.colour == FAILED else ""
    if result.colour != FAILED:
        return f"it is {result.colour} now: take it out of KNOWN_RED"
    return "" if red.says in result.said else f"it fails in another way: it does not say {red.says!r}"


class Suite:
    """A context manager; each test runs by itself, with everything it finds made anew."""

    def __init__(self, path):
        self._path = path
        # With these names, a later run finds and removes what a crashed one left behind (lab.remove_abandoned).
        self._name = f"regress{os.getpid()}x{path}"
        self._place = ROOT / self._name
        self._namespace = Namespace(f"{self._name}-here")
        self._stack = contextlib.ExitStack()
        self.bastion = None

    def __enter__(self):
        with self._stack:
            self._build()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, kind, *_):
        faults = self.bastion.faults() if self.bastion else []
        self._stack.close()
        if faults and kind is None:
            raise AssertionError("\n".join(faults))

    def _build(self):
        tests = _tests()
        owner = ROOT / f"{self._name}.owner"
        self._objects = self._place / "regress"
        self._place.mkdir(parents=True)
        owner.write_text(str(os.getpid()))
        self._stack.callback(owner.unlink)
        self._stack.callback(shutil.rmtree, self._place, ignore_errors=True)
        shutil.copytree(tests, self._objects, symlinks=True)
        os.makedirs("/run/sshd", exist_ok=True)  # which sshd wants, and its unit makes
        self._namespace.create()
        self._stack.callback(self._namespace.delete)
        if self._path != "direct":
            self._set_up()

    def run(self, name):
        folder = PROGRAMS / "regress"
        ssh, sshd = ("/usr/bin/ssh", "/usr/sbin/sshd") if self._path == "direct" else (folder / "ssh", folder / "sshd")
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": pathlib.Path("~root").expanduser().as_posix(),
            "TEST_SHELL": "sh",
            "BUILDDIR": str(self._objects),
            "OBJ": str(self._objects),
            "TEST_SSH_SSHD": str(sshd),
            "TEST_SSH_SSH": str(ssh),
            "BASTION_OFFERS": str(self._place / "offers"),
            "TEST_SSH_SFTPSERVER": "/usr/lib/openssh/sftp-server",
            "TEST_SSH_SSHD_CONFOPTS": "UsePAM no",
            "TEST_SSH_IPV6": "yes",
            "TEST_SSH_ECC": "yes",
            "TEST_SSH_UNSAFE_PERMISSIONS": "1",
        }
        (self._place / "keys").unlink(missing_ok=True)
        line = ["timeout", "--kill-after=5", str(_PATIENCE), "sh", "test-exec.sh", self._objects, f"{self._objects}/{name}.sh"]
        with open("/dev/zero", "rb") as zero:
            where = {"cwd": self._objects, "env": environment, "stdin": zero}
            process = start(self._namespace.command(*line), **where, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            said, _ = process.communicate()
        colour = FAILED if process.returncode else SKIPPED if "SKIPPED" in said else OK
        return Result(colour, said.replace("^@", ""))

    def logs(self):
        """What client and container wrote of the tests that failed."""
        files = [self._objects / f"failed-{name}.log" for name in ("ssh", "sshd")]
        logs = [file.read_text(errors="replace")[-6000:] for file in files if file.exists()]
        return "\n".join([*logs, self.bastion.log[-3000:] if self.bastion else ""])

    def _set_up(self):
        operator = Key(self._place / "operator")
        self.bastion = Bastion(self._namespace, self._place / "bastion", f"127.0.0.1:{_FRONT}", {"workers": 1})
        keys = self.bastion.state / "host_keys"
        keys.mkdir(parents=True, mode=0o700)
        self.bastion.state.chmod(0o700)
        for kind, name in _HOST_KEYS.items():
            key = Key(self._objects / kind, name)
            shutil.copy(key.path, keys / f"{name}")
        self.bastion.init("operator", operator.public)
        (self._place / "port").write_text(str(_FRONT))
        (self._place / "identity").write_text("\n".join(self.bastion.identity()))
        (self._place / "admin").write_text(json.dumps(self.bastion.admin_line()))
        self._namespace.ip(f"addr add {_ADDRESS}/32 dev lo")
        self._register()
        with self._namespace.entered():
            listening = socket.create_server((_ADDRESS, _CONTAINER), backlog=64)
        self._stack.callback(listening.close)
        threading.Thread(target=self._serve, args=[listening], daemon=True).start()
        self.bastion.start()
        with self._namespace.entered():
            offers = _offers("127.0.0.1", _FRONT)
        (self._place / "offers").write_text("".join(f"{name}\n" for name in offers))

    def _register(self):
        self.bastion.admin("user", "add", "root")
        if self._path == "hop":
            self._stack.enter_context(self._hop())
            self.bastion.admin("backend", "add", "there", f"127.0.0.1:{_HOP}", "--login", "root")
        else:
            self.bastion.admin("backend", "add", "there", f"{_ADDRESS}:{_CONTAINER}", "--login", "root", "--direct")
        place = ["--backend", "there", "--address", f"{_ADDRESS}:{_CONTAINER}", "--login", "root", "--default"]
        self.bastion.admin("container", "add", "web", "--owner", "root", *place)

    @contextlib.contextmanager
    def _hop(self):
        key = Key(self._place / "hop_key")
        lines = [f"HostKey {key.path}", f"AuthorizedKeysFile {self._place}/identity", f"ListenAddress 127.0.0.1:{_HOP}"]
        lines += ["UsePAM no", "StrictModes no", "PidFile none", "PermitRootLogin yes", "MaxSessions 64", "MaxStartups 100"]
        config = self._place / "hop"
        config.write_text("\n".join([*lines, ""]))
        readiness = Readiness(self._place / "notify")
        line = self._namespace.command("/usr/sbin/sshd", "-D", "-f", config, "-E", f"{config}.log")
        process = start(line, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **readiness.environment})
        readiness.wait(process, lambda: pathlib.Path(f"{config}.log").read_text())
        readiness.close()
        try:
            yield
        finally:
            process.kill()
            process.wait()

    def _serve(self, listening):
        """The container: one sshd a connection, with the configuration of now."""
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                arguments = (self._place / "arguments").read_text().splitlines()
                line = self._namespace.command("/usr/sbin/sshd", *arguments)
                threading.Thread(target=_serve_one, args=[connection, line], daemon=True).start()


def _offers(*address):
    """The names of all algorithms that a server offers (RFC 4253 section 7.1), and of the key types behind them."""
    with socket.create_connection(address) as connection, connection.makefile("rb") as stream:
        connection.sendall(b"SSH-2.0-looks\r\n")
        stream.readline()
        size = int.from_bytes(stream.read(4)) - 1
        padding = stream.read(1)[0]
        lists = stream.read(size)[1 + 16 : size - padding]
    names = []
    for _ in range(8):
        end = 4 + int.from_bytes(lists[:4])
        names += lists[4:end].decode().split(",")
        lists = lists[end:]
    return sorted({*names, "ssh-rsa"})


def _serve_one(connection, line):
    """Through pipes, as the tests' sshd has them: it then knows no addresses."""
    with connection, subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as sshd:
        threading.Thread(target=_pass, args=[lambda: connection.recv(65536), sshd.stdin], daemon=True).start()
        with connection.makefile("wb", buffering=0) as client:
            _pass(lambda: os.read(sshd.stdout.fileno(), 65536), client)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _pass(read, target):
    with contextlib.suppress(OSError), target:
        while part := read():
            target.write(part)
            target.flush()


def missing():
    """A reason why the tests cannot be had, if there is one."""
    try:
        _tests()
    except Unavailable as reason:
        return str(reason)
    return None


def _tests():
    return backports.fetched("bookworm", "openssh-tests") / "usr" / "lib" / "openssh" / "regress"
