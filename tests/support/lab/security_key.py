"""A FIDO security key without the device: an ssh-agent that holds one sk key and signs as the token would.

Stock ssh logs in through it. PROTOCOL.u2f of OpenSSH: the signature is over
SHA256(application) || flags || counter || SHA256(message); PROTOCOL.agent: messages 11/12 list, 13/14 sign.
"""

import base64
import contextlib
import hashlib
import os
import socket
import struct
import threading

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

_APPLICATION = b"ssh:"
USER_PRESENT = 1


class Ed25519:
    kind = b"sk-ssh-ed25519@openssh.com"

    def __init__(self):
        self._key = ed25519.Ed25519PrivateKey.generate()

    def public(self):
        raw = self._key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return _string(raw)

    def sign(self, message):
        return _string(self._key.sign(message))


class Ecdsa:
    kind = b"sk-ecdsa-sha2-nistp256@openssh.com"

    def __init__(self):
        self._key = ec.generate_private_key(ec.SECP256R1())

    def public(self):
        point = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        return _string(b"nistp256") + _string(self._key.public_key().public_bytes(*point))

    def sign(self, message):
        r, s = utils.decode_dss_signature(self._key.sign(message, ec.ECDSA(hashes.SHA256())))
        return _string(_mpint(r) + _mpint(s))


class SecurityKey:
    """A context manager; `socket` is for SSH_AUTH_SOCK. `flags` is what the token says of the user (touched or not)."""

    def __init__(self, path, algorithm, flags=USER_PRESENT):
        self._algorithm = algorithm
        self._flags = flags
        self._counter = 0
        self._blob = _string(algorithm.kind) + algorithm.public() + _string(_APPLICATION)
        self.public = f"{algorithm.kind.decode()} {base64.b64encode(self._blob).decode()}"
        self.socket = str(path)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.socket)
        self._listener.listen(4)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        os.unlink(self.socket)

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                with peer:
                    self._converse(peer)

    def _converse(self, peer):
        reader = peer.makefile("rb")
        while header := reader.read(4):
            request = reader.read(struct.unpack(">I", header)[0])
            peer.sendall(_string(self._answer(request)))

    def _answer(self, request):
        if request[0] == 11:
            return b"\x0c" + struct.pack(">I", 1) + _string(self._blob) + _string(b"security key")
        if request[0] == 13:
            _, rest = _take(request[1:])
            message, _ = _take(rest)
            return b"\x0e" + _string(self._signature(message))
        return b"\x05"

    def _signature(self, message):
        self._counter += 1
        state = struct.pack(">BI", self._flags, self._counter)
        signed = hashlib.sha256(_APPLICATION).digest() + state + hashlib.sha256(message).digest()
        return _string(self._algorithm.kind) + self._algorithm.sign(signed) + state


def _string(value):
    return struct.pack(">I", len(value)) + value


def _take(buffer):
    length = struct.unpack(">I", buffer[:4])[0]
    return buffer[4 : 4 + length], buffer[4 + length :]


def _mpint(number):
    return _string(number.to_bytes(number.bit_length() // 8 + 1, "big"))
