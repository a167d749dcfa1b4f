"""Files go the way that is allowed, of a user, a group, a key or a container. Whoever goes the other one reads the
protocol's own words, and everything else goes on."""

import contextlib
import json
import os

import pytest

from lab.lab import PORT
from lab.process import run
from lab.topology import BASTION

pytestmark = pytest.mark.bastion_only

_DENIED = "Permission denied"


@contextlib.contextmanager
def of_user(lab, way):
    lab.bastion.admin("user", "set", "alice", "--sftp", way)
    try:
        yield
    finally:
        lab.bastion.admin("user", "set", "alice", "--sftp", "all")


@contextlib.contextmanager
def of_group(lab, way):
    lab.bastion.admin("group", "add", "movers", "--sftp", way)
    lab.bastion.admin("group", "join", "movers", "alice")
    try:
        yield
    finally:
        lab.bastion.admin("group", "remove", "movers")


@contextlib.contextmanager
def of_key(lab, way):
    fingerprint = lab.key("alice").fingerprint
    lab.bastion.admin("key", "set", "alice", fingerprint, "--options", f'sftp="{way}"')
    try:
        yield
    finally:
        lab.bastion.admin("key", "set", "alice", fingerprint, "--options", "none")


@contextlib.contextmanager
def of_container(lab, way):
    name = default_container(lab)
    lab.bastion.admin("container", "set", name, "--sftp", way)
    try:
        yield
    finally:
        lab.bastion.admin("container", "set", name, "--sftp", "all")


def default_container(lab):
    listed = json.loads(lab.bastion.admin("container", "list", "--owner", "alice", "--json"))
    return next(f"alice/{one['name']}" for one in listed if one["default"])


@pytest.fixture(params=[of_user, of_group, of_key, of_container], ids=["user", "group", "key", "container"])
def may(request):
    return request.param


@pytest.fixture
def home(lab):
    home = lab.container("alice").home
    (home / "there").write_text("what is there")
    return home


@pytest.fixture
def big(tmp_path):
    path = tmp_path / "big"
    path.write_bytes(os.urandom(20_000_000))
    return path


def sftp(lab, batch, *options):
    """Every command of the batch is tried, whatever becomes of those before it."""
    lines = "".join(f"-{line}\n" for line in batch)
    return lab.client.run("sftp", *lab.client.options("alice"), *options, "-b", "-", "alice@bastion", input=lines)


def scp(lab, *words):
    return lab.client.run("scp", "-q", *words[:-2], *lab.client.options("alice"), *words[-2:])


def rsync(lab, *words):
    return lab.client.run("rsync", "-e", lab.client.ssh_command("alice"), *words)


def test_who_may_read_gets_files_and_changes_none(lab, may, home, tmp_path):
    (tmp_path / "new").write_text("what is new")
    with may(lab, "read"):
        tried = sftp(
            lab,
            [
                f"put {tmp_path}/new sent",
                "rm there",
                "rename there elsewhere",
                "mkdir folder",
                "chmod 600 there",
                "symlink there link",
                "ln there hard",
                f"get there {tmp_path}/back",
                "ls -l there",
                "pwd",
            ],
        )
    assert tried.stderr.count(_DENIED) == 7, tried.stderr
    assert (tmp_path / "back").read_text() == "what is there"
    assert "Remote working directory" in tried.stdout
    assert (home / "there").read_text() == "what is there"
    assert not [name for name in ("sent", "elsewhere", "folder", "link", "hard") if (home / name).exists()]


def test_who_may_write_sends_files_and_gets_none(lab, may, home, tmp_path):
    (tmp_path / "new").write_text("what is new")
    with may(lab, "write"):
        tried = sftp(
            lab,
            [
                f"get there {tmp_path}/back",
                f"put -p {tmp_path}/new sent",
                "rename sent renamed",
                "mkdir folder",
                "ls -l renamed",
                "rmdir folder",
            ],
        )
    assert tried.stderr.count(_DENIED) == 1, tried.stderr
    assert not (tmp_path / "back").exists() or (tmp_path / "back").read_bytes() == b""
    assert (home / "renamed").read_text() == "what is new"
    assert "renamed" in tried.stdout
    (home / "renamed").unlink()


def test_who_may_neither_has_no_sftp_and_still_a_shell(lab, may, home):
    with may(lab, "none"):
        refused = sftp(lab, ["pwd"])
        assert refused.status != 0
        assert "bastion: file transfer is disabled for you (sftp=none)" in refused.stderr
        assert lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
    assert "Remote working directory" in sftp(lab, ["pwd"]).stdout


def test_all_that_binds_must_allow_it(lab, home, tmp_path):
    with of_user(lab, "read"), of_key(lab, "write"):
        assert "(sftp=none)" in sftp(lab, ["pwd"]).stderr
    with of_group(lab, "read"), of_container(lab, "all"):
        assert _DENIED in sftp(lab, ["rm there"]).stderr
    assert (home / "there").exists()


