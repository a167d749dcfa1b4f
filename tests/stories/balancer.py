"""HAProxy in the network of the client, as docs/ADMIN.md has it: for stories about bastions behind it."""

import contextlib
import re
import socket

import examples
from lab import until
from lab.process import start
from lab.topology import BASTION

ADDRESS = "10.1.0.3"
PORT = 2200

_ADMIN = examples.REPOSITORY / "docs" / "ADMIN.md"
_SERVER = re.compile(r"^  server bastion-1 192\.0\.2\.1:2222 (.*)\n(  server .*\n)*", re.MULTILINE)


@contextlib.contextmanager
def haproxy(lab, clients, servers=(f"{BASTION['front']}:2222",), options=None):
    """In front of these servers, with addresses more for those who come through it. `options` are another way to say whose a
    connection is."""
    namespace = lab.client.namespace
    namespace.ip(*(f"addr replace {address}/24 dev front" for address in (ADDRESS, *clients)))
    file = lab.folder / "haproxy.cfg"
    file.write_text(_documented(servers, options))
    process = start(namespace.command("haproxy", "-db", "-f", file))
    try:
        until(lambda: reached(lab, clients[0]) is not None, "HAProxy answers")
        yield
    finally:
        process.terminate()
        process.wait()


def _documented(servers, options):
    """What the page says, with the addresses of this place."""
    (example,) = [each for each in examples.examples(_ADMIN) if each.language == "haproxy"]
    text, count = re.subn(r"^  bind :22\n", f"  bind {ADDRESS}:{PORT}\n", example.text, flags=re.MULTILINE)
    assert count == 1
    says = _SERVER.search(text)[1] if options is None else options
    lines = "".join(f"  server bastion-{number} {server} source {ADDRESS} {says}\n" for number, server in enumerate(servers, 1))
    return _SERVER.sub(lambda _: lines, text)


def reached(lab, address):
    """A connection to HAProxy from there; None while nobody listens."""
    with lab.client.namespace.entered():
        connection = socket.socket()
        connection.bind((address, 0))
        try:
            connection.connect((ADDRESS, PORT))
        except ConnectionRefusedError:
            connection.close()
            return None
    return connection


def way(address=None):
    """Options of ssh for who comes through it, from there."""
    options = ["-o", f"HostName={ADDRESS}", "-p", str(PORT), "-o", f"HostKeyAlias=[{BASTION['front']}]:2222"]
    return options if address is None else ["-b", address, *options]
