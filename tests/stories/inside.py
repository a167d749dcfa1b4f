"""What is inside another process, and what it can be made to do: whoever has taken it can do no more."""

import re
import subprocess

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_ssh_private_key

_SHADOW = 1 << 32  # a sanitizer keeps books in mappings that are larger than any memory


def secrets(file):
    """What in memory would be the private half of a key: as SSH writes it and as OpenSSL computes with it."""
    key = load_ssh_private_key(file.read_bytes(), None)
    if isinstance(key, Ed25519PrivateKey):
        return [key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())]
    numbers = key.private_numbers()
    found = []
    for number in [numbers.p, numbers.q] if hasattr(numbers, "p") else [numbers.private_value]:
        size = (number.bit_length() + 7) // 8
        found += [number.to_bytes(size, "big"), number.to_bytes(size, "little")]
    return found


def holds(pid, wanted):
    """Which of these the memory of a process has."""
    found = set()
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            start, end = (int(number, 16) for number in line.split()[0].split("-"))
            if "r" not in line.split()[1] or "[vsyscall]" in line or "[vvar" in line or end - start > _SHADOW:
                continue
            try:
                memory.seek(start)
                content = memory.read(end - start)
            except OSError:
                continue  # of a file that is shorter than its mapping
            found |= {secret for secret in wanted if secret in content}
    return found


def called(pid, number, *words):
    """What a system call comes to that a process is made to make."""
    line = f"print ((long(*)(long, ...))syscall)({number}, {', '.join(words)})"
    done = subprocess.run(["gdb", "-q", "-nx", "-batch", "-p", str(pid), "-ex", line], capture_output=True, text=True, timeout=120)
    (number,) = re.findall(r"^\$1 = (-?\d+)$", done.stdout, re.MULTILINE)
    return int(number)