@pytest.mark.parametrize("protocol", [[], ["-O"]], ids=["sftp", "old"])
def test_scp_is_bound_by_the_same(lab, home, tmp_path, protocol):
    (tmp_path / "new").write_text("what is new")
    with of_user(lab, "read"):
        scp(lab, *protocol, "alice@bastion:there", tmp_path / "back").succeeded()
        refused = scp(lab, *protocol, tmp_path / "new", "alice@bastion:sent")
        assert refused.status != 0
        assert _DENIED in refused.stderr or "copying files into the container is disabled" in refused.stderr
    assert not (home / "sent").exists()
    with of_user(lab, "write"):
        scp(lab, *protocol, tmp_path / "new", "alice@bastion:sent").succeeded()
        refused = scp(lab, *protocol, "alice@bastion:there", tmp_path / "never")
        assert refused.status != 0
        assert _DENIED in refused.stderr or "copying files out of the container is disabled" in refused.stderr
    assert (home / "sent").read_text() == "what is new"
    assert not (tmp_path / "never").exists()
    (home / "sent").unlink()


def test_rsync_is_bound_by_the_same(lab, home, tmp_path):
    (tmp_path / "new").write_text("what is new")
    with of_user(lab, "read"):
        rsync(lab, "alice@bastion:there", tmp_path / "back").succeeded()
        assert "copying files into the container is disabled" in rsync(lab, tmp_path / "new", "alice@bastion:sent").stderr
        for more in (["--remove-source-files", "alice@bastion:there"], ["alice@bastion::module/there"]):
            assert "a copy that may change files of both sides is disabled" in rsync(lab, *more, tmp_path / "taken").stderr
        assert (home / "there").exists() and not (tmp_path / "taken").exists()
    with of_user(lab, "write"):
        rsync(lab, tmp_path / "new", "alice@bastion:sent").succeeded()
        assert "copying files out of the container is disabled" in rsync(lab, "alice@bastion:there", tmp_path / "no").stderr
    assert (tmp_path / "back").read_text() == "what is there"
    assert (home / "sent").read_text() == "what is new"
    (home / "sent").unlink()


@pytest.mark.parametrize("options", [[], ["-B", "1000", "-R", "200"], ["-B", "200000"]], ids=["usual", "small", "large"])
def test_big_files_are_the_same_byte_for_byte(lab, home, big, tmp_path, options):
    with of_user(lab, "write"):
        sftp(lab, [f"put {big} big"], *options).succeeded()
    assert (home / "big").read_bytes() == big.read_bytes()
    with of_user(lab, "read"):
        sftp(lab, [f"get big {tmp_path}/back"], *options).succeeded()
    assert (tmp_path / "back").read_bytes() == big.read_bytes()
    (home / "big").unlink()


def test_lftp_reads_the_same(lab, home, tmp_path):
    (tmp_path / "new").write_text("what is new")
    connect = f'set sftp:connect-program "{lab.client.ssh_command("alice")} -a -x"; open sftp://alice:x@bastion; '
    with of_user(lab, "read"):
        tried = lab.client.run("lftp", "-c", f"set net:max-retries 1; {connect} rm there; get there -o {tmp_path}/back")
        assert _DENIED in tried.stderr
    assert (tmp_path / "back").read_text() == "what is there"
    assert (home / "there").exists()


def test_psftp_reads_the_same(lab, home, tmp_path):
    own = tmp_path / "key.ppk"
    run(["puttygen", lab.key("alice").path, "-O", "private", "-o", own])
    shown = [run(["ssh-keygen", "-l", "-f", file]).split()[1] for file in (lab.bastion.state / "host_keys").iterdir() if file.suffix != ".pub"]
    known = [word for fingerprint in shown for word in ("-hostkey", fingerprint)]
    (tmp_path / "batch").write_text(f"rm there\nget there {tmp_path}/back\n")
    line = ["psftp", "-batch", *known, "-i", own, "-P", PORT, "-l", "alice", "-be", "-b", tmp_path / "batch", BASTION["front"]]
    with of_user(lab, "read"):
        tried = lab.client.run(*line)
    assert "permission denied" in tried.stdout + tried.stderr, tried
    assert (tmp_path / "back").read_text() == "what is there"
    assert (home / "there").exists()


def test_paramiko_raises_what_it_raises_of_a_server(lab, home, tmp_path):
    script = tmp_path / "program.py"
    script.write_text(f"""
import paramiko, socket
transport = paramiko.Transport(socket.create_connection(({BASTION["front"]!r}, {PORT})))
transport.start_client()
key = paramiko.Ed25519Key.from_private_key_file({str(lab.key("alice").path)!r})
transport.auth_publickey("alice", key)
sftp = paramiko.SFTPClient.from_transport(transport)
for attempt in [lambda: sftp.remove("there"), lambda: sftp.open("there", "w"), lambda: sftp.open("there", "r+"),
                lambda: sftp.truncate("there", 1), lambda: sftp.posix_rename("there", "x")]:
    try:
        attempt()
        raise SystemExit("it went through")
    except PermissionError as error:
        assert "ermission denied" in str(error), error
print(sftp.open("there").read().decode(), end="")
""")
    with of_user(lab, "read"):
        done = lab.client.run("/usr/bin/python3", script).succeeded()
    assert done.stdout == "what is there"
    assert (home / "there").read_text() == "what is there"


def test_what_was_refused_is_in_the_log(lab, home):
    with of_user(lab, "read"):
        sftp(lab, ["rm there"])
    assert "what=sftp:remove name=" in lab.bastion.log


def test_explain_says_which_way_files_go(lab, may):
    with may(lab, "read"):
        steps = {step["step"]: step["what"] for step in lab.bastion.explained("alice")["steps"]}
    assert steps["sftp"] == "read: files go out of the container only"
