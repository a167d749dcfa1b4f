"""Which version a program says it is."""

import re

_SSHD = {"Debian 12": ["ssh", "-V"], "backports": ["ssh", "-V"], "dropbear": ["dropbear", "-V"]}


def of_client(tool):
    outcome = tool.run(*tool.program)
    return _version(outcome)


def of_sshd(desk, kind, mounts):
    return _version(desk.having(mounts).run(*_SSHD[kind]))


def _version(outcome):
    """The first number with a dot in it; some say it on standard error."""
    return re.search(r"\d+\.\d+[\w.]*", f"{outcome.stdout}\n{outcome.stderr}").group(0)
