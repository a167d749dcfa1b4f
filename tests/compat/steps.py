"""What every client has to get done. A step fails by raising, and says what it saw."""

import os

from clients.tool import checksum

from lab import until
from lab.greeter import Greeter, said_by

NEAR, FAR = 7001, 7002  # ports that are free on every machine of the lab
_MIB = 1024 * 1024
_CHANNELS = 40


def login(tool, far, effort):
    """The host key is known, the key is accepted, and it is the right container."""
    _leave_whereabouts(tool, far, effort)
    assert tool.whereabouts() == far.name


def rsa_key(tool, far, effort):
    """The same with an RSA key, for which old clients only know the signature nobody accepts any more."""
    _leave_whereabouts(tool, far, effort)
    assert tool.with_key(effort.rsa_key.path).whereabouts() == far.name


def terminal(tool, far, effort):
    """A shell on a terminal, which is told when its window changes, and a control character that does what it does."""
    with tool.desk.at_terminal(*tool.shell(), rows=30, columns=90) as shell:
        shell.expect(r"\$ ")
        shell.type("stty size; hostname\n")
        shell.expect(rf"30 90\n{far.name}\n")
        shell.type("echo ready; cat\n")
        shell.expect(r"ready\n")
        shell.type("back\n")
        shell.expect(r"back\nback\n")
        shell.resize(40, 100)
        shell.type("\x03")
        shell.expect(r"\^C")
        shell.expect(r"\$ ")
        # Some clients tell it beside what is typed, and some later.
        shell.type("until [ \"$(stty size)\" = '40 100' ]; do sleep 0.1; done; echo resized\n")
        shell.expect(r"[\r\n]resized\n")
        shell.expect(r"\$ ")
        shell.type("exit 3\n")
        assert shell.end()[0] == 3


def execute(tool, far, effort):
    """Output and errors arrive apart, and every byte of a program's input is passed on."""
    outcome = tool.execute("echo out; echo err >&2")
    assert (outcome.status, outcome.stdout) == (0, "out")
    assert "err" in outcome.stderr
    if tool.takes_input:
        noise = os.urandom(_MIB)
        assert tool.execute("cat", input=noise).succeeded().raw == noise


def exit_status(tool, far, effort):
    """What a command ended with is what the client ends with."""
    outcomes = [tool.execute(f"exit {status}") for status in (0, 7, 255)]
    assert [each.status for each in outcomes] == [0, 7, 255], [each.stderr for each in outcomes]


def upload(tool, far, effort):
    """A file of noise arrives with the same checksum."""
    file = effort.noise("upload", effort.mib)
    _send(tool, far, [(file, "upload")])


def download(tool, far, effort):
    """The same in the other direction."""
    file = effort.noise("download", effort.mib)
    _fetch(tool, far, [("download", file)])


def local_forward(tool, far, effort):
    """A port of the client leads to a service on the container's loopback."""
    with Greeter("from over there", namespace=far.namespace, port=FAR), tool.local_forward(NEAR, FAR):
        until(lambda: _says(lambda: tool.desk.connect("127.0.0.1", NEAR), "from over there"), "-L leads there")


def remote_forward(tool, far, effort):
    """A port of the container leads to a service on the client's loopback."""
    with Greeter("from the desk", namespace=tool.desk.namespace, port=NEAR), tool.remote_forward(FAR, NEAR):
        until(lambda: _says(lambda: far.connect("127.0.0.1", FAR), "from the desk"), "-R leads here")


def keepalive(tool, far, effort):
    """It asks for signs of life while nothing else happens, and goes on."""
    _leave_whereabouts(tool, far, effort)
    assert tool.stay(tool.idle_seconds).strip() == far.name


def rekey(tool, far, effort):
    """New keys every few megabytes, asked for by the client, while a file travels up and then down."""
    often = tool.rekeying(effort.rekey_every)
    file = effort.noise("rekey", effort.rekey_mib)
    _send(often, far, [(file, "rekey")])
    _fetch(often, far, [("rekey", file)])


def parallel(tool, far, effort):
    """Several files at once, up and then down."""
    names = [f"parallel{number}" for number in range(effort.parallel)]
    files = [effort.noise(name, max(1, effort.mib // effort.parallel)) for name in names]
    _send(tool, far, list(zip(files, names)))
    _fetch(tool, far, list(zip(names, files)))


def both_ways(tool, far, effort):
    """Many commands at once on one connection, each of which sends back what it is sent."""
    assert tool.echo(_CHANNELS, effort.echo_kib * 1024) == _CHANNELS


# In the order of the table.
STEPS = {
    "login": login,
    "RSA key": rsa_key,
    "terminal": terminal,
    "exec": execute,
    "exit status": exit_status,
    "upload": upload,
    "download": download,
    "-L": local_forward,
    "-R": remote_forward,
    "keepalive": keepalive,
    "rekey": rekey,
    "parallel": parallel,
    "both ways": both_ways,
}


def _leave_whereabouts(tool, far, effort):
    file = effort.folder / "whereabouts"
    file.write_text(f"{far.name}\n")
    tool.provide(far, "whereabouts", file)


def _send(tool, far, pairs):
    for _, name in pairs:
        tool.prepare(far, name)
    tool.upload_all(pairs) if len(pairs) > 1 else tool.upload(*pairs[0])
    for file, name in pairs:
        assert tool.arrived(far, name) == checksum(file), f"{name} is not what was sent"
        far.remove(name)


def _fetch(tool, far, pairs):
    targets = [(name, tool.desk.home / f"{name}.fetched") for name, _ in pairs]
    for name, file in pairs:
        tool.provide(far, name, file)
    tool.download_all(targets) if len(pairs) > 1 else tool.download(*targets[0])
    for (name, target), (_, file) in zip(targets, pairs):
        assert checksum(target) == checksum(file), f"{name} is not what was fetched"
        far.remove(name)
        target.unlink()


def _says(connect, text):
    try:
        return said_by(connect()) == text
    except OSError:
        return False
