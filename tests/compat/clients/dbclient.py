"""dropbear's client. It copies no files itself, so they go through `cat`."""

import pathlib
import shlex
import tempfile

from lab.outcome import Outcome
from lab.process import run

from .tool import ONE_COMMAND, SAYS_SO, Tool, with_options


class Dbclient(Tool):
    name = "dropbear `dbclient`"
    program = ["dbclient", "-V"]
    lines = {
        "dbclient {target}@bastion hostname": SAYS_SO,
        "dbclient -p 2222 -l {target} bastion hostname": SAYS_SO,
    }
    package = "dropbear-bin"
    idle_seconds = 5  # it gives up after three keepalives without an answer
    notes = [
        "Writing megabytes into a pipe, it now and then (2 times in 250) has written them all and then waits for ever, and as "
        "often without the bastion. Into a file it does not."
    ]
    cannot = ONE_COMMAND | {"rekey": "new keys come after 1 GiB or 8 hours, and nothing changes that"}

    def as_typed(self, line):
        return with_options(line, self._dbclient()[1:])

    def _dbclient(self, *words):
        own = self.desk.home / f"{self.key.name}.dropbear"
        if not own.exists():
            run(["dropbearconvert", "openssh", "dropbear", self.key, own])
        return ["dbclient", "-i", own, *self.options, *words]

    def execute(self, command, input=None):
        """Its output goes to a file, for the reason in `notes`."""
        output = pathlib.Path(tempfile.mkstemp(dir=self.desk.home)[1])
        line = shlex.join(map(str, self._dbclient("-T", self.target, command)))
        done = self.run("sh", "-c", f"exec {line} >{output}", input=input)
        content = output.read_bytes()
        output.unlink()
        return Outcome.of(done.status, content, done.stderr.encode())

    def shell(self):
        return self._dbclient(self.target)

    def upload(self, file, name):
        self.execute(f"cat >{name}", input=file.read_bytes()).succeeded()

    def download(self, name, file):
        file.write_bytes(self.execute(f"cat {name}").succeeded().raw)

    def local_forward(self, near, far):
        return self.running(*self._dbclient("-N", "-L", f"{near}:127.0.0.1:{far}", self.target))

    def remote_forward(self, far, near):
        return self.running(*self._dbclient("-N", "-R", f"{far}:127.0.0.1:{near}", self.target))

    def stay(self, seconds):
        return self.changed("-K", "1").execute(f"sleep {seconds}; hostname").succeeded().stdout

    def with_key(self, path):
        return self.changed(key=path)
