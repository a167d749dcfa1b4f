"""CAs of users, with ssh-keygen, and logins with what they sign."""

from . import until
from .client import finish
from .key import Key
from .process import run


class Authority:
    """A CA that signs, for one key each."""

    def __init__(self, folder, kind="ed25519"):
        self.folder = folder
        self.key = Key(folder / "ca", kind)
        self.count = 0

    def certified(self, *options, names="alice", kind="ed25519", key_id="alice@corp", key=None):
        self.count += 1
        key = key or Key(self.folder / f"key{self.count}", kind)
        principals = ["-n", names] if names else []
        run(["ssh-keygen", "-q", "-s", self.key.path, "-I", key_id, *principals, *options, f"{key.path}.pub"])
        return key


def login(lab, key, *options, user="alice"):
    return lab.client.run("ssh", "-v", "-F", lab.client.config, "-o", "IdentitiesOnly=yes", "-i", key.path, *options, f"{user}@bastion", "echo $BOX")


def gets_in(lab, key, **how):
    return login(lab, key, **how).stdout == "be1/alice"


def session(lab, key, user="alice"):
    client = lab.client.start("ssh", "-F", lab.client.config, "-o", "IdentitiesOnly=yes", "-i", key.path, f"{user}@bastion", "echo up; cat")
    assert client.stdout.readline() == b"up\n"
    return client


def has_gone(lab, client, sentence, reason):
    until(lambda: client.poll() is not None, "the session ends")
    outcome = finish(client)
    assert sentence in outcome.stderr
    lab.bastion.log_of(outcome.id, has=f"reason={reason}")
