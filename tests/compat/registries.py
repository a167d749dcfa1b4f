"""Libraries for SSH that come from the registry of their language: fetched once into the download cache, and built there.

What cannot be had from where this machine is leaves its clients out (Unavailable, which says why); what was fetched and
does not build is a fault.
"""

import contextlib
import dataclasses
import fcntl
import functools
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile

from lab.downloads import Unavailable, cache

PROGRAMS = pathlib.Path(__file__).resolve().parent / "programs"

_PATIENCE = 180


@dataclasses.dataclass(frozen=True)
class Kit:
    """Lines of shell that run in a copy of `sources` and leave what they make in $OUT: `fetch` asks the registry, `build`
    does not. Another line or source makes another kit."""

    name: str
    registry: str
    toolchain: tuple  # of programs
    fetch: str
    build: str = ""
    sources: pathlib.Path | None = None

    @functools.cached_property
    def folder(self):
        """Where $OUT was; made when it is not there."""
        for program in self.toolchain:
            if not shutil.which(program):
                raise Unavailable(f"{self.name} needs {program}, which this machine has not")
        downloads = cache()
        folder = downloads / f"{self.name}-{self._digest()}"
        with _alone(downloads / f"{self.name}.lock"):
            if not folder.exists():
                self._make(downloads, folder)
        return folder

    @functools.cache
    def missing(self):
        """A reason why it cannot be had, if there is one."""
        try:
            self.folder  # pylint: disable=pointless-statement
        except Unavailable as reason:
            return str(reason)
        return None

    def _make(self, downloads, folder):
        with tempfile.TemporaryDirectory(dir=downloads) as place:
            out = pathlib.Path(place) / "out"
            work = pathlib.Path(place) / "work"
            out.mkdir()
            shutil.copytree(self.sources, work) if self.sources else work.mkdir()
            if complaint := _complaint(self.fetch, work, out):
                raise Unavailable(f"{self.name} did not come from {self.registry}: {complaint}")
            complaint = _complaint(self.build, work, out)
            assert not complaint, f"{self.name} does not build: {complaint}"
            out.rename(folder)

    def _digest(self):
        found = hashlib.sha256(f"{self.fetch}\n{self.build}\n".encode())
        for file in sorted(self.sources.iterdir()) if self.sources else []:
            found.update(file.read_bytes())
        return found.hexdigest()[:16]


# What package-lock.json names, each with its sum. What it would compile makes some of it faster, and it does without.
FROM_NPM = 'npm ci --omit=optional --ignore-scripts --no-audit --no-fund && mv node_modules "$OUT"'

# Go before 1.26 gets the last versions that Debian 12's takes.
GO = Kit(
    name="x-crypto",
    registry="the Go module proxy",
    toolchain=("go",),
    fetch="""
        mod=go.mod
        [ "$(printf '%s\\n' go1.26 "$(go env GOVERSION)" | sort --version-sort | head -n 1)" = go1.26 ] || mod=older.mod
        echo "$mod" >mod && go mod download -modfile="$mod"
    """,
    build='CGO_ENABLED=0 go build -modfile="$(cat mod)" -o "$OUT/client" .',
    sources=PROGRAMS / "go",
)
JAVA = Kit(
    name="java",
    registry="Maven Central",
    toolchain=("javac", "mvn"),
    fetch='mvn --batch-mode --quiet dependency:copy-dependencies -DoutputDirectory="$OUT"',
    build='javac -proc:none -XDignore.symbol.file -d "$OUT" -cp "$OUT/*" *.java',
    sources=PROGRAMS / "java",
)
NODE = Kit(
    name="ssh2",
    registry="the npm registry",
    toolchain=("node", "npm"),
    fetch=FROM_NPM,
    sources=PROGRAMS / "ssh2",
)
PARAMIKO = Kit(
    name="paramiko",
    registry="PyPI",
    toolchain=("pip3",),
    fetch='/usr/bin/python3 -m pip install --quiet --root-user-action=ignore --target "$OUT" paramiko==5.1.0',
)
SSH_AUDIT = Kit(
    name="ssh-audit",
    registry="PyPI",
    toolchain=("pip3",),
    fetch='/usr/bin/python3 -m pip install --quiet --root-user-action=ignore --target "$OUT" ssh-audit==3.9.0',
)


@contextlib.contextmanager
def _alone(lock):
    """While the block runs, no other process of the tests makes the same."""
    with open(lock, "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _complaint(script, work, out):
    """What it said when it failed."""
    line = ["timeout", str(_PATIENCE), "bash", "-euc", script]
    done = subprocess.run(line, cwd=work, env=os.environ | {"OUT": str(out)}, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    said = (done.stdout + done.stderr).strip()[-1000:]
    return f"no answer within {_PATIENCE} s. {said}" if done.returncode == 124 else said or f"exit status {done.returncode}"
