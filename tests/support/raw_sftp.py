"""A client of SFTP that says what it likes, packet by packet, through stock ssh (draft-ietf-secsh-filexfer-02)."""

import struct
import threading

from lab.client import finish

INIT, VERSION, OPEN, CLOSE, READ, WRITE, LSTAT, FSTAT, SETSTAT, FSETSTAT, OPENDIR, READDIR = range(1, 13)
REMOVE, MKDIR, RMDIR, REALPATH, STAT, RENAME, READLINK, SYMLINK = range(13, 21)
STATUS, HANDLE, DATA, NAME, ATTRS = range(101, 106)
EXTENDED, EXTENDED_REPLY = 200, 201

OK, DENIED, UNSUPPORTED = 0, 3, 8

# The first one that sftp-server gives away.
FIRST_HANDLE = b"\0\0\0\0"


def packet(kind, number, *fields):
    """A text is a string of the protocol, and so are bytes; a number has four bytes, and a list is bytes as they are."""
    body = struct.pack(">BI", kind, number)
    for field in fields:
        if isinstance(field, int):
            body += struct.pack(">I", field)
        elif isinstance(field, list):
            body += bytes(field)
        else:
            text = field.encode() if isinstance(field, str) else field
            body += struct.pack(">I", len(text)) + text
    return struct.pack(">I", len(body)) + body


def offset(at):
    return list(struct.pack(">Q", at))


class RawSftp:
    def __init__(self, lab, command="sftp", options=("-s",), user="alice"):
        self._process = lab.client.start(*lab.client.ssh_line(user, "bastion", command, *options))

    def says(self, data, piece=None):
        for at in range(0, len(data), piece or len(data)):
            self._process.stdin.write(data[at : at + (piece or len(data))])
            self._process.stdin.flush()

    def hears(self):
        """The next answer: its kind, its number (of VERSION, the version), and what is behind them."""
        size = struct.unpack(">I", self._exactly(4))[0]
        body = self._exactly(size)
        kind, number = struct.unpack(">BI", body[:5])
        return kind, number, body[5:]

    def asks(self, packets, piece=None):
        """All of them at once; what each was answered, in its turn: the code of a STATUS, or the kind of another one."""
        writer = threading.Thread(target=self.says, args=(b"".join(packets), piece))
        writer.start()
        answers = [self.hears() for _ in packets]
        writer.join()
        numbers = [struct.unpack(">I", each[5:9])[0] for each in packets]
        assert [number for kind, number, _ in answers if kind != VERSION] == [
            number for each, number in zip(packets, numbers, strict=True) if each[4] != INIT
        ]
        return [struct.unpack(">I", rest[:4])[0] if kind == STATUS else kind for kind, _, rest in answers]

    def ends(self):
        return finish(self._process)

    def _exactly(self, size):
        data = self._process.stdout.read(size)
        assert len(data) == size, "the other side has ended it"
        return data
