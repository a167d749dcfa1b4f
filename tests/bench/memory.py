"""Memory on the machine in the middle for each idle login, when there are many."""

import concurrent.futures
import contextlib

_AT_ONCE = 10


def measure(table, ours, theirs, options):
    grown = {}
    for lab in (ours, theirs):
        lab.ssh("alice", "true").succeeded()
        before = kib(lab)
        with _idle_logins(lab, options.logins):
            grown[lab] = (kib(lab) - before) / options.logins
    table.value(f"memory of an idle login, {options.logins} at once", "KiB", grown[ours], grown[theirs], at_most=96)


@contextlib.contextmanager
def _idle_logins(lab, count):
    with contextlib.ExitStack() as stack, concurrent.futures.ThreadPoolExecutor(_AT_ONCE) as pool:
        logins = [lab.logged_in("alice") for _ in range(count)]
        for login in list(pool.map(_entered, logins)):
            stack.push(login)
        yield


def _entered(login):
    login.__enter__()
    return login


def kib(lab):
    """Of all processes on the machine in the middle."""
    return sum(_kib_of(pid) for pid in lab.middle_pids())


def _kib_of(pid):
    """The proportional set size: what processes share, which matters for sshd, is counted once."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    except (FileNotFoundError, ProcessLookupError, StopIteration):
        return 0
