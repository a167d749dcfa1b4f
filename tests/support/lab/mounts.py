"""Files seen in the place of others, by whoever shares the mount namespace and by nobody else."""

import shlex


def bind(mounts):
    """Lines of shell for pairs (what, where)."""
    return "\n".join(f"mount --bind {shlex.quote(str(what))} {shlex.quote(str(where))}" for what, where in mounts)
