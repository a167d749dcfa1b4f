"""Kubernetes' own programs, made from its Go module: Debian 12 has a client and no server."""

import json
import os
import re
import shutil
import subprocess

from host import system
from lab.downloads import cache
from lab.process import run

VERSION = "1.34.4"
PROGRAMS = ("kube-apiserver", "kubelet", "kubectl")
_MODULE = f"k8s.io/kubernetes@v{VERSION}"
_GO = (1, 24)


def missing():
    """A reason why they cannot be made here, if there is one."""
    if _folder().exists():
        return None
    if not shutil.which("go"):
        return "there is no go on this machine"
    version = re.search(r"go(\d+)\.(\d+)", run(["go", "env", "GOVERSION"]))
    if not version or tuple(int(each) for each in version.groups()) < _GO:
        return f"Kubernetes {VERSION} needs go {_GO[0]}.{_GO[1]}"
    return None


def programs():
    """Some minutes of a processor, the first time."""
    if not _folder().exists():
        work = cache() / "kubernetes-work"
        work.mkdir(exist_ok=True)
        (work / "go.mod").write_text(_module_file())
        (work / "used.go").write_text("//go:build used\n\npackage used\n\nimport (\n" + "".join(f'\t_ "{each}"\n' for each in _packages()) + ")\n")
        partial = work / "made"
        # The versions of all else follow from that module's own file.
        _go("mod", "tidy", folder=work)
        _go("build", "-trimpath", "-ldflags", "-s -w", "-o", f"{partial}/", *_packages(), folder=work)
        partial.rename(_folder())
        shutil.rmtree(work)
    return [_folder() / each for each in PROGRAMS]


def machine(name, packages):
    """A root file system with these Debian packages, and with them."""
    folder = system(name, packages)
    for program in programs():
        there = folder / "usr" / "local" / "bin" / program.name
        if not there.exists():
            shutil.copy(program, there)
    return folder


def _folder():
    return cache() / f"kubernetes-{VERSION}"


def _packages():
    return [f"k8s.io/kubernetes/cmd/{each}" for each in PROGRAMS]


def _module_file():
    """Its own libraries stand in its tree, and under a version of theirs elsewhere."""
    folder = json.loads(_go("mod", "download", "-json", _MODULE, folder=cache()))["Dir"]
    with open(os.path.join(folder, "go.mod"), encoding="utf-8") as file:
        names = re.findall(r"^\t(\S+) => ./staging/", file.read(), re.MULTILINE)
    theirs = "v0." + VERSION.partition(".")[2]
    lines = ["module used", f"go {_GO[0]}.{_GO[1]}", f"require {_MODULE.replace('@', ' ')}"]
    return "\n".join([*lines, *(f"replace {each} => {each} {theirs}" for each in names), ""])


def _go(*words, folder):
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod"}
    done = subprocess.run(["nice", "go", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
