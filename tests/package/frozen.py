"""One thread of a process stands still, as in a system call that does not return, while the others go on."""

import contextlib
import ctypes
import os
import pathlib

_libc = ctypes.CDLL(None, use_errno=True)
_SEIZE, _INTERRUPT, _DETACH = 0x4206, 0x4207, 17
_ANY_THREAD = 0x40000000  # __WALL


def _trace(request, thread):
    if _libc.ptrace(request, thread, 0, 0) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


@contextlib.contextmanager
def frozen(thread):
    """While the block runs, or the process does."""
    _trace(_SEIZE, thread)
    _trace(_INTERRUPT, thread)
    os.waitpid(thread, _ANY_THREAD)
    try:
        yield
    finally:
        try:
            _trace(_DETACH, thread)
        except ProcessLookupError:  # it was killed: it stays a zombie, and all of its process, until its tracer knows
            os.waitpid(thread, _ANY_THREAD)


def threads(pid):
    """By name, in the order in which they were made."""
    tasks = sorted(pathlib.Path(f"/proc/{pid}/task").iterdir(), key=lambda task: int(task.name))
    return [((task / "comm").read_text().strip(), int(task.name)) for task in tasks]
