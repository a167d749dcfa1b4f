"""Pages of the bastion in a browser, through a forward and nothing else: who looks is who has logged in, what they do is
a command of theirs, and no other page of the same browser can do it."""

import contextlib
import http.client
import itertools
import json
import re
import socket
import subprocess

import pytest

from lab import until
from lab.client import finish
from lab.deadline import PATIENCE

pytestmark = pytest.mark.bastion_only

PORT = 7080
OURS = {"Content-Type": "application/json", "X-Bastion-Window": "1"}


class Browser:
    """What reaches the window of one user, at a port of hers."""

    def __init__(self, lab, port):
        self._lab = lab
        self.port = port

    def connection(self):
        made = http.client.HTTPConnection("localhost", self.port, timeout=PATIENCE)
        made.sock = self._lab.client.connect("127.0.0.1", self.port)
        return made

    def asks(self, method, path, body=None, **headers):
        """Status, headers and body of one request in a connection of its own."""
        connection = self.connection()
        with contextlib.closing(connection):
            return self.asks_in(connection, method, path, body, headers)

    @staticmethod
    def asks_in(connection, method, path, body=None, headers=None):
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()

    def reads(self, path, **headers):
        status, _, body = self.asks("GET", path, **headers)
        assert status == 200, body
        return body

    def who(self):
        return json.loads(self.reads("/api/who"))

    def runs(self, *words, **more):
        status, _, body = self.asks("POST", "/api/run", json.dumps({"words": words} | more), **OURS)
        assert status == 200, body
        return json.loads(body)

    @contextlib.contextmanager
    def live(self):
        """Snapshots as they come."""
        connection = self.connection()
        with contextlib.closing(connection):
            connection.request("GET", "/api/live")
            answer = connection.getresponse()
            assert answer.status == 200 and answer.headers["Content-Type"] == "text/event-stream"
            yield events(answer)


def events(answer):
    name = None
    for line in answer:
        key, _, value = line.decode().rstrip("\n").partition(": ")
        if key == "event":
            name = value
        elif key == "data":
            yield name, json.loads(value)


@contextlib.contextmanager
def window(lab, user, *options, to="bastion:80", port=PORT):
    line = lab.client.ssh_line(user, "bastion", None, *options, "-N", "-o", "ExitOnForwardFailure=yes", "-L", f"{port}:{to}")
    process = lab.client.start(*line)
    try:
        until(lambda: not lab.client.refuses("127.0.0.1", port), "the forward is there")
        yield Browser(lab, port)
    finally:
        process.kill()
        process.wait()
        finish(process)


@contextlib.contextmanager
def role(lab, user, name):
    lab.bastion.admin("user", "set", user, "--role", name)
    try:
        yield
    finally:
        lab.bastion.admin("user", "set", user, "--role", "user")


def audit(lab, user):
    rows = json.loads(lab.bastion.admin("audit", "list", "--user", user, "--json"))
    return [(row["action"], row["outcome"]) for row in rows]


def test_who_has_logged_in_is_who_looks(lab):
    with role(lab, "alice", "auditor"), window(lab, "alice") as browser:
        page = browser.reads("/")
        assert page.startswith("<!doctype html>")
        who = browser.who()
        assert (who["user"], who["role"]) == ("alice", "auditor")
        assert "session list" in who["commands"] and "session kill" not in who["commands"]
        assert re.fullmatch(r"\d+\.\d+\.\d+", who["version"]) and who["bastion"]


def test_nobody_else_has_a_port_for_it(lab):
    with window(lab, "alice") as browser:
        assert browser.who()["user"] == "alice"
        listening = subprocess.run(lab.bastion.namespace.command("ss", "-Hltn"), capture_output=True, check=True)
        assert len(listening.stdout.splitlines()) == 1


def test_every_file_says_what_may_use_it(lab):
    with window(lab, "alice") as browser:
        _, headers, _ = browser.asks("GET", "/")
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe-inline" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert browser.asks("GET", "/nothing")[0] == 404
        assert browser.asks("GET", "/assets/../../etc/passwd")[0] == 404
        assert browser.asks("OPTIONS", "/api/run")[0] == 405


