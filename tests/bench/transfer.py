"""A transfer of zeros, which cost nothing to make; nothing on the way compresses."""

import subprocess
import time

MIB = 1024 * 1024


def down(lab, user, mib):
    """Seconds from the start of ssh to its end."""
    return _timed(lab, user, f"head -c {mib * MIB} /dev/zero", stdout=subprocess.DEVNULL)


def up(lab, user, mib):
    with subprocess.Popen(["head", "-c", str(mib * MIB), "/dev/zero"], stdout=subprocess.PIPE) as source:
        return _timed(lab, user, "cat >/dev/null", stdin=source.stdout)


def _timed(lab, user, command, **pipes):
    began = time.monotonic()
    client = lab.client.start(
        *lab.client.ssh_line(user, "bastion", command), **({"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL} | pipes)
    )
    status = client.wait(600)
    if status != 0:
        raise RuntimeError(f"the transfer ended with {status}: {client.stderr.read().decode()}")
    return time.monotonic() - began
