"""Issuers at which users sign on: a real one (npm oidc-provider), and one that says whatever a story wants."""

import contextlib
import json
import pathlib
import re

from lab import until
from lab.process import run, start
from lab.topology import CLIENT
from registries import FROM_NPM, Kit

HERE = pathlib.Path(__file__).parent / "issuer"
PORT = 8443
ADDRESS = f"https://{CLIENT['front']}:{PORT}"
CLIENT_ID = "bastion"
SECRET = "a secret: of this client/+"

# Of the last version that Node.js 18 of Debian 12 runs.
LIBRARY = Kit(
    name="oidc-provider",
    registry="the npm registry",
    toolchain=("node", "npm"),
    fetch=FROM_NPM,
    sources=HERE / "library",
)


def certified(folder):
    """A CA of the story's own, and the certificate of the issuer's server."""
    folder.mkdir(parents=True, exist_ok=True)
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    run([*new, "-keyout", folder / "ca.key", "-out", folder / "ca.pem", "-subj", "/CN=a CA"])
    names = f"subjectAltName=IP:{CLIENT['front']}"
    run([*new, "-keyout", folder / "tls.key", "-out", folder / "tls.pem", "-subj", "/CN=issuer", "-addext", names,
         "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key"])  # fmt: skip
    return folder / "ca.pem"


class Issuer:
    """Runs on the user's machine, which the bastion reaches."""

    def __init__(self, lab, folder, command):
        self.lab, self.folder, self._command = lab, folder, command
        self.process = None
        self.authority = folder / "ca.pem"

    def start(self):
        with open(self.folder / "issuer.log", "ab") as log:
            self.process = start(self.lab.client.namespace.command(*map(str, self._command)), stdout=log, stderr=log)
        until(lambda: not self.lab.client.refuses(CLIENT["front"], PORT), "the issuer listens")

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def claims_groups(self, **groups):
        (self.folder / "groups.json").write_text(json.dumps(groups))

    def says(self, **what):
        """Of the liar: from now on."""
        (self.folder / "says.json").write_text(json.dumps({"issuer": ADDRESS, "client_id": CLIENT_ID} | what))

    def settings(self, **more):
        """What bastion.toml says of it."""
        return {
            "issuer": ADDRESS,
            "client_id": CLIENT_ID,
            "client_secret_file": str(self.folder / "secret"),
            "ca_file": str(self.authority),
        } | more

    def sign_on(self, address, code, user, *how):
        """What the user does in a browser; the title of the last page."""
        line = ["/usr/bin/python3", HERE / "browser.py", self.authority, address, code, user, *how]
        return self.lab.client.run(*line).succeeded().stdout


def _prepared(lab, name):
    folder = lab.folder / name
    certified(folder)
    (folder / "secret").write_text(SECRET + "\n")
    return folder


@contextlib.contextmanager
def provider(lab, algorithm="RS256", code_good_for=300):
    folder = _prepared(lab, f"issuer-{algorithm}")
    settings = {
        "issuer": ADDRESS, "client_id": CLIENT_ID, "client_secret": SECRET, "algorithm": algorithm, "code_good_for": code_good_for,
        "groups": str(folder / "groups.json"), "certificate": str(folder / "tls.pem"), "key": str(folder / "tls.key"),
    }  # fmt: skip
    (folder / "settings.json").write_text(json.dumps(settings))
    library = LIBRARY.folder / "node_modules" / "oidc-provider" / "lib" / "index.js"
    issuer = Issuer(lab, folder, ["node", HERE / "provider.mjs", library, folder / "settings.json"])
    issuer.claims_groups()
    issuer.start()
    try:
        yield issuer
    finally:
        issuer.stop()


@contextlib.contextmanager
def liar(lab, **says):
    """An issuer whose every user has signed on; `says` is what liar.py reads."""
    folder = _prepared(lab, "liar")
    issuer = Issuer(lab, folder, ["/usr/bin/python3", HERE / "liar.py", folder])
    issuer.says(**says)
    issuer.start()
    try:
        yield issuer
    finally:
        issuer.stop()


def what_is_shown(text):
    """The address and the code of a prompt."""
    found = re.search(r"Open (https://\S+) in a browser and enter (\S+), then press Enter", text)
    assert found, text
    return found.groups()