def test_what_is_run_is_a_command_with_its_row(own_lab):
    lab = own_lab
    with role(lab, "alice", "operator"), window(lab, "alice") as browser:
        found = browser.runs("session", "list")
        assert found["status"] == 0 and [row["user"] for row in found["output"]] == ["alice"]
        victim = lab.session("bob", "echo up; cat")
        id = next(row["id"] for row in browser.runs("session", "list")["output"] if row["user"] == "bob")
        killed = browser.runs("session", "kill", id, confirmed=True)
        assert killed["status"] == 0, killed
        finish(victim)
        assert ("session kill", "done") in audit(lab, "alice")
        helped = browser.runs("help")
        assert helped["output"] is None and "Activity" in helped["text"]
        wrong = browser.runs("session", "lst")
        assert wrong["status"] == 2 and 'did you mean "session list"?' in wrong["error"]
        assert browser.runs("audit", "list", "--follow")["status"] == 2


def test_an_auditor_reads_and_ends_nobodys_session(own_lab):
    lab = own_lab
    with role(lab, "alice", "auditor"), window(lab, "alice") as browser:
        victim = lab.session("bob", "echo up; cat")
        id = next(row["id"] for row in browser.runs("session", "list")["output"] if row["user"] == "bob")
        refused = browser.runs("session", "kill", id, confirmed=True)
        assert refused["status"] == 1 and "for operators and administrators" in refused["error"]
        assert refused["output"] is None
        victim.stdin.write(b"still here\n")
        victim.stdin.flush()
        assert victim.stdout.readline() == b"still here\n"
        until(lambda: ("session kill", "refused") in audit(lab, "alice"), "the refusal is written down")
        mine = browser.runs("session", "list", me=True)
        assert [row["this_session"] for row in mine["output"]] == [True]
        finish(victim)


def test_whoever_has_no_role_sees_what_is_hers(own_lab):
    lab = own_lab
    other = lab.session("bob", "echo up; cat")
    with window(lab, "alice") as browser:
        who = browser.who()
        assert who["role"] == "user" and all(words.startswith("me ") for words in who["commands"])
        assert [row["id"] for row in browser.runs("session", "list")["output"]]
        assert {row["from"] for row in browser.runs("me", "session", "list")["output"]}
        assert browser.runs("user", "list")["status"] != 0
        with browser.live() as snapshots:
            name, snapshot = next(snapshots)
            assert name == "snapshot"
            assert {session["user"] for session in snapshot["sessions"]} == {"alice"}
            assert snapshot["backends"] == [] and snapshot["refusals"] == []
        assert browser.asks("GET", "/api/recordings/abc")[0] == 404
    finish(other)


def test_what_happens_is_seen_as_it_happens(own_lab):
    lab = own_lab
    with role(lab, "alice", "auditor"), window(lab, "alice") as browser, browser.live() as snapshots:
        name, first = next(snapshots)
        assert name == "snapshot" and {session["user"] for session in first["sessions"]} == {"alice"}
        other = lab.session("bob", "echo up; cat")
        users = set()
        while "bob" not in users:
            users = {session["user"] for session in next(snapshots)[1]["sessions"]}
        finish(other)
        while "bob" in users:
            users = {session["user"] for session in next(snapshots)[1]["sessions"]}


FORBIDDEN = {
    "a name that leads here": {"Host": "evil.example:7080"},
    "the window's own name, at this machine's port": {"Host": f"bastion:{PORT}"},
    "a name that begins as ours": {"Host": "localhost.evil.example:7080"},
    "no port": {"Host": "localhost:"},
    "another page": {"Origin": "https://evil.example"},
    "another port of this machine": {"Origin": "http://localhost:3000"},
    "a page of nowhere": {"Origin": "null"},
    "another scheme": {"Origin": f"https://localhost:{PORT}"},
    "the same site and another page": {"Sec-Fetch-Site": "same-site"},
    "another site": {"Sec-Fetch-Site": "cross-site"},
}


@pytest.mark.parametrize("how", FORBIDDEN)
def test_no_other_page_uses_it(lab, how):
    with window(lab, "alice") as browser:
        for method, path, body in [("GET", "/api/who", None), ("POST", "/api/run", '{"words":["whoami"]}')]:
            status, headers, text = browser.asks(method, path, body, **(OURS | FORBIDDEN[how]))
            assert status == 403, (path, text)
            assert headers["Connection"] == "close"
            assert "evil" not in text


def test_a_request_that_asks_nobody_first_runs_nothing(lab):
    with window(lab, "alice") as browser:
        body = '{"words":["whoami"]}'
        assert browser.asks("POST", "/api/run", body, **{"Content-Type": "application/json"})[0] == 403
        assert browser.asks("POST", "/api/run", body, **(OURS | {"Content-Type": "text/plain"}))[0] == 415
        assert browser.asks("POST", "/api/run", "words=whoami", **OURS)[0] == 400
        assert browser.asks("GET", "/api/run", **OURS)[0] == 405
        assert browser.runs("whoami", me=True)["status"] == 0


