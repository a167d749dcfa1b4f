"""One-time codes as people have them: made by oathtool, typed for ssh by what it asks, and read off the screen as a phone does."""

import base64
import json
import re
import subprocess
import time
import urllib.parse

from lab.process import run

_STEP = 30
_HALVES = {" ": (0, 0), "▄": (0, 1), "▀": (1, 0), "█": (1, 1)}
_MODULE = 8  # pixels


class Phone:
    """Has the secret, and each code of it once: those of this step and of the next one, which is good already."""

    def __init__(self, secret):
        self.secret = secret
        self.bytes = base64.b32decode(secret)
        self._ahead = 0

    def code(self, steps=None):
        """The next one; or that of so many steps from now, whenever it was used."""
        if steps is None:
            steps, self._ahead = self._ahead, self._ahead + 1
        return run(["oathtool", "--totp", "--base32", f"--now=@{int(time.time()) + steps * _STEP}", self.secret]).strip()


class Enrolled:
    def __init__(self, answer):
        self.uri = answer["uri"]
        self.phone = Phone(answer["secret"])
        self.recovery = answer["recovery_codes"]


def enrolled(lab, user):
    return Enrolled(json.loads(lab.bastion.admin("totp", "enroll", user, "--json")))


def typing(folder, *texts):
    """The environment in which ssh asks this for what it would ask a person, once for each text."""
    folder.mkdir(parents=True, exist_ok=True)
    lines, program = folder / "typed", folder / "askpass"
    lines.write_text("".join(f"{text}\n" for text in texts))
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >>{folder}/asked\nhead -n 1 {lines}\nsed -i 1d {lines}\n')
    program.chmod(0o700)
    return {"SSH_ASKPASS": str(program), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"}


def asked(folder):
    file = folder / "asked"
    return file.read_text().splitlines() if file.exists() else []


def screenshot(lines, file):
    """Text with half blocks as a picture: what stands there is light, and the rest dark. Lines of colour count for nothing."""
    rows = []
    for line in lines:
        halves = [_HALVES[character] for character in re.sub(r"\x1b\[[0-9;]*m", "", line)]
        rows += [bytes(255 * half[at] for half in halves for _ in range(_MODULE)) for at in (0, 1)]
    height, width = len(rows) * _MODULE, len(rows[0])
    file.write_bytes(b"P5 %d %d 255\n" % (width, height) + b"".join(row for row in rows for _ in range(_MODULE)))


def read_by_a_camera(lines, file):
    screenshot(lines, file)
    return subprocess.run(["zbarimg", "--quiet", "--raw", file], capture_output=True, check=True, text=True).stdout.strip()


def secret_in(uri):
    return urllib.parse.parse_qs(urllib.parse.urlparse(uri).query)["secret"][0]
