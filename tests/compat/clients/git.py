"""git over SSH: a push is an upload, a clone is a download. It calls `ssh`."""

import shutil

from .tool import ONE_COMMAND, Tool

_LOOK = "cat whereabouts/whereabouts"


class Git(Tool):
    name = "git"
    program = ["git", "--version"]
    package = "git"
    lines = {
        "git clone {target}@bastion:whereabouts.git": _LOOK,
        "git clone ssh://{escaped}@bastion:2222/~/whereabouts.git": _LOOK,
    }
    cannot = ONE_COMMAND | {step: "fetches and pushes only" for step in ("exec", "exit status", "terminal", "-L", "-R", "keepalive")}

    def upload(self, file, name):
        here = self.desk.home / f"{name}.pushed"
        self.run("bash", "-c", _commit(here, file, name)).succeeded()
        self._git("-C", here, "push", "-q", f"{self.target}:{name}.git", "main")

    def download(self, name, file):
        here = self.desk.home / f"{name}.cloned"
        shutil.rmtree(here, ignore_errors=True)
        self._git("clone", "-q", f"{self.target}:{name}.git", here)
        shutil.move(here / name, file)

    def prepare(self, far, name):
        far.run(f"rm -rf {name}.git && git init -q --bare -b main {name}.git").succeeded()

    def provide(self, far, name, file):
        self.prepare(far, name)
        far.put(name, file.read_bytes())
        far.run(f"{_commit(f'{name}.work', name, name)} && git -C {name}.work push -q ../{name}.git main").succeeded()

    def arrived(self, far, name):
        return far.run(f"git -C {name}.git show main:{name} | sha256sum").succeeded().stdout.split()[0]

    def rekeying(self, mib):
        return self.changed("-o", f"RekeyLimit={mib}M")

    def with_key(self, path):
        return self.changed("-o", "IdentitiesOnly=yes", "-i", str(path))

    def _git(self, *words):
        ssh = {"GIT_SSH_COMMAND": " ".join(["ssh", *self.options])} if self.options else {}
        self.run("git", *words, environment=ssh | {"GIT_CONFIG_GLOBAL": "/dev/null"}).succeeded()


def _commit(folder, file, name):
    """Shell: a new repository with this one file in it. What is random is not compressed."""
    who = "-c user.name=Alice -c user.email=alice@example.org -c core.compression=0"
    return (
        f"rm -rf {folder} && git init -q -b main {folder} && cp {file} {folder}/{name} && git -C {folder} add {name}"
        f" && git -C {folder} {who} commit -q -m Begin"
    )
