"""-L, -R, -D and unix sockets: the far end of every forward is the user's container, never the bastion or a backend."""

import re
import socket

from lab import until
from lab.client import finish
from lab.greeter import Greeter, said_by

HTTP = "HTTP/1.0 200 OK\r\n\r\n{}\n"


def connect_in_container(lab, user, port):
    """What a program in the container hears from its own loopback."""
    with lab.container(user).namespace.entered():
        return said_by(socket.create_connection(("127.0.0.1", port), timeout=20))


def test_a_local_forward_reaches_the_containers_loopback(lab):
    with Greeter("alice's loopback", namespace=lab.container("alice").namespace) as greeter:
        with lab.logged_in("alice", "-L", f"7001:localhost:{greeter.port}"):
            assert said_by(lab.client.connect("127.0.0.1", 7001)) == "alice's loopback"
            assert said_by(lab.client.connect("127.0.0.1", 7001)) == "alice's loopback"


def test_a_local_forward_to_nothing_is_refused_and_the_session_stays(lab):
    with lab.logged_in("alice", "-L", "7002:localhost:9") as session:
        assert said_by(lab.client.connect("127.0.0.1", 7002)) == ""
        session.stdin.write(b"still here\n")
        session.stdin.flush()
        assert session.stdout.readline() == b"still here\n"


def test_a_remote_forward_listens_in_the_container(lab):
    with Greeter("the user's machine", namespace=lab.client.namespace) as greeter:
        with lab.logged_in("alice", "-R", f"7003:127.0.0.1:{greeter.port}"):
            assert connect_in_container(lab, "alice", 7003) == "the user's machine"


def test_a_remote_forward_may_leave_the_choice_of_port_to_the_container(lab):
    with Greeter("the user's machine", namespace=lab.client.namespace) as greeter:
        with lab.logged_in("alice", "-R", f"0:127.0.0.1:{greeter.port}") as session:
            announced = session.stderr.readline().decode()
            port = int(re.match(r"Allocated port (\d+) for remote forward", announced).group(1))
            assert connect_in_container(lab, "alice", port) == "the user's machine"


def test_a_remote_forward_to_a_taken_port_is_refused(lab):
    wish = ["-o", "ExitOnForwardFailure=yes", "-R", "22:127.0.0.1:9"]
    assert lab.ssh("alice", "true", *wish) == lab.direct("alice", "true", *wish)


def test_remote_forwards_end_with_the_session(lab):
    with lab.logged_in("alice", "-R", "7004:127.0.0.1:9"):
        assert "7004" in lab.direct("alice", "ss -Hltn").stdout
    until(lambda: "7004" not in lab.direct("alice", "ss -Hltn").stdout, "the container stops listening")


def test_socks_reaches_whatever_the_container_reaches(lab):
    with Greeter(HTTP.format("alice's loopback"), namespace=lab.container("alice").namespace) as greeter:
        with lab.logged_in("alice", "-D", "7005"):
            fetch = ["curl", "-s", "--socks5-hostname", "127.0.0.1:7005", f"http://localhost:{greeter.port}/"]
            assert lab.client.run(*fetch).stdout == "alice's loopback"


def test_an_editor_works_as_it_does(lab):
    """VS Code: a shell over ssh -T -D, a server it uploads and starts there, reached through SOCKS on 127.0.0.1."""
    server = "import http.server, socketserver, os\nclass H(http.server.BaseHTTPRequestHandler):\n def do_GET(s): s.send_response(200); s.end_headers(); s.wfile.write(os.environ['BOX'].encode())\n def log_message(*a): pass\nwith socketserver.TCPServer(('127.0.0.1', 0), H) as s: print('port', s.server_address[1], flush=True); s.serve_forever()"
    process = lab.client.start(*lab.client.ssh_line("alice", "bastion", "sh", "-T", "-D", "7011"))
    try:
        upload = f"cat > server.py <<'EOF'\n{server}\nEOF\npython3 server.py & echo $! >server.pid; wait\n"
        process.stdin.write(upload.encode())
        process.stdin.flush()
        port = process.stdout.readline().split()[1].decode()
        fetch = ["curl", "-s", "--socks5", "127.0.0.1:7011", f"http://127.0.0.1:{port}/"]
        assert lab.client.run(*fetch).stdout == "be1/alice"
    finally:
        lab.ssh("alice", "kill $(cat server.pid)")
        finish(process)


def test_a_local_unix_socket_reaches_a_socket_in_the_container(lab):
    there, here = lab.container("alice").home / "there.sock", lab.client.folder / "here.sock"
    with Greeter("a socket of alice's", path=there), lab.logged_in("alice", "-L", f"{here}:/home/alice/there.sock"):
        assert said_by(connect_to_socket(here)) == "a socket of alice's"
    there.unlink()
    here.unlink(missing_ok=True)


def test_a_remote_unix_socket_reaches_a_socket_of_the_user(lab):
    there, here = lab.container("alice").home / "remote.sock", lab.client.folder / "local.sock"
    with Greeter("a socket of the user's", path=here), lab.logged_in("alice", "-R", f"/home/alice/remote.sock:{here}"):
        assert said_by(connect_to_socket(there)) == "a socket of the user's"
    here.unlink()
    there.unlink(missing_ok=True)


def test_two_users_forward_the_same_port_to_different_places(lab):
    alices = Greeter("alice", namespace=lab.container("alice").namespace, port=7006)
    bobs = Greeter("bob", namespace=lab.container("bob").namespace, port=7006)
    with alices, bobs, lab.logged_in("alice", "-L", "7007:localhost:7006"), lab.logged_in("bob", "-L", "7008:localhost:7006"):
        assert said_by(lab.client.connect("127.0.0.1", 7007)) == "alice"
        assert said_by(lab.client.connect("127.0.0.1", 7008)) == "bob"


def test_the_bastions_own_services_stay_out_of_reach(lab):
    """A forward to the backend's sshd: the container has no such route, and nobody else opens it for her."""
    with Greeter("the bastion's loopback", namespace=lab.neighbour("erin").namespace) as greeter:
        with lab.logged_in("alice", "-L", f"7009:127.0.0.1:{greeter.port}", "-L", "7010:10.1.1.11:22"):
            assert said_by(lab.client.connect("127.0.0.1", 7009)) == ""
            assert said_by(lab.client.connect("127.0.0.1", 7010)) == ""


def connect_to_socket(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(20)
    connection.connect(str(path))
    return connection
