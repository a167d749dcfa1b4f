"""What a bastion knows that is none: a test changes it with the words of a World, and every page is told."""

import datetime
import itertools
import random
import threading

READS = [
    "user list", "user show", "container list", "container show", "backend list", "backend show", "session list", "session show",
    "session recordings", "session play", "session export", "audit list", "explain", "route", "key list",
]
CHANGES = {"operator": ["session kill", "user disable"], "admin": ["session kill", "user disable", "backend add"]}
OWN = ["me show", "me key list", "me container list", "me session list", "me key add", "me key remove", "me container default",
       "me share", "me unshare", "me session kill"]
FINGERPRINT = "SHA256:upAVoEYbJLR1J39BbEzwa7crOipWwvDHJhIKWLl9UGI"


def at(seconds_ago=0):
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds_ago)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


class World:
    """What this bastion knows; a test changes it with the words below, and every page is told."""

    def __init__(self, role="admin", user="ann"):
        self.user, self.role = user, role
        self.commands = OWN if role == "user" else READS + CHANGES.get(role, [])
        self.name = "bastion-1"
        self.session = None  # the one that carries the window
        self.sessions, self.refusals, self.past, self.audit = [], [], [], []
        self.users = [{"name": user, "role": role}]
        self.backends, self.containers, self.recordings = [], [], {}
        self.strangers = {"accepted": 214, "turned_away": 21, "refused_banned": 18, "refused_full_source": 3, "authenticated": 128, "ended": 123, "no_version_line": 2}
        self.own = {"may_change": "container, key, session, share", "keys": [self.key_row("laptop", True), self.key_row("desktop", False)]}
        self.explained = {}
        self.asked = []  # every command, as it came
        self.mute = False  # it answers nobody any more
        self.silent = False  # it says nothing in what is open
        self.full = None  # why there is no room for one more page
        self._changed = threading.Condition()
        self._ids = (f"{number:08x}" for number in itertools.count(0x4B7A1C2E))
        self._random = random.Random(7)

    # The words

    def arrives(self, user, container="", source="10.1.0.2", route=("be1",), since=0, recorded=False):
        session = {
            "id": next(self._ids), "user": user, "from": source, "container": container or None, "route": list(route),
            "since": at(since), "from_user": 1200, "from_container": 48_000, "rate_from_user": 0.0,
            "rate_from_container": 0.0, "channels": 1, "recorded": recorded, "bastion": self.name,
        }
        with self._changed:
            self.sessions.insert(0, session)
            self._changed.notify_all()
        return session["id"]

    def leaves(self, id, reason="ok"):
        with self._changed:
            (session,) = [each for each in self.sessions if each["id"] == id]
            self.sessions.remove(session)
            self.past.insert(0, self._row_of(session, reason))
            self._changed.notify_all()

    def refuses(self, user, reason, sentence, source="10.1.0.9", ago=0):
        refusal = {"at": at(ago), "from": source, "user": user, "reason": reason, "sentence": sentence, "id": next(self._ids)}
        with self._changed:
            self.refusals.insert(0, refusal)
            self._changed.notify_all()

    def falls_silent(self, mute=True):
        with self._changed:
            self.mute = mute
            self._changed.notify_all()

    def moves_bytes(self):
        """As time goes on."""
        for session in self.sessions:
            busy = self._random.random() < 0.4
            session["rate_from_user"] = self._random.expovariate(1 / 900) if busy else 0.0
            session["rate_from_container"] = self._random.expovariate(1 / 60_000) if busy else 0.0
            session["from_user"] += int(session["rate_from_user"])
            session["from_container"] += int(session["rate_from_container"])

    def waits(self, seconds):
        with self._changed:
            self._changed.wait(seconds)

    # What is asked

    def snapshot(self):
        sessions = [each for each in self.sessions if self.role != "user" or each["user"] == self.user]
        total = lambda name: sum(each[name] for each in sessions)
        count = lambda backend: sum(backend in each["route"] for each in sessions)
        own = lambda rows: [] if self.role == "user" else rows
        return {
            "at": at(), "bastion": self.name, "version": "1.2.3", "began": at(5 * 86400), "for_seconds": 1.0, "sessions": sessions,
            "backends": own([each | {"sessions": count(each["name"])} for each in self.backends]),
            "throughput": {"from_users": total("rate_from_user"), "from_containers": total("rate_from_container")},
            "refusals": own(self.refusals[:50]), "strangers": own(self.strangers) or {},
            "loops": own([{"name": f"worker {number}", "lag_ms": 0.1, "sessions": 3} for number in (1, 2)]),
        }

    def who(self):
        return {"user": self.user, "role": self.role, "session": self.session, "bastion": self.name, "version": "1.2.3", "commands": self.commands}

    def run(self, words, me):
        self.asked.append(words)
        name = next((" ".join(words[:size]) for size in (2, 1) if self._may(" ".join(words[:size]), me)), None)
        if name is None:
            return {"status": 1, "output": None, "text": "", "error": f"{self.role}s may not do this"}
        handler = getattr(self, f"_{'own_' if me else ''}{name.replace(' ', '_')}", None)
        output, error = handler(words[len(name.split()):]) if handler else (None, f"no stand-in for {name}")
        if error is None:
            return {"status": 0, "output": output, "text": "", "error": ""}
        return {"status": 1, "output": output, "text": "", "error": error}

    def _may(self, name, me):
        return (f"me {name}" in self.commands or self.role != "user") if me else name in self.commands

    # Commands: output, and what is wrong

    @staticmethod
    def _option(words, name, otherwise=None):
        return words[words.index(name) + 1] if name in words else otherwise

    def _rows(self, rows, words, key, extra=None):
        after, limit = self._option(words, "--after"), int(self._option(words, "--limit", 10**6))
        rest = rows[[key(row) for row in rows].index(after) + 1:] if after else rows
        return rest[:limit], extra

    def _session_list(self, words):
        rows = [self._row_of(each) for each in self.sessions]
        if "--all" in words:
            rows = sorted(rows + self.past, key=lambda row: row["opened"], reverse=True)
        user = self._option(words, "--user")
        rows = [row for row in rows if user in (None, row["user"])]
        return rows[: int(self._option(words, "--limit", 100))], None

    @staticmethod
    def _row_of(session, reason=None):
        return {
            "id": session["id"], "user": session["user"], "container": session["container"], "opened": session["since"],
            "reason": reason, "from": session["from"], "closed": at() if reason else None,
            "route": " > ".join(session["route"]) or None, "bytes_from_user": session["from_user"] if reason else None,
            "bytes_from_container": session["from_container"] if reason else None, "key": FINGERPRINT,
        }

    def _session_show(self, words):
        found = [each for each in self.sessions if each["id"] == words[0]]
        if not found:
            return None, f"there is no session {words[0]}"
        return self._row_of(found[0]) | {"channels": 1, "idle_seconds": 3, "tunnels": []}, None

    def _session_kill(self, words):
        if words[0] not in [each["id"] for each in self.sessions]:
            return None, f"there is no session {words[0]}"
        self.leaves(words[0], "killed")
        return {"message": f"session {words[0]} ended"}, None

    def _session_recordings(self, _):
        by_id = {row["id"]: row for row in self.past}
        rows = []
        for id in self.recordings:
            row = by_id.get(id.rpartition("-")[0], {})
            rows.append({"id": id, "user": row.get("user"), "container": row.get("container"), "began": row.get("opened"), "seconds": 60,
                         "command": None, "from": row.get("from"), "bytes": 4711})
        return rows, None

    def _audit_list(self, words):
        user, before = self._option(words, "--user"), int(self._option(words, "--before", 10**9))
        rows = [row for row in self.audit if user in (None, row["user"]) and row["id"] < before]
        return rows[: int(self._option(words, "--limit", 100))], None

    def _user_list(self, words):
        rows = [
            {"name": each["name"], "role": each["role"], "state": each.get("state", "active"), "groups": each.get("groups"), "keys": 1,
             "containers": sum(box["owner"] == each["name"] for box in self.containers), "created": at(86400 * 40)}
            for each in sorted(self.users, key=lambda each: each["name"])
        ]
        return self._rows(rows, words, lambda row: row["name"])

    def _user_show(self, words):
        rows = [row for row in self._user_list([])[0] if row["name"] == words[0]]
        if not rows:
            return None, f"there is no user {words[0]}"
        limits = {"options": None, "idle_timeout": "default", "max_sessions": "default", "auth": "default", "one_time_codes": "none"}
        lists = {"keys": [self.key_row("laptop", None)], "containers": [box for box in self.containers if box["owner"] == words[0]]}
        return rows[0] | limits | lists, None

    def _container_list(self, words):
        return self._rows(self.containers, words, lambda row: f"{row['owner']}/{row['name']}")

    def _container_show(self, words):
        found = [box for box in self.containers if f"{box['owner']}/{box['name']}" == words[0]]
        return (found[0] | {"host_key": f"{FINGERPRINT} (learned)", "shares": []}, None) if found else (None, f"there is no container {words[0]}")

    def _backend_show(self, words):
        found = [each for each in self.backends if each["name"] == words[0]]
        if not found:
            return None, f"there is no backend {words[0]}"
        own = [box for box in self.containers if box["backend"] == words[0]]
        return {"name": words[0], "via": (found[0]["via"] or [None])[-1], "reachable": found[0]["state"] == "up", "containers": own}, None

    def _backend_list(self, _):
        return [
            {"name": each["name"], "state": "active", "reachable": {"up": True, "down": False}.get(each["state"]), "latency_ms": each["latency_ms"],
             "containers": each["containers"], "capacity": None, "address": "10.1.1.11:22", "via": (each["via"] or [None])[-1], "last_success": at(4),
             "login": "hop", "route": "hop"}
            for each in self.backends
        ], None

    def _explain(self, words):
        said = self.explained.get(words[0]) or explained_without_user(words[0])
        return said, None if said["succeeds"] else said["why"]

    @staticmethod
    def key_row(comment, this_session):
        row = {
            "fingerprint": FINGERPRINT if comment == "laptop" else f"SHA256:{comment}{'x' * 36}", "type": "ssh-ed25519", "comment": comment,
            "options": None, "added": at(86400 * 40), "expires": None, "last_used": at(60),
        }
        return row if this_session is None else row | {"this_session": this_session}

    def _own_show(self, _):
        return {
            "name": self.user, "role": self.role, "groups": None, "lands_in": f"{self.user}/web", "needs_to_log_in": "publickey",
            "one_time_codes": "none", "logged_in_with": FINGERPRINT, "from": "10.1.0.2", "ends": None, "idle_timeout": "none",
            "max_session": "none", "terminal": True, "local_forwarding": "yes", "may_change": self.own["may_change"],
        }, None

    def _own_key_list(self, _):
        return self.own["keys"], None

    def _own_container_list(self, _):
        rows = []
        for box in self.containers:
            if box["owner"] == self.user or self.user in box.get("shared_with", []):
                place = f"{box['owner']}/{box['name']}"
                login = f"{self.user}+{box['name'] if box['owner'] == self.user else place}@"
                shared_with = ", ".join(box.get("shared_with", [])) if box["owner"] == self.user else None
                rows.append({"container": place, "login": login, "default": box["default"], "shared_with": shared_with or None, "until": None})
        return rows, None

    def _own_session_list(self, _):
        own = [each for each in self.sessions if each["user"] == self.user]
        return [
            {"id": each["id"], "container": each["container"], "from": each["from"], "opened": each["since"], "idle_seconds": 4,
             "channels": 1, "key": FINGERPRINT, "this_session": each is own[-1]}
            for each in own
        ], None

    def _own_session_kill(self, words):
        return self._session_kill(words)

    def _own_key_remove(self, words):
        self.own["keys"] = [key for key in self.own["keys"] if key["fingerprint"] != words[0]]
        return {"message": f"key {words[0]} removed"}, None

    def _own_key_add(self, words):
        self.own["keys"].append(self.key_row(words[0].split()[-1], False))
        return {"message": "key added"}, None

    def _own_share(self, words):
        sharer = self._sharer(words)
        self._own_box(words).setdefault("shared_with", []).append(sharer)
        return {"message": f"{words[0]} is shared with {sharer}"}, None

    def _own_unshare(self, words):
        sharer = self._sharer(words)
        if sharer not in self._own_box(words).get("shared_with", []):
            return None, f"{words[0]} is not shared with {sharer}"
        self._own_box(words)["shared_with"].remove(sharer)
        return {"message": f"{words[0]} is not shared with {sharer} any more"}, None

    def _own_box(self, words):
        return next(box for box in self.containers if (box["owner"], box["name"]) == (self.user, words[0]))

    @staticmethod
    def _sharer(words):
        return f"group {words[2]}" if words[1] == "--group" else words[1]

    # Making it

    def has_backend(self, name, via=(), state="up", latency=0.4, containers=0):
        self.backends.append({"name": name, "via": list(via), "state": state, "latency_ms": latency, "hops": int(state == "up"), "containers": containers})

    def has_container(self, owner, name, backend, address="10.0.3.100:22", default=True, state=None, **more):
        row = {"name": name, "owner": owner, "backend": backend, "address": address, "login": owner, "default": default, "state": state, "seen": None}
        self.containers.append(row | more)

    def notes(self, user, action, subject, outcome="done", detail=None, ago=0, source="10.1.0.2"):
        id = len(self.audit) + 1
        self.audit.insert(0, {"id": id, "at": at(ago), "user": user, "action": action, "outcome": outcome, "subject": subject,
                              "from": source, "key": FINGERPRINT, "session": None, "detail": detail})

    def was_there(self, user, container, ago, seconds, reason="ok", recording=None, route=("be1",)):
        session = {"id": next(self._ids), "user": user, "from": "10.1.0.2", "container": container, "route": list(route), "since": at(ago),
                   "from_user": 4800, "from_container": 912_000, "recorded": recording is not None}
        self.past.append(self._row_of(session, reason) | {"closed": at(ago - seconds)})
        if recording is not None:
            self.recordings[f"{session['id']}-1"] = recording
        return session["id"]


def explained_without_user(login):
    why = f"there is no user {login}"
    steps = [{"step": "user", "outcome": "failed", "took_ms": 0, "what": why}]
    return {"login": login, "succeeds": False, "user_sees": "Permission denied (publickey).", "why": why, "steps": steps}
