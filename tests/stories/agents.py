"""The private keys of a bastion are in a real ssh-agent, and behind that perhaps in a token."""

import os
import pathlib
import shutil
import subprocess

from lab.deadline import until
from lab.process import run, start

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
_PIN = "1234"
_PASSPHRASE = "of the agent"


def public_half(file):
    return run(["ssh-keygen", "-y", "-f", file])


class Agent:
    """One of the machine of the bastion; `folder` keeps what is to come back when it is started again."""

    def __init__(self, folder, through=()):
        """`through` are words before the command that starts it."""
        self.folder = folder
        self._through = through
        folder.mkdir()
        self.socket = folder / "socket"
        self._files = []
        self._token = None
        self._process = None
        self._answer = folder / "answer"
        self._answer.write_text('#!/bin/sh\ncat "$ANSWER"\n')
        self._answer.chmod(0o755)

    def start(self):
        """With the keys that it had."""
        self._process = start([*self._through, "ssh-agent", "-D", "-a", self.socket], env=self._environment(), stdout=subprocess.DEVNULL)
        until(self._listens, "ssh-agent listens")
        for file in self._files:
            self._add(file)
        if self._token and any((self.folder / "tokens").iterdir()):
            self._answers(_PIN, "-s", MODULE)

    def _listens(self):
        return subprocess.run(["ssh-add", "-l"], env=self._environment(), capture_output=True, check=False).returncode != 2

    def kill(self):
        self._process.kill()
        self._process.wait()
        self.socket.unlink(missing_ok=True)

    def hold(self, file):
        """Takes the private key; the file has only the public half from then on."""
        kept = self.folder / f"key{len(self._files)}"
        public = public_half(file)
        shutil.copy2(file, kept)
        self._files.append(kept)
        self._add(kept)
        file.write_text(public)
        return kept

    def forget(self):
        run(["ssh-add", "-q", "-D"], env=self._environment())

    def remember(self):
        for file in self._files:
            self._add(file)

    def lock(self):
        self._answers(_PASSPHRASE, "-x")

    def unlock(self):
        self._answers(_PASSPHRASE, "-X")

    def stands_still(self, number):
        os.kill(self._process.pid, number)

    def has_room_for_tokens(self):
        tokens = self.folder / "tokens"
        tokens.mkdir()
        self._token = self.folder / "softhsm2.conf"
        self._token.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\n")

    def token_environment(self):
        """For whoever gives the commands of a page: ssh-add is told the PIN."""
        return self._environment() | self._asked(_PIN)

    def has_token(self, *keys):
        """A new token with these keys, each a type as pkcs11-tool has it and a label; returns their public halves by the
        labels."""
        self.has_room_for_tokens()
        environment = self._environment()
        run(["softhsm2-util", "--init-token", "--free", "--label", "bastion", "--pin", _PIN, "--so-pin", _PIN], env=environment)
        tool = ["pkcs11-tool", "--module", MODULE, "--login", "--pin", _PIN]
        for number, (kind, label) in enumerate(keys, 1):
            run([*tool, "--keypairgen", "--key-type", kind, "--id", f"{number:02}", "--label", label], env=environment)
        lines = run(["ssh-keygen", "-D", MODULE], env=environment).splitlines()
        return {label: next(line for line in lines if line.endswith(label)) for _, label in keys}

    def _add(self, file):
        run(["ssh-add", "-q", file], env=self._environment())

    def _answers(self, secret, *words):
        run(["ssh-add", *words], env=self._environment() | self._asked(secret), stdin=subprocess.DEVNULL)

    def _asked(self, secret):
        answer = pathlib.Path(self.folder / "secret")
        answer.write_text(f"{secret}\n")
        return {"SSH_ASKPASS": str(self._answer), "SSH_ASKPASS_REQUIRE": "force", "ANSWER": str(answer)}

    def _environment(self):
        token = {"SOFTHSM2_CONF": str(self._token)} if self._token else {}
        return {"PATH": os.environ["PATH"], "SSH_AUTH_SOCK": str(self.socket)} | token
