"""The bastion under test: the real binary, from `init` to the exit after SIGTERM."""

import contextlib
import itertools
import json
import os
import pathlib
import re
import resource
import signal
import subprocess

from .deadline import PATIENCE, until
from .outcome import Outcome
from .process import LEASH, run, start
from .readiness import Readiness

_REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
_BUILDS = ["release", "debug", "asan", "tsan"]

_HANDED_OVER = "handed over to another process"
_CLOCK_NANOSLEEP = {"x86_64": 230, "aarch64": 115}[os.uname().machine]
# What LeakSanitizer says of a thread that ended while it looked for leaks; what it finds then stands behind it.
_THREAD_HAS_LEFT = re.compile(r"^==\d+==Unable to get registers from thread \d+\.$", re.MULTILINE)

# Short enough for stories about failures, long enough for a sanitizer build on a busy machine.
_SETTINGS = {
    "workers": 2,
    "login_grace": 20,
    "connect_timeout": 4,
    "drain_timeout": 5,
    "max_startups": 200,
    "max_startups_per_source": 200,
    "exempt": ["10.1.0.0/24"],  # stories fail on purpose, and many at once
    "log_level": "debug",
}


def binary():
    """The program named by BASTION_BIN, or the newest one built here."""
    named = os.environ.get("BASTION_BIN")
    built = [_REPOSITORY / "build" / preset / "bastion" / "bastion" for preset in _BUILDS]
    found = [pathlib.Path(named)] if named else sorted(filter(os.path.exists, built), key=os.path.getmtime)[-1:]
    if not found or not found[0].exists():
        raise RuntimeError("there is no bastion to test: build one (cmake --preset release) or set BASTION_BIN")
    return found[0].resolve()


def _children(pid):
    """In the order in which they were started."""
    lists = list(pathlib.Path(f"/proc/{pid}/task").glob("*/children"))
    if not lists:  # it has ended, or the kernel keeps none
        found = subprocess.run(["pgrep", "--parent", str(pid)], capture_output=True, text=True, check=False)
        return sorted(int(child) for child in found.stdout.split())
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return [int(child) for each in lists for child in each.read_text().split()]
    return []


def _with_children(pid):
    found = [pid]
    for each in found:
        found += _children(each)
    return found