def test_its_names_are_this_machines_and_the_one_it_was_asked_by(lab):
    with window(lab, "alice") as browser:
        for host in ["localhost", "LOCALHOST:1", "127.0.0.1:7080", "[::1]:7080", "bastion", "Bastion:80"]:
            assert browser.asks("GET", "/api/who", Host=host)[0] == 200, host
        origin = {"Host": f"127.0.0.1:{PORT}", "Origin": f"http://127.0.0.1:{PORT}", "Sec-Fetch-Site": "same-origin"}
        assert browser.asks("POST", "/api/run", '{"words":["whoami"]}', **(OURS | origin))[0] == 200


def test_one_connection_carries_many_requests(lab):
    with window(lab, "alice") as browser:
        connection = browser.connection()
        with contextlib.closing(connection):
            for _ in range(5):
                assert browser.asks_in(connection, "GET", "/api/who")[0] == 200
            together = b"GET /api/who HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3
            connection.sock.sendall(together + b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answers = b"".join(iter(lambda: connection.sock.recv(65536), b""))
            assert answers.count(b"HTTP/1.1 200 OK\r\n") == 4
            assert answers.rindex(b'"commands"') < answers.index(b"<!doctype html>")


@pytest.mark.parametrize("what", [b"\x00" * 100, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20_000,
                                  b"POST /api/run HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n\r\n",
                                  b"POST /api/run HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
                                  b"SSH-2.0-x\r\n\r\n"])  # fmt: skip
def test_what_is_no_request_ends_its_connection_only(lab, what):
    with window(lab, "alice") as browser:
        with lab.client.connect("127.0.0.1", PORT) as raw:
            raw.sendall(what + b"\r\n\r\n")
            answer = b"".join(iter(lambda: raw.recv(65536), b""))
            assert re.match(rb"HTTP/1.1 (400|413|431|501) ", answer)
        assert browser.who()["user"] == "alice"


def test_pages_that_are_live_are_counted(lab):
    with window(lab, "alice") as browser, contextlib.ExitStack() as pages:
        for _ in range(4):
            next(pages.enter_context(browser.live()))
        status, _, text = browser.asks("GET", "/api/live")
        assert status == 429 and "close one" in text
        pages.close()
        until(lambda: _is_live(browser), "there is room for another one")


def _is_live(browser):
    with contextlib.suppress(AssertionError), browser.live() as snapshots:
        return next(snapshots)[0] == "snapshot"


def test_connections_to_it_are_counted(lab):
    with window(lab, "alice") as browser, contextlib.ExitStack() as open_ones:
        for _ in range(24):
            connection = open_ones.enter_context(contextlib.closing(browser.connection()))
            assert browser.asks_in(connection, "GET", "/api/who")[0] == 200
        with lab.client.connect("127.0.0.1", PORT) as one_more:
            assert one_more.recv(1) == b""
        open_ones.close()
        until(lambda: not _is_refused(browser), "there is room again")


def _is_refused(browser):
    try:
        return browser.who() is None
    except (http.client.HTTPException, OSError):
        return True


def test_a_session_that_is_ended_takes_its_window_along(own_lab):
    lab = own_lab
    with role(lab, "alice", "auditor"), window(lab, "alice") as browser, browser.live() as snapshots:
        id = next(snapshots)[1]["sessions"][0]["id"]
        lab.bastion.admin("session", "kill", id)
        for _ in snapshots:
            pass
        until(lambda: lab.client.refuses("127.0.0.1", PORT), "the forward is gone")


def test_a_role_that_is_taken_ends_what_it_showed(own_lab):
    lab = own_lab
    with role(lab, "alice", "operator"), window(lab, "alice") as browser, browser.live() as snapshots:
        next(snapshots)
        lab.bastion.admin("user", "set", "alice", "--role", "user")
        # Either the page is told so, or the session ends: it shows nothing more of others.
        for name, _ in snapshots:
            assert name in ("snapshot", "refused")
        lab.bastion.admin("user", "disable", "alice")
        until(lambda: lab.client.refuses("127.0.0.1", PORT), "the forward is gone")
        lab.bastion.admin("user", "enable", "alice")


def test_a_page_that_is_not_read_holds_nobody_up(own_lab):
    lab = own_lab
    with role(lab, "alice", "auditor"), window(lab, "alice") as browser:
        slow = lab.client.connect("127.0.0.1", PORT)
        with slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            slow.sendall(b"GET /api/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            with browser.live() as snapshots:
                for _ in range(3):
                    next(snapshots)
                assert browser.who()["user"] == "alice"


def test_what_may_be_forwarded_says_who_may_look(own_lab):
    lab = own_lab

    def looks(options):
        lab.bastion.admin("user", "set", "alice", "--options", options)
        with window(lab, "alice") as browser:
            return not _is_refused(browser)

    assert looks("none")
    assert not looks("no-port-forwarding")
    assert not looks("restrict")
    assert not looks('permitopen="db:5432"')
    assert looks('permitopen="bastion:80"')
    assert not looks('command="true"')


def test_only_that_name_and_that_port_are_the_window(own_lab):
    lab = own_lab
    for other in ["bastion:81", "localhost:80", "127.0.0.1:80"]:
        with window(lab, "alice", to=other) as browser:
            assert _is_refused(browser), other


@pytest.mark.lab_with(settings={"window": "look:8080"})
def test_it_may_have_another_name(own_lab):
    lab = own_lab
    with window(lab, "alice", to="look:8080") as browser:
        assert browser.who()["user"] == "alice"
        assert browser.asks("GET", "/api/who", Host="bastion")[0] == 403
    with window(lab, "alice") as browser:
        assert _is_refused(browser)


@pytest.mark.lab_with(settings={"window": ""})
def test_it_may_be_off(own_lab):
    with window(own_lab, "alice") as browser:
        assert _is_refused(browser)


@pytest.mark.lab_with(settings={"record": "terminals"})
def test_a_recording_is_read_by_whom_it_may_be(own_lab):
    lab = own_lab
    with lab.terminal("bob") as terminal:
        terminal.expect(r"\$ ")
        terminal.type("echo see''n\n")
        terminal.expect("seen")
        terminal.type("exit\n")
        terminal.end()
    (one,) = until(lambda: json.loads(lab.bastion.admin("session", "recordings", "--json")), "it is there")
    with window(lab, "alice") as browser:
        assert browser.asks("GET", f"/api/recordings/{one['id']}")[0] == 404
    with role(lab, "alice", "auditor"), window(lab, "alice") as browser:
        status, headers, cast = browser.asks("GET", f"/api/recordings/{one['id']}")
        assert status == 200 and headers["Content-Type"] == "application/x-asciicast"
        header, *lines = cast.splitlines()
        assert json.loads(header)["version"] == 2
        assert "seen" in "".join(data for _, kind, data in map(json.loads, lines) if kind == "o")
        assert browser.asks("GET", "/api/recordings/none")[0] == 404
        assert ("session export", "done") in audit(lab, "alice")
        assert browser.runs("session", "export", one["id"])["status"] == 2
        assert browser.who()["user"] == "alice"


@pytest.mark.lab_with(settings={"idle_timeout": 3})
def test_a_page_that_is_live_does_not_keep_its_session(own_lab):
    """It is shown something new each second; what somebody asks for meanwhile does keep it."""
    lab = own_lab
    with role(lab, "alice", "auditor"), window(lab, "alice") as browser, browser.live() as snapshots:
        for _, snapshot in itertools.islice(snapshots, 8):
            assert browser.who()["user"] == "alice" and snapshot["sessions"][0]["idle_seconds"] < 2
        idle = [snapshot["sessions"][0]["idle_seconds"] for _, snapshot in itertools.islice(snapshots, 30)]
        assert 1 < max(idle) <= 4 and len(idle) < 30
        until(lambda: lab.client.refuses("127.0.0.1", PORT), "the forward is gone")
    assert "reason=idle_timeout" in lab.log


@pytest.mark.lab_with(settings={"idle_timeout": 3})
def test_a_page_that_is_refused_does_not_keep_a_session(own_lab):
    """Any page of the same browser may ask on and on, without anybody there."""
    lab = own_lab

    def is_gone():
        with contextlib.suppress(OSError, http.client.HTTPException):
            assert browser.asks("GET", "/api/who", Origin="https://evil.example")[0] == 403
        return lab.client.refuses("127.0.0.1", PORT)

    with window(lab, "alice") as browser:
        until(is_gone, "the forward is gone")
    assert "reason=idle_timeout" in lab.log
