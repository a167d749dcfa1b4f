"""CPU time on the machine in the middle: the bastion's, and that of the sshd which does the same as a jump host."""

import os
import pathlib

import transfer

_TICKS = os.sysconf("SC_CLK_TCK")


# What OpenSSH asks for first, and what is cheaper where the processor has AES.
_CIPHERS = ("chacha20-poly1305@openssh.com", "aes128-gcm@openssh.com")


def measure(table, ours, theirs, options):
    for cipher in _CIPHERS:
        for user, path in (("alice", "through one hop"), ("erin", "without a hop")):
            for direction in (transfer.down, transfer.up):
                spent = {ours: [], theirs: []}
                for _ in range(options.rounds):
                    for lab in (ours, theirs):
                        before = seconds(lab)
                        direction(lab, user, options.mib, cipher)
                        spent[lab].append((seconds(lab) - before) * 1024 / options.mib)
                what = f"CPU in the middle, {direction.__name__} {path}, {cipher.partition('@')[0]}"
                table.compare(what, "s/GiB", spent[ours], spent[theirs])


def seconds(lab):
    """Of all processes there, and of those that are gone already."""
    return sum(_seconds_of(pid) for pid in lab.middle_pids())


def exact_seconds(lab):
    """Of all processes that are there, to the nanosecond (/proc/PID/task/TID/schedstat): for what takes less than a tick."""
    files = [file for pid in lab.middle_pids() for file in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")]
    return sum(map(_nanoseconds_of, files)) / 1e9


def _nanoseconds_of(file):
    try:
        return int(file.read_text().split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _seconds_of(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    return sum(map(int, fields[11:15])) / _TICKS  # utime, stime, cutime, cstime: proc(5)
