"""A transfer of zeros, which cost nothing to make; nothing on the way compresses."""

import subprocess
import time

MIB = 1024 * 1024


def down(lab, user, mib, cipher=None):
    """Seconds from the start of ssh to its end; `cipher` is for every connection the client makes."""
    return _timed(lab, user, cipher, f"head -c {mib * MIB} /dev/zero", stdout=subprocess.DEVNULL)


def up(lab, user, mib, cipher=None):
    with subprocess.Popen(["head", "-c", str(mib * MIB), "/dev/zero"], stdout=subprocess.PIPE) as source:
        return _timed(lab, user, cipher, "cat >/dev/null", stdin=source.stdout)


def _timed(lab, user, cipher, command, **pipes):
    began = time.monotonic()
    line = lab.client.ssh_line(user, "bastion", command, *_config(lab, cipher))
    client = lab.client.start(*line, **({"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL} | pipes))
    status = client.wait(600)
    if status != 0:
        raise RuntimeError(f"the transfer ended with {status}: {client.stderr.read().decode()}")
    return time.monotonic() - began


def _config(lab, cipher):
    """A file of its own: what stands on the command line does not count for the jumps."""
    if cipher is None:
        return []
    config = lab.client.folder / f"{cipher.partition('@')[0]}.config"
    config.write_text(f"Ciphers {cipher}\n{lab.client.config.read_text()}")
    return ["-F", str(config)]
