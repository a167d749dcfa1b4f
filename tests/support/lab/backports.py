"""OpenSSH of bookworm-backports beside the machine's own: newer by years, and what users and backends have next."""

import functools
import pathlib
import subprocess

from .downloads import Unavailable

_FETCH = pathlib.Path(__file__).resolve().parents[1] / "fetch-openssh"
_PROGRAMS = ["bin/ssh", "bin/scp", "bin/sftp", "bin/ssh-keygen", "sbin/sshd", "lib/openssh"]


@functools.cache
def fetched(*what):
    """The folder in which packages are unpacked; `what` is as tests/support/fetch-openssh has it."""
    done = subprocess.run([_FETCH, *what], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(done.stderr.strip())
    return pathlib.Path(done.stdout.strip())


@functools.cache
def mounts():
    """Pairs (what, where) that make it the OpenSSH of whoever sees them."""
    usr = fetched() / "usr"
    return [(usr / each, pathlib.Path("/usr") / each) for each in _PROGRAMS]


def missing():
    """A reason why it cannot be had, if there is one."""
    try:
        mounts()
    except Unavailable as reason:
        return str(reason)
    return None
