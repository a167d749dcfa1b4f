"""Key pairs, made by ssh-keygen."""

from .process import run


def fingerprint_of(public):
    """As `key list` shows it; `public` is a line of text."""
    return run(["ssh-keygen", "-l", "-f", "-"], input=public).split()[1]


def scan_line(address, port):
    """Asks the bastion for its host keys, and for no other type: such a connection it closes, and ssh-keyscan may be in
    the middle of a write then."""
    return ["ssh-keyscan", "-t", "ed25519,ecdsa,rsa", "-p", str(port), address]


class Key:
    """The private key is the file `path`, made if it is not there; ssh wants it named by path, and nothing here ever
    prints it."""

    def __init__(self, path, kind="ed25519"):
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", path.name, "-f", path])

    @property
    def public(self):
        return self.path.with_name(self.path.name + ".pub").read_text().strip()

    @property
    def fingerprint(self):
        return fingerprint_of(self.public)

    def replace(self):
        kind = self.public.split()[0].removeprefix("ssh-")
        self.path.unlink()
        self.__init__(self.path, kind)
