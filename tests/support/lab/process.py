"""Processes that cannot outlive the lab."""

import subprocess

# The kernel kills them when this process dies, however it dies. It watches the thread that started them, so processes
# that shall stay are started from the main thread.
LEASH = ["setpriv", "--pdeathsig", "KILL", "--"]


def start(argv, **popen):
    return subprocess.Popen([*LEASH, *map(str, argv)], **popen)


def run(argv, **popen):
    """A tool of the lab that must succeed; returns what it printed."""
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, check=False, **popen)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, argv))}: {done.stderr.strip() or done.returncode}")
    return done.stdout