def _is_alive(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        state = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        return state not in "ZX"
    return False


def _toml(value):
    """A value of any other kind than a table is written as JSON writes it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    return json.dumps(value)


class Bastion:
    def __init__(self, namespace, folder, listen, settings=None):
        self.namespace = namespace
        self._folder = folder
        # Not beside the state directory: docs/ADMIN.md, "The bastion's own host keys".
        self._config = folder / "etc" / "bastion.toml"
        self._log = folder / "log"
        self._process = None
        self._program = None
        self._settings = {"listen": [listen], "state_dir": str(folder / "state")} | _SETTINGS
        self._config.parent.mkdir(parents=True)
        self.configure(**(settings or {}))

    @property
    def state(self):
        """Its state directory."""
        return self._folder / "state"

    @property
    def address(self):
        """Where it listens: host and port."""
        return self._settings["listen"][0]

    @property
    def config(self):
        """Its configuration file."""
        return self._config

    def configure(self, **settings):
        """Writes the file with these settings in place of those it had."""
        self._settings |= settings
        fresh = self._config.with_suffix(".new")
        fresh.write_text("".join(f"{key} = {_toml(value)}\n" for key, value in self._settings.items()))
        fresh.replace(self._config)  # half a file is a configuration too

    # The program

    @property
    def program(self):
        return self._program or binary()

    def install(self, content=None):
        """Puts a program in the place of its own, as a package does it: a copy of itself, or this script. It runs from
        there from the next start on."""
        self._program = self._folder / "bin" / "bastion"
        self._program.parent.mkdir(exist_ok=True)
        fresh = self._program.with_suffix(".new")
        if content is None:
            run(["cp", "--reflink=auto", binary(), fresh])
        else:
            fresh.write_text(content)
            fresh.chmod(0o755)
        fresh.rename(self._program)

    # Commands

    def init(self, admin, key):
        return self._command("init", "--admin", admin, "--key", key).succeeded()

    def tries(self, *words, input=None):
        """An admin command, whatever comes of it."""
        return self._command("admin", *words, input=input)

    def admin(self, *words, input=None):
        """An admin command that must work; returns what it printed."""
        return self.tries(*words, input=input).succeeded().stdout

    def explained(self, *words):
        """What `explain` says of a login; its exit status says whether that would succeed."""
        outcome = self.tries("explain", *words, "--json")
        said = json.loads(outcome.stdout)
        assert outcome.status == (0 if said["succeeds"] else 1), outcome
        return said

    def starts(self, *words, stdin=subprocess.DEVNULL):
        """An admin command that goes on; the caller ends it (client.finish)."""
        pipes = {"stdin": stdin, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return start(self._line("admin", *words), env=self._environment(), **pipes)

    def identity(self):
        """The public keys it presents to backends and containers."""
        lines = self.admin("identity", "show").splitlines()
        keys = [found.group(0) for line in lines if (found := re.search(r"(ssh|ecdsa|sk-)[a-z0-9@.-]* AAAA.*", line))]
        assert keys, f"`identity show` printed no key: {lines}"
        return keys

    def admin_line(self):
        """The words before an admin command, for another process to give it."""
        return self._line("admin")

    def rotates(self, *words):
        """`bastion identity rotate`, whatever comes of it."""
        return self._command("identity", "rotate", *words)

    def joins(self, key=None, *words):
        """`bastion join`, whatever comes of it; `key` is what it reads."""
        return self._command("join", *words, input=None if key is None else f"{key}\n")

    def starts_to_join(self, key, *words):
        """`bastion join`, which goes on; the caller ends it."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        joining = start(self._line("join", *words), env=self._environment(), **pipes)
        joining.stdin.write(f"{key}\n".encode())
        joining.stdin.close()
        joining.stdin = None
        return joining

    def identity_files(self):
        """What it logs in with, as it stands in its state directory."""
        return {file.name: file.read_bytes() for file in (self.state / "identity").iterdir()}
    def leaves(self, *words):
        """`bastion leave`, whatever comes of it."""
        return self._command("leave", *words)

    def check(self):
        """`bastion check`, whatever comes of it."""
        return self._command("check")

    def command_line(self):
        """How to give it an admin command by hand."""
        return f"{self.program} admin --config {self._config}"

    def _command(self, verb, *words, input=None):
        done = subprocess.run(
            [*LEASH, *self._line(verb, *words)],
            input=input.encode() if isinstance(input, str) else input,
            stdin=subprocess.DEVNULL if input is None else None,
            env=self._environment(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        return Outcome.of(done.returncode, done.stdout, done.stderr)

    def _line(self, verb, *words):
        return [*map(str, self.namespace.command(self.program, verb, "--config", self._config, *words))]

    # Serving

    def start(self, **how):
        """Returns when it says itself that it is ready."""
        self.launch(**how)
        self.becomes_ready()

    def launch(self, *, log=None, through=(), options=()):
        """Begins to start. It writes to `log`, which stays the caller's, in place of its file; `through` are words
        before the command, `options` behind it."""
        self._readiness = self.notifications()
        line = self.namespace.command(*through, str(self.program), "serve", "--config", str(self._config), *options)
        with open(self._log, "ab") as file:
            environment = self._environment() | self._readiness.environment
            self._process = start(line, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=log or file)

    def becomes_ready(self):
        self._readiness.wait(self._process, lambda: self.log, seconds=2 * PATIENCE)
        self._readiness.close()

    def notifications(self):
        """What it tells systemd from now on."""
        return Readiness(self._folder / "notify")

    def send(self, number):
        self._process.send_signal(number)

    def hands_over(self):
        """It is asked to read its files again, where something has changed that takes another process."""
        handed = self.log.count(_HANDED_OVER)
        self.send(signal.SIGHUP)
        until(lambda: self.log.count(_HANDED_OVER) > handed, "another process serves")

    def serves_too(self):
        """A second one with the same configuration, which is to end by itself."""
        return self._command("serve")

    def leave_descriptors(self, count):
        """It can open so many more."""
        used = {int(name) for name in os.listdir(f"/proc/{self.pid}/fd")}
        free = itertools.islice((number for number in itertools.count() if number not in used), count)
        _, most = resource.prlimit(self.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (max(free) + 1, most))

    def waits_for_the_database(self, threads=1):
        """Whether so many threads of it sleep for a moment, as SQLite has it while somebody else writes; nothing else
        does."""
        calls = pathlib.Path(f"/proc/{self.pid}/task").glob("*/syscall")
        return sum(call.read_text().startswith(f"{_CLOCK_NANOSLEEP} ") for call in calls) >= threads

    def catches(self, number):
        """Whether it has got so far that this signal is its own matter."""
        with open(f"/proc/{self._process.pid}/status", encoding="ascii") as file:
            caught = re.search(r"^SigCgt:\s*(\w+)", file.read(), re.MULTILINE).group(1)
        return bool(int(caught, 16) >> (number - 1) & 1)

    def terminate(self):
        self._process.send_signal(signal.SIGTERM)

    def is_running(self):
        return self._process is not None and self._process.poll() is None

    def ended(self, seconds=PATIENCE):
        """Its exit status, when it ends within the bound."""
        status = self._process.wait(seconds)
        self._process = None
        return status

    def kill(self):
        """All of it at once: nobody is left to tidy up for another one."""
        if self.is_running():
            self._process.send_signal(signal.SIGSTOP)
            left = _with_children(self._process.pid)
            for pid in [*left[1:], left[0]]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()
            until(lambda: not any(_is_alive(pid) for pid in left), "its other processes have ended too")
        self._process = None

    def faults(self):
        """Stops it as systemd would and returns everything that is not as it has to be."""
        faults = []
        if self._process is not None:
            if self.is_running():
                self.terminate()
            try:
                if (status := self.ended(self._settings["drain_timeout"] + PATIENCE)) != 0:
                    faults.append(f"the bastion exited with {status}\n{self.log[-4000:]}")
            except subprocess.TimeoutExpired:
                faults.append(f"the bastion did not end after SIGTERM\n{self.log[-4000:]}")
                self.kill()
        reports = (file.read_text() for file in sorted(self._folder.glob("sanitizer.*")))
        faults += [f"sanitizer: {report}" for report in reports if _THREAD_HAS_LEFT.sub("", report).strip()]
        return faults

    # What can be seen from outside

    @property
    def supervisor(self):
        """The process that was started: signals are for it."""
        return self._process.pid

    @property
    def pid(self):
        """The process that serves: the newest one."""
        return self.generations()[-1]

    def generations(self):
        """Every process that serves, or has sessions still, the oldest first."""
        return _children(self._process.pid)

    @property
    def log(self):
        """What it has logged so far: a thread of its own writes that a moment later."""
        if self.is_running():
            until(self._log_is_written, "the log is written")
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def _log_is_written(self):
        """Whether the threads that do it wait for something, or are stopped."""
        for process in [self.supervisor, *self.generations()]:
            for task in pathlib.Path(f"/proc/{process}/task").glob("*"):
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                    state = (task / "stat").read_text().rpartition(") ")[2][0]
                    if (task / "comm").read_text() == "log\n" and state not in "STtZX":
                        return False
        return True

    def waits_for_log(self, text):
        until(lambda: text in self.log, f"the log says {text!r}")

    def log_of(self, id, has=""):
        """The lines of one login; waits until one of them contains `has`."""
        lines = lambda: [line for line in self.log.splitlines() if id in line]
        until(lambda: [line for line in lines() if has in line], f"the log says {has!r} about {id}")
        return lines()

    def connections_to(self, address):
        """Established TCP connections of the bastion to an address."""
        query = ["ss", "-Htn", "state", "established", "dst", address]
        return len(run(self.namespace.command(*query)).splitlines())

    def silence_of(self, address):
        """Seconds since the machines there have last sent any data; of the latest one."""
        query = ["ss", "-Htin", "state", "established", "dst", address]
        told = re.findall(r"lastrcv:(\d+)", run(self.namespace.command(*query)))
        return min(map(int, told)) / 1000

    @property
    def workers(self):
        return self._settings["workers"]

    def processes(self):
        """The one that serves, the one that signs, the one that starts ssh, and the one that reads the directory to sign."""
        return _with_children(self.pid)

    def threads(self):
        """Of all its processes."""
        return sum(len(os.listdir(f"/proc/{pid}/task")) for pid in _with_children(self._process.pid))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            user, system = file.read().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self):
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def _environment(self):
        report = f"log_path={self._folder}/sanitizer:exitcode=66"
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "ASAN_OPTIONS": f"{report}:detect_leaks=1:detect_stack_use_after_return=1:quarantine_size_mb=16",
            "UBSAN_OPTIONS": f"{report}:print_stacktrace=1",
            "TSAN_OPTIONS": f"{report}:halt_on_error=0:second_deadlock_stack=1",
        }
