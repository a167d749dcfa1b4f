"""A bastion that is none: it has the pages of the window, and answers them as the real one does, from a world that a test
makes as it likes. What the real one says, stories compare (test_the_window_over_ssh.py); this is for what it does not
have at hand: three hundred sessions, a recording of a hundred thousand events, names that it would never accept.

    python3 tests/window/stand_in.py [PORT] [calm|crowded|hostile] [admin|operator|auditor|user]
"""

import http.server
import json
import pathlib
import subprocess
import sys
import tempfile
import threading

from world import FINGERPRINT, World

ROOT = pathlib.Path(__file__).resolve().parents[2]
ASSETS = ROOT / "bastion" / "window" / "assets"
POLICY = (
    "default-src 'none'; script-src 'self'{}; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain"}


def explained(user, hops, place, failed=None):
    steps = [("user", f"{user}, enabled, role user, needs publickey (as configured)"), ("key", f"{FINGERPRINT} ({user}@laptop)"),
             ("options", "none: everything is allowed"), ("route", f"{' > '.join([*hops, place])} at 10.0.3.100:22 as {user}")]
    steps += [(f"hop {hop}", f"logged in to 10.1.1.{11 + number}:22 as hop") for number, hop in enumerate(hops)]
    steps += [("container", "10.0.3.100:22 answers"), ("login", f"logged in as {user}")]
    rows = [{"step": step, "outcome": "good", "took_ms": number * 7, "what": what} for number, (step, what) in enumerate(steps)]
    if failed is None:
        return {"login": user, "succeeds": True, "user_sees": None, "why": None, "steps": rows}
    step, sees, why = failed
    rows = rows[: [row["step"] for row in rows].index(step) + 1]
    rows[-1] |= {"outcome": "failed", "what": sees}
    return {"login": user, "succeeds": False, "user_sees": sees, "why": why, "steps": rows}


def recording(events=40, width=80, height=24):
    """An asciicast of so many events, a tenth of a second each at the most."""
    lines = [json.dumps({"version": 2, "width": width, "height": height, "timestamp": 1764360000, "env": {"TERM": "xterm-256color"}})]
    step = min(0.1, 600 / events)
    for number in range(events):
        text = "alice@web:~$ uptime\r\n" if number % 8 == 0 else f" \u001b[32m{number:6}\u001b[0m lines have been printed here\r\n"
        lines.append(json.dumps([round(number * step, 6), "o", text]))
    return "\n".join(lines) + "\n"


def calm(role="admin", user="ann"):
    """An afternoon at a site of four backends."""
    world = World(role, user)
    for name in ("alice", "bob", "carol", "dave", "erin"):
        world.users.append({"name": name, "role": "user", "groups": "research" if name in ("bob", "carol") else None})
    world.users.append({"name": "olga", "role": "operator"})
    world.users.append({"name": "mallory", "role": "user", "state": "disabled"})
    for name, via, state, latency in [("be1", [], "up", 0.3), ("be2", [], "up", 0.4), ("be3", ["be2"], "up", 1.1), ("be4", ["be2", "be3"], "suspect", 24.0), ("be5", ["be2"], "down", None)]:
        world.has_backend(name, via, state, latency, containers=2)
    for owner, name, backend in [("alice", "web", "be1"), ("alice", "db", "be2"), ("bob", "web", "be2"), ("carol", "web", "be3"), ("dave", "web", "be4"), ("erin", "web", "be5")]:
        world.has_container(owner, name, backend, default=name == "web", state="Running" if backend == "be1" else None)
    if user not in ("ann", "alice"):
        world.has_container(user, "web", "be1")
    world.arrives("carol", "carol/web", "10.1.0.14", ["be2", "be3"], since=86400 + 7300)
    world.arrives("bob", "bob/web", "10.1.0.5", ["be2"], since=5400)
    world.arrives("alice", "alice/db", "10.1.0.2", ["be2"], since=1900, recorded=True)
    world.arrives("dave", "dave/web", "2001:db8::17", ["be2", "be3", "be4"], since=640)
    world.arrives("alice", "alice/web", "10.1.0.2", ["be1"], since=75)
    world.refuses(None, "no_version_line", "no SSH client: it sent no version line", "192.0.2.77", ago=4000)
    world.refuses("mallory", "denied", "the key is known for nobody of that name", "192.0.2.40", ago=900)
    world.refuses("erin", "backend_unreachable", "backend be5 is unreachable", "10.1.0.21", ago=340)
    world.refuses("bob", "container_not_found", "you have no container named alice/web", "10.1.0.5", ago=45)
    world.was_there("alice", "alice/web", 15 * 3600, 1260, recording=recording())
    world.was_there("bob", "bob/web", 20 * 3600, 320, recording=recording(12), route=["be2"])
    world.was_there("erin", None, 22 * 3600, 1, reason="backend_unreachable", route=[])
    world.was_there("carol", "carol/web", 30 * 3600, 8000, route=["be2", "be3"])
    for ago, (who, action, subject, outcome, detail) in enumerate([
        ("ann", "user disable", "mallory", "done", None), ("olga", "session kill", "4b7a1c10", "refused", "operators may not end the session of an administrator"),
        ("alice", "login", "alice/web", "done", None), ("bob", "logout", "bob/web", "ok", "seconds=320 from_user=4800 from_container=912000"),
        ("erin", "logout", "", "backend_unreachable", "backend be5 is unreachable"), ("ann", "container share", "alice/db", "done", "with bob until 2026-12-28"),
    ]):
        world.notes(who, action, subject, outcome, detail, ago=4000 - 600 * ago)
    world.explained = {
        "alice": explained("alice", ["be1"], "alice/web"), "dave": explained("dave", ["be2", "be3", "be4"], "dave/web"),
        "erin": explained("erin", ["be2", "be5"], "erin/web", ("hop be5", "backend be5 is unreachable", "connecting to 10.1.2.15:22: Connection refused; is its sshd running?")),
        "bob": explained("bob", ["be2"], "bob/web"),
        "bob+alice/web": explained("bob+alice/web", [], "", ("route", "you have no container named alice/web", "user show bob lists what they may enter")),
    }
    return world


