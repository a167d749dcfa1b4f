"""Files seen in the place of others, by whoever shares the mount namespace and by nobody else."""

import os
import shlex
import subprocess


def bind(mounts):
    """Lines of shell for pairs (what, where)."""
    return "\n".join(f"mount --bind {shlex.quote(str(what))} {shlex.quote(str(where))}" for what, where in mounts)


def copy_of_etc(folder):
    """A copy of /etc to be mounted over it, before single files are mounted into it.

    A mount on a file goes, in every namespace, when that file is replaced by another one: useradd and apt do that to
    the machine's own /etc/passwd. Nobody replaces a file of the copy.
    """
    etc = folder / "etc"
    etc.mkdir()
    # What is being replaced at this moment may be missing in the copy.
    subprocess.run(["cp", "--archive", "/etc/.", str(etc)], capture_output=True, check=False)
    return etc


# A machine of the lab has these only when a story installs them, whatever the machine it runs on has.
_NOT_THERE = {"incus", "lxc", "lxd"}


def own_programs(folder, source="/usr/bin"):
    """A folder for PATH that has the programs of `source`, but for those."""
    programs = folder / "bin"
    programs.mkdir()
    for name in os.listdir(source):
        if name not in _NOT_THERE:
            (programs / name).symlink_to(os.path.join(source, name))
    return programs
