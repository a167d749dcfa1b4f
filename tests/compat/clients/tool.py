"""What every client of the matrix is: a program on a workstation that is told where to go.

A subclass is one way of doing things with one program. It implements the words below that the program has, and says in
`cannot` why it has no others; matrix.py checks that each step is in exactly one of the two.

    execute(command, input)       one command, its output, errors and exit status       exec, exit status
    shell()                       the words that open a shell on a terminal             terminal
    upload(file, name)            into the home over there, under that name             upload, parallel, rekey
    download(name, file)                                                                download, parallel, rekey
    local_forward(near, far)      while the block runs, a near port leads to a far one  -L
    remote_forward(far, near)     and the other way round                               -R
    stay(seconds)                 idle for so long with a keepalive every second        keepalive
    rekeying(mib)                 the same client, with new keys every so many MiB      rekey
    echo(channels, size)          so many `cat` at once on one connection, each sent so many bytes;
                                  how many of them gave all of it back                  both ways
    with_key(path)                the same client, with another private key             RSA key

`patience` is how many seconds one run may take.
"""

import concurrent.futures
import contextlib
import copy
import hashlib
import shlex

from lab.client import finish

SAYS_SO = "true"  # after a line that ran `hostname`
SHOWN = "cat whereabouts"  # after one that fetched that file

ONE_COMMAND = {"both ways": "has a connection for each command"}

_BLOCK = 1024 * 1024


class Tool:
    name = None  # in the table
    program = None  # the command whose version is shown, with the option that shows it
    package = None  # Debian's
    cannot = ONE_COMMAND
    notes = []  # what its users had better know
    takes_input = True  # execute() passes standard input on
    idle_seconds = 3  # enough for its keepalive to give an unanswering peer up
    mounts = list  # what it needs in the place of the machine's own files
    lines = {}  # how a target is written for it (spelling.py), and a command that then shows where that led
    needs = staticmethod(lambda: None)  # a reason why it cannot run on this machine, if there is one

    def __init__(self, desk, user, host):
        self.desk = desk.having(self.mounts())
        self.user = user
        self.host = host
        self.patience = 60
        self.key = desk.key
        self.options = []

    @classmethod
    def plain_name(cls):
        return cls.name.replace("`", "")

    @property
    def target(self):
        return f"{self.user}@{self.host}"

    def run(self, *argv, **how):
        return self.desk.run(*argv, timeout=self.patience, **how)

    def changed(self, *options, **attributes):
        """The same client with more options."""
        other = copy.copy(self)
        other.options = [*self.options, *options]
        vars(other).update(attributes)
        return other

    @contextlib.contextmanager
    def running(self, *argv, environment=None):
        """The program runs while the block does."""
        process = self.desk.start(*argv, environment=environment)
        try:
            yield process
        finally:
            process.terminate()
            finish(process)

    def as_typed(self, line):
        """A line of `lines` with what keeps it from asking questions."""
        return line

    def whereabouts(self):
        """The name of the machine it reaches: said by itself, or read from the file `whereabouts` there."""
        if "exec" not in self.cannot:
            return self.execute("hostname").succeeded().stdout
        file = self.desk.home / "whereabouts"
        file.unlink(missing_ok=True)
        self.download("whereabouts", file)
        return file.read_text().strip()

    # How a file gets into the home over there, and is looked at, without the client.

    def provide(self, far, name, file):
        far.put(name, file.read_bytes())

    def arrived(self, far, name):
        return checksum(far.home / name)

    def prepare(self, far, name):
        """What must be there before an upload."""

    def close(self):
        """Ends what it left running."""

    # Several at once: as many clients as files, unless the program has a better way.

    def upload_all(self, pairs):
        self._all(self.upload, pairs)

    def download_all(self, pairs):
        self._all(self.download, pairs)

    @staticmethod
    def _all(transfer, pairs):
        with concurrent.futures.ThreadPoolExecutor(len(pairs)) as pool:
            for done in [pool.submit(transfer, *pair) for pair in pairs]:
                done.result()


def checksum(file):
    found = hashlib.sha256()
    with open(file, "rb") as stream:
        while part := stream.read(_BLOCK):
            found.update(part)
    return found.hexdigest()


def with_options(line, options):
    """Right behind the name of the program."""
    program, _, rest = line.partition(" ")
    return f"{program} {shlex.join(map(str, options))} {rest}"