def crowded(role="admin", sessions=300):
    world = calm(role)
    for number in range(sessions - len(world.sessions)):
        name = f"user{number:03}"
        world.users.append({"name": name, "role": "user"})
        world.has_container(name, "web", f"be{number % 4 + 1}", f"10.0.{number // 200}.{number % 200 + 10}:22")
        world.arrives(name, f"{name}/web", f"10.2.{number // 200}.{number % 200 + 10}", [f"be{number % 4 + 1}"], since=100 + 37 * number, recorded=number % 9 == 0)
    return world


EVIL = [
    "<img src=x onerror=\"window.taken=1\">", "</td><script>window.taken=1</script>", "\"' onmouseover='window.taken=1",
    "\u202egnp.exe\u202c", "a\u001b[31mred\u001b[0m\u0007", "{{7*7}}${7*7}`", "javascript:window.taken=1", "\u05d0\u05d1\u05d2 abc", "x" * 600, "&lt;b&gt; &amp;", "__proto__",
]


def hostile(role="admin"):
    """Every text that comes from elsewhere is somebody's attempt."""
    world = World(role)
    world.name = "b<b>astion"
    for number, evil in enumerate(EVIL):
        world.users.append({"name": evil, "role": "user", "groups": evil})
        world.has_backend(evil, [EVIL[number - 1]] if number % 3 else [], "up")
        world.has_container(evil, evil, evil, evil, state=evil)
        world.arrives(evil, f"{evil}/{evil}", evil, [evil, evil], since=60 * number, recorded=True)
        world.refuses(evil, evil, evil, evil, ago=number)
        world.was_there(evil, f"{evil}/{evil}", 7200, 60, evil, recording(3), [evil])
        world.notes(evil, evil, evil, evil, evil, source=evil)
        world.strangers[evil] = number
        world.own["keys"].append(World.key_row(evil, False))
        world.explained[evil] = explained(evil, [evil], evil, ("login", evil, evil))
    return world


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world = None
    bundled = None

    def log_message(self, *_):
        pass

    def _send(self, content, kind="application/json", status=200, wasm=""):
        content = content.encode() if isinstance(content, str) else content
        self.send_response(status)
        for name, value in [("Content-Type", kind), ("Content-Length", str(len(content)))]:
            self.send_header(name, value)
        self._secured(wasm)
        self.wfile.write(content)

    def _secured(self, wasm=""):
        fixed = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
        for name, value in ({"Content-Security-Policy": POLICY.format(wasm)} | fixed).items():
            self.send_header(name, value)
        self.end_headers()

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path == "/api/who":
            return self._send(json.dumps(self.world.who()))
        if path == "/api/live":
            return self._live()
        if path.startswith("/api/recordings/"):
            found = self.world.recordings.get(path.rpartition("/")[2])
            return self._send(found or "no such recording\n", "application/x-asciicast", 200 if found else 404)
        name = "index.html" if path == "/" else path.removeprefix("/assets/")
        file = next((folder / name for folder in (ASSETS, self.bundled) if (folder / name).is_file() and "/" not in name), None)
        if file is None:
            return self._send("there is nothing here\n", "text/plain", 404)
        kind = TYPES[file.suffix] + ("" if file.suffix == ".svg" else "; charset=utf-8")
        return self._send(file.read_bytes(), kind, wasm=" 'wasm-unsafe-eval'" if name == "index.html" else "")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/api/run" or self.headers["X-Bastion-Window"] != "1" or self.headers["Content-Type"] != "application/json":
            return self._send("this is for the pages of the window\n", "text/plain", 403)
        asked = json.loads(body)
        return self._send(json.dumps(self.world.run(asked["words"], asked.get("me", False))))

    def _live(self):
        if self.world.full:
            return self._send(self.world.full + "\n", "text/plain", 429)
        if self.world.mute:
            return self._send("", "text/plain", 503)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self._secured()
        self.close_connection = True
        try:
            while not self.world.mute:
                self.world.moves_bytes()
                if not self.world.silent:
                    self.wfile.write(f"event: snapshot\ndata: {json.dumps(self.world.snapshot())}\n\n".encode())
                self.wfile.flush()
                self.world.waits(1)
        except OSError:
            pass
        return None


class StandIn:
    """Serves a world at an address of this machine: `with StandIn(world) as url`."""

    def __init__(self, world, port=0):
        self._folder = tempfile.TemporaryDirectory()
        bundled = pathlib.Path(self._folder.name)
        subprocess.run([ROOT / "packaging" / "window" / "fetch", bundled], check=True)
        handler = type("Handler", (_Handler,), {"world": world, "bundled": bundled})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self.url

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._folder.cleanup()


def main(port="8080", world="calm", role="admin"):
    made = {"calm": calm, "crowded": crowded, "hostile": hostile}[world](role)
    with StandIn(made, int(port)) as url:
        print(url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
