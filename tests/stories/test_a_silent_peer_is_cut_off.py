"""login_grace: whoever does not log in is cut off, wherever in the handshake she fell silent."""

import pytest

from lab import until
from lab.topology import BASTION

pytestmark = [pytest.mark.bastion_only, pytest.mark.lab_with(settings={"login_grace": 2})]


def cut_off(connection):
    """Reads until the bastion closes; the timeout of the socket is the bound."""
    connection.settimeout(15)
    with connection:
        try:
            while connection.recv(4096):
                pass
        except ConnectionResetError:
            pass


def drip(connection, message):
    """A byte now and then, so that she is never silent; False when she could send all of it."""
    connection.settimeout(0.05)
    with connection:
        for byte in message:
            try:
                connection.sendall(bytes([byte]))
                while connection.recv(4096):
                    pass
                return True
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                return True
    return False


def connect(lab):
    return lab.client.connect(BASTION["front"], 2222)


def test_who_says_nothing_at_all(own_lab):
    cut_off(connect(own_lab))
    until(lambda: "login_grace_expired" in own_lab.bastion.log, "the log has the reason")


def test_who_stops_after_the_greeting(own_lab):
    connection = connect(own_lab)
    connection.sendall(b"SSH-2.0-Patience\r\n")
    cut_off(connection)


def test_who_stops_in_the_middle_of_a_packet(own_lab):
    connection = connect(own_lab)
    connection.sendall(b"SSH-2.0-Patience\r\n" + (30000).to_bytes(4, "big") + b"\x05\x14")
    cut_off(connection)


def test_who_drips_a_greeting(own_lab):
    assert drip(connect(own_lab), b"SSH-2.0-" + b"x" * 240)


def test_who_drips_a_packet(own_lab):
    connection = connect(own_lab)
    connection.sendall(b"SSH-2.0-Patience\r\n")
    assert drip(connection, (30000).to_bytes(4, "big") + b"\x05\x14" + b"x" * 300)


def test_who_sends_an_endless_greeting(own_lab):
    connection = connect(own_lab)
    try:
        for _ in range(1000):
            connection.sendall(b"x" * 10_000)
    except (BrokenPipeError, ConnectionResetError):
        return
    cut_off(connection)


def test_who_never_authenticates(own_lab):
    """An agent that does not answer: the key exchange is done, the signature never comes."""
    import socket

    path = own_lab.client.folder / "mute"
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(path))
        mute.listen()
        client = own_lab.client.start(
            *own_lab.client.ssh_line("alice", "bastion", "true", "-o", f"IdentityAgent={path}", "-o", "IdentitiesOnly=no")
        )
        until(lambda: own_lab.bastion.log.count("login_grace_expired"), "the log has the reason")
        client.kill()
        client.communicate()


def test_nobody_waits_behind_them(own_lab):
    silent = [connect(own_lab) for _ in range(20)]
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
    for connection in silent:
        cut_off(connection)


def test_a_user_who_logged_in_stays(own_lab):
    with own_lab.logged_in("alice") as session:
        cut_off(connect(own_lab))
        session.stdin.write(b"still here\n")
        session.stdin.flush()
        assert session.stdout.readline() == b"still here\n"
