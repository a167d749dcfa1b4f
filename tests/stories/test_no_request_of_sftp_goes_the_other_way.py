"""Which way files go is held to against clients that say what they like: in pieces of any size, out of turn, in versions
that nobody speaks, and by other names."""

import struct

import pytest

from lab.lab import PORT
from lab.topology import BASTION
from raw_sftp import (
    ATTRS,
    CLOSE,
    DATA,
    DENIED,
    EXTENDED,
    EXTENDED_REPLY,
    FIRST_HANDLE,
    FSETSTAT,
    HANDLE,
    INIT,
    MKDIR,
    NAME,
    OK,
    OPEN,
    OPENDIR,
    READ,
    READDIR,
    REALPATH,
    REMOVE,
    RENAME,
    RMDIR,
    SETSTAT,
    STAT,
    SYMLINK,
    UNSUPPORTED,
    VERSION,
    WRITE,
    RawSftp,
    offset,
    packet,
)
from test_files_go_one_way import of_user

pytestmark = pytest.mark.bastion_only

_READS, _WRITES, _APPENDS, _CREATES, _TRUNCATES = 1, 2, 4, 8, 16
_NO_ATTRIBUTES = 0
_SERVER = "/usr/lib/openssh/sftp-server"


@pytest.fixture
def home(lab):
    home = lab.container("alice").home
    (home / "there").write_text("what is there")
    return home


def extended(number, name, *fields):
    return packet(EXTENDED, number, name, *fields)


def conversation(rows):
    """Requests with numbers of their own, and what they are answered."""
    packets = [row[0](number, *row[1:-1]) if callable(row[0]) else packet(row[0], number, *row[1:-1]) for number, row in enumerate(rows, 10)]
    return packets, [row[-1] for row in rows]


def a_readers():
    return [
        (OPEN, "there", _READS, _NO_ATTRIBUTES, HANDLE),
        (READ, FIRST_HANDLE, offset(0), 100, DATA),
        (OPEN, "there", _READS | _TRUNCATES, _NO_ATTRIBUTES, DENIED),
        (OPEN, "new", _READS | _CREATES, _NO_ATTRIBUTES, DENIED),
        (OPEN, "new", _CREATES, _NO_ATTRIBUTES, DENIED),
        (OPEN, "there", _APPENDS, _NO_ATTRIBUTES, DENIED),
        (OPEN, "there", _WRITES, _NO_ATTRIBUTES, DENIED),
        (OPEN, "there", _READS | 0x40, _NO_ATTRIBUTES, DENIED),
        (WRITE, FIRST_HANDLE, offset(0), "spoiled", DENIED),
        (FSETSTAT, FIRST_HANDLE, 4, 0o777, DENIED),
        (SETSTAT, "there", 4, 0o777, DENIED),
        (REMOVE, "there", DENIED),
        (RENAME, "there", "elsewhere", DENIED),
        (MKDIR, "folder", _NO_ATTRIBUTES, DENIED),
        (RMDIR, "folder", DENIED),
        (SYMLINK, "there", "link", DENIED),
        (extended, "posix-rename@openssh.com", "there", "elsewhere", DENIED),
        (extended, "hardlink@openssh.com", "there", "hard", DENIED),
        (extended, "lsetstat@openssh.com", "there", 4, 0o777, DENIED),
        (extended, "fsync@openssh.com", FIRST_HANDLE, DENIED),
        (extended, "copy-data", FIRST_HANDLE, offset(0), offset(0), FIRST_HANDLE, offset(0), DENIED),
        (extended, b"posix-rename@openssh.com\0", "there", "elsewhere", DENIED),
        (extended, "rm-all@example.com", "there", UNSUPPORTED),
        (21, "there", "link", [0], UNSUPPORTED),  # a link of version 6
        (extended, "limits@openssh.com", EXTENDED_REPLY),
        (extended, "statvfs@openssh.com", ".", EXTENDED_REPLY),
        (extended, "expand-path@openssh.com", "~", NAME),
        (REALPATH, ".", NAME),
        (STAT, "there", ATTRS),
        (CLOSE, FIRST_HANDLE, OK),
        (OPENDIR, ".", HANDLE),
        (READDIR, FIRST_HANDLE, NAME),
        (CLOSE, FIRST_HANDLE, OK),
    ]


def a_writers():
    return [
        (OPEN, "sent", _WRITES | _CREATES | _TRUNCATES, _NO_ATTRIBUTES, HANDLE),
        (WRITE, FIRST_HANDLE, offset(0), "what is new", OK),
        (READ, FIRST_HANDLE, offset(0), 100, DENIED),
        (FSETSTAT, FIRST_HANDLE, 4, 0o600, OK),
        (OPEN, "there", _READS, _NO_ATTRIBUTES, DENIED),
        (OPEN, "there", 0, _NO_ATTRIBUTES, DENIED),
        (OPEN, "there", _READS | _WRITES, _NO_ATTRIBUTES, DENIED),
        (extended, "copy-data", FIRST_HANDLE, offset(0), offset(0), FIRST_HANDLE, offset(0), DENIED),
        (STAT, "there", ATTRS),
        (CLOSE, FIRST_HANDLE, OK),
        (REMOVE, "sent", OK),
    ]


