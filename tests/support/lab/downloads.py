"""What the tests fetch from elsewhere is fetched once, into one folder."""

import os
import pathlib


class Unavailable(Exception):
    """It cannot be had from where this machine is; the text says why."""


def cache():
    """The folder; tests/support/fetch-openssh and packaging/libssh/fetch have the same."""
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    folder = pathlib.Path(os.environ.get("BASTION_DOWNLOAD_CACHE") or pathlib.Path(base) / "bastion")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
