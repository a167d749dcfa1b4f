"""A great deal of data, made and checked on the way, never held: for stories that move hundreds of megabytes."""

import hashlib
import os
import threading

from lab.client import finish

# What every push runs. The release of a version runs with BASTION_STORY_MIB=300.
MIB = int(os.environ.get("BASTION_STORY_MIB", "300"))
PATIENCE = 600

_BLOCK = 1024 * 1024


def send(stream):
    """Writes MIB of noise, closes the stream, returns the checksum."""
    checksum = hashlib.sha256()
    block = os.urandom(_BLOCK)
    for number in range(MIB):
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


def up(lab, user, *options):
    """Sends through `sha256sum`; returns both checksums."""
    client = lab.client.start(*lab.client.ssh_line(user, "bastion", "sha256sum", *options))
    sent = send(client.stdin)
    return sent, finish(client, PATIENCE).succeeded().stdout.split()[0]


def down(lab, user, *options):
    """Receives what `sha256sum` sees too; returns both checksums."""
    command = f"head -c {MIB * _BLOCK} /dev/urandom | tee >(sha256sum >&2)"
    client = lab.client.start(*lab.client.ssh_line(user, "bastion", command, *options))
    received, length = receive(client.stdout)
    assert length == MIB * _BLOCK
    return finish(client, PATIENCE).succeeded().stderr.split()[0], received


def both_ways(lab, user, *options):
    """Sends through `cat` and receives at the same time; returns both checksums."""
    client = lab.client.start(*lab.client.ssh_line(user, "bastion", "cat", *options))
    sent = []
    sender = threading.Thread(target=lambda: sent.append(send(client.stdin)))
    sender.start()
    received, length = receive(client.stdout)
    sender.join()
    assert length == MIB * _BLOCK
    finish(client).succeeded()
    return sent[0], received
