"""A great deal of data, made and checked on the way, never held: for stories that move hundreds of megabytes."""

import hashlib
import os
import threading

from lab.client import finish

# How much the big ones move; tests/run says how much that is for which build.
MIB = int(os.environ.get("BASTION_STORY_MIB", "300"))
PATIENCE = 600

_BLOCK = 1024 * 1024


def send(stream, mib):
    """Writes so much noise, closes the stream, returns the checksum."""
    checksum = hashlib.sha256()
    block = os.urandom(_BLOCK)
    for number in range(mib):
        # Noise that is cheap: one random block, different in every copy, so that a lost or swapped one shows.
        part = number.to_bytes(8, "big") + block[8:]
        checksum.update(part)
        stream.write(part)
    stream.close()
    return checksum.hexdigest()


def receive(stream):
    """Reads to the end, returns (checksum, length)."""
    checksum, length = hashlib.sha256(), 0
    while part := stream.read(_BLOCK):
        checksum.update(part)
        length += len(part)
    return checksum.hexdigest(), length


def up(lab, user, *options, mib=MIB):
    """Sends through `sha256sum`; returns both checksums."""
    client = lab.client.start(*lab.client.ssh_line(user, "bastion", "sha256sum", *options))
    sent = send(client.stdin, mib)
    return sent, finish(client, PATIENCE).succeeded().stdout.split()[0]


def down(lab, user, *options, mib=MIB):
    """Receives what `sha256sum` sees too; returns both checksums."""
    command = f"head -c {mib * _BLOCK} /dev/urandom | tee >(sha256sum >&2)"
    client = lab.client.start(*lab.client.ssh_line(user, "bastion", command, *options))
    received, length = receive(client.stdout)
    assert length == mib * _BLOCK
    return finish(client, PATIENCE).succeeded().stderr.split()[0], received


def both_ways(lab, user, *options, mib=MIB):
    """Sends through `cat` and receives at the same time; returns both checksums."""
    client = lab.client.start(*lab.client.ssh_line(user, "bastion", "cat", *options))
    sent = []
    sender = threading.Thread(target=lambda: sent.append(send(client.stdin, mib)))
    sender.start()
    received, length = receive(client.stdout)
    sender.join()
    assert length == mib * _BLOCK
    finish(client).succeeded()
    return sent[0], received