@pytest.mark.parametrize("piece", [None, 1, 7], ids=["at once", "byte by byte", "in sevens"])
@pytest.mark.parametrize(("way", "rows"), [("read", a_readers()), ("write", a_writers())], ids=["read", "write"])
def test_every_request_is_answered_in_its_turn(lab, home, way, rows, piece):  # noqa: F811
    packets, answers = conversation(rows)
    with of_user(lab, way):
        sftp = RawSftp(lab)
        assert sftp.asks([packet(INIT, 6), *packets], piece) == [VERSION, *answers]
        assert sftp.ends().status == 0
    assert (home / "there").read_text() == "what is there"
    assert (home / "there").stat().st_mode & 0o777 != 0o777
    assert not [name for name in ("new", "sent", "elsewhere", "folder", "link", "hard") if (home / name).is_symlink() or (home / name).exists()]


def test_a_session_begins_again_as_often_as_it_likes(lab, home):  # noqa: F811
    with of_user(lab, "read"):
        sftp = RawSftp(lab)
        assert sftp.asks([packet(INIT, 3), packet(INIT, 6), packet(REMOVE, 7, "there")]) == [VERSION, VERSION, DENIED]
        assert sftp.ends().status == 0
    assert (home / "there").exists()


def test_one_number_for_everything_confuses_nobody(lab, home):  # noqa: F811
    asked = [packet(STAT, 7, "nowhere"), packet(REMOVE, 7, "there"), packet(STAT, 7, "there"), packet(REMOVE, 7, "there")]
    with of_user(lab, "read"):
        sftp = RawSftp(lab)
        assert sftp.asks([packet(INIT, 3), *asked]) == [VERSION, 2, DENIED, ATTRS, DENIED]
        sftp.ends()
    assert (home / "there").exists()


def test_more_than_anybody_asks_at_once_is_answered_all_the_same(lab, home):  # noqa: F811
    with of_user(lab, "read"):
        sftp = RawSftp(lab)
        answers = sftp.asks([packet(INIT, 3), *(packet(REMOVE, number, "there") for number in range(20_000)), packet(STAT, 1, "there")])
        assert set(answers[1:-1]) <= {DENIED, UNSUPPORTED} and answers[1] == DENIED and answers[-1] == ATTRS
        sftp.ends()
    assert (home / "there").exists()


@pytest.mark.parametrize(
    "said",
    [b"\0\0\0\0", b"\0\0\0\1\1", b"\xff\xff\xff\xff", struct.pack(">IBI", 5, REMOVE, 7), packet(REMOVE, 7, [0, 0, 0, 99])],
    ids=["nothing", "a kind alone", "four gigabytes", "no name", "a longer name"],
)
def test_what_is_no_sftp_ends_it_with_a_sentence(lab, home, said):  # noqa: F811
    with of_user(lab, "read"):
        sftp = RawSftp(lab)
        sftp.asks([packet(INIT, 3)])
        sftp.says(said + packet(REMOVE, 8, "there"))
        ended = sftp.ends()
    assert ended.status != 0 and "only SFTP of version 3 is let through here" in ended.stderr
    assert (home / "there").exists()


@pytest.mark.parametrize("command", [_SERVER, f"exec {_SERVER} -e", f"sh -c '{_SERVER}'", f"nice -n 5 {_SERVER}"])
def test_the_server_by_its_own_name_is_held_to_the_same(lab, home, command):  # noqa: F811
    with of_user(lab, "read"):
        sftp = RawSftp(lab, command, options=())
        assert sftp.asks([packet(INIT, 3), packet(REMOVE, 7, "there"), packet(STAT, 8, "there")]) == [VERSION, DENIED, ATTRS]
        sftp.ends()
    with of_user(lab, "none"):
        assert "file transfer is disabled for you (sftp=none)" in lab.ssh("alice", command).stderr
    assert (home / "there").exists()


def test_a_zero_behind_its_name_makes_no_other_subsystem_of_it(lab, home, tmp_path):  # noqa: F811
    """sshd takes `sftp` with a zero at the end for `sftp`."""
    script = tmp_path / "program.py"
    script.write_text(f"""
import paramiko, socket
transport = paramiko.Transport(socket.create_connection(({BASTION["front"]!r}, {PORT})))
transport.start_client()
transport.auth_publickey("alice", paramiko.Ed25519Key.from_private_key_file({str(lab.key("alice").path)!r}))
channel = transport.open_session()
channel.invoke_subsystem("sftp\\0")
try:
    paramiko.SFTPClient(channel).remove("there")
    print("it went through")
except PermissionError as error:
    print(error)
""")
    with of_user(lab, "read"):
        assert "ermission denied" in lab.client.run("/usr/bin/python3", script).succeeded().stdout
    assert (home / "there").exists()
