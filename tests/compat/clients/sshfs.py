"""sshfs: the home over there as a folder here. It calls `ssh`."""

import os
import shlex

from .tool import ONE_COMMAND, Tool

_LOOK = "cat over/whereabouts; fusermount3 -u over"


def fuse():
    """A reason why nothing can be mounted here; None when it can."""
    try:
        os.close(os.open("/dev/fuse", os.O_RDWR))
    except OSError as error:
        return f"sshfs needs /dev/fuse: {error.strerror}"
    return None


class Sshfs(Tool):
    name = "sshfs"
    program = ["sshfs", "--version"]
    package = "sshfs"
    notes = ["Needs `/dev/fuse`, and to mount as somebody else than root `fusermount3` with its setuid bit."]
    lines = {
        "sshfs {target}@bastion: over": _LOOK,
        "sshfs -p 2222 {target}@bastion: over": _LOOK,
    }
    needs = staticmethod(fuse)
    cannot = ONE_COMMAND | {step: "is a file system only" for step in ("exec", "exit status", "terminal", "-L", "-R")}

    def upload(self, file, name):
        self._mounted(f"cp {file} over/{name}")

    def download(self, name, file):
        self._mounted(f"cp over/{name} {file}")

    def stay(self, seconds):
        patient = self.changed("-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=1")
        return patient._mounted(f"sleep {seconds} && cat over/whereabouts").stdout

    def rekeying(self, mib):
        return self.changed("-o", f"RekeyLimit={mib}M")

    def with_key(self, path):
        return self.changed("-o", f"IdentityFile={path}", "-o", "IdentitiesOnly=yes")

    def as_typed(self, line):
        return f"mkdir over && {line}"

    def _mounted(self, command):
        """All in one shell: what is mounted is seen by nobody else."""
        mount = shlex.join(["sshfs", *self.options, f"{self.target}:", "over"])
        script = f'cd "$(mktemp -d)" && mkdir over && {mount} && {{ {command}; status=$?; fusermount3 -u over; exit $status; }}'
        return self.run("bash", "-c", script).succeeded()

    # One mount carries everything that goes on at once.

    def upload_all(self, pairs):
        self._mounted(_together(f"cp {file} over/{name}" for file, name in pairs))

    def download_all(self, pairs):
        self._mounted(_together(f"cp over/{name} {file}" for name, file in pairs))


def _together(commands):
    each = "".join(f"{command} & pids+=($!); " for command in commands)
    return f"pids=(); {each}for pid in ${{pids[@]}}; do wait $pid || exit 1; done"
