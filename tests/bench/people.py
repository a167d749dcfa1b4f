"""Users by the hundred, as a document for `apply`; most of them exist on paper only."""

import base64
import json
import os
import struct


def paper_key():
    """A public key that nobody has the other half of."""
    return "ssh-ed25519 " + base64.b64encode(_string(b"ssh-ed25519") + _string(os.urandom(32))).decode()


def document(containers, keys=None, backends=()):
    """`containers` are (owner, backend, address, login); `keys` are those of owners that are real; `backends` name some that are not."""
    keys = keys or {}
    users = [{"name": owner, "keys": [{"key": keys.get(owner) or paper_key()}]} for owner, *_ in containers]
    places = [
        {"name": "web", "owner": owner, "backend": backend, "address": address, "login": login}
        for owner, backend, address, login in containers
    ]
    hops = [{"name": name, "address": f"10.9.0.{number + 1}", "login": "hop"} for number, name in enumerate(backends)]
    return json.dumps({"version": 1, "users": users, "backends": hops, "containers": places})


def _string(text):
    return struct.pack(">I", len(text)) + text
