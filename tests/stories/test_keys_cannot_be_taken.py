"""The bastion's private keys are in a process of their own, which only signs. Whoever takes the one that talks to the network
finds none of them, neither in its memory nor by its files. tests/unit/signer/thief_test.cpp asks the other one for what it
may not sign."""

import base64
import os
import pathlib
import re
import signal
import subprocess

import pytest
from inside import called, holds, secrets

from lab.client import finish
from lab.deadline import until
from lab.process import run, start
from lab.sshd import DROPBEAR

pytestmark = pytest.mark.bastion_only

_SOMEBODY = "games"  # has no processes anywhere
_AS_SOMEBODY = ["setpriv", f"--reuid={_SOMEBODY}", f"--regid={_SOMEBODY}", "--clear-groups"]
_HOST_KEYS = ["ed25519", "ecdsa", "rsa"]
_OPENAT, _CLOSE = {"x86_64": (257, 3), "aarch64": (56, 57)}[os.uname().machine]
_CLONE, _EXECVE = {"x86_64": (56, 59), "aarch64": (220, 221)}[os.uname().machine]


def files(lab):
    state = lab.bastion.state
    names = [*(f"host_keys/{name}" for name in _HOST_KEYS), "identity/ed25519", "identity/ca"]
    return [state / name for name in names]


def processes(lab):
    """The one that serves, the one that signs, and the one that reads the directory for that."""
    serving, signer, _, _, reader = lab.bastion.processes()
    return serving, signer, reader


def launcher_of(lab):
    """The one that starts ssh for whoever serves."""
    _, _, launcher, _, _ = lab.bastion.processes()
    return launcher


def everything_signs(lab):
    """A login uses a host key and the identity; each kind of host key is used by somebody who knows no other."""
    for kind in ["ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512"]:
        lab.ssh("alice", "true", "-o", f"HostKeyAlgorithms={kind}", "-o", "StrictHostKeyChecking=no").succeeded()


def test_the_memory_of_who_serves_has_no_private_key_and_that_of_the_signer_has(own_lab):
    everything_signs(own_lab)
    serving, signer, reader = processes(own_lab)
    wanted = {secret for file in files(own_lab) for secret in secrets(file)}
    wanted |= {base64.b64decode("".join(file.read_text().splitlines()[1:-1])) for file in files(own_lab)}
    wanted |= {file.read_bytes() for file in files(own_lab)}
    assert holds(serving, wanted) == set()
    assert holds(reader, wanted) == set()
    assert holds(launcher_of(own_lab), wanted) == set()
    assert holds(own_lab.bastion.supervisor, wanted) == set()
    # The same look finds them where they are: of each key, in one of the forms that it may have.
    found = holds(signer, wanted)
    for file in files(own_lab):
        assert found & set(secrets(file)), file


def test_a_backup_has_no_private_key_in_it(own_lab):
    backup = own_lab.folder / "backup.db"
    own_lab.bastion.admin("backup", str(backup))
    content = backup.read_bytes()
    for file in files(own_lab):
        assert not any(secret in content for secret in secrets(file)), file
        assert file.read_bytes() not in content, file
    # It does have what it is to have.
    assert b"alice" in content


def opened_by(pid, file):
    """The descriptor that a process gets when it is made to open a file; it is closed again."""
    calls = lambda number, *words: f"((long(*)(long, ...))syscall)({number}, {', '.join(words)})"
    opens, closes = calls(_OPENAT, "-100", f'"{file}"', "0"), calls(_CLOSE, "$opened")  # -100: AT_FDCWD
    lines = ["-ex", f"set $opened = {opens}", "-ex", "print $opened", "-ex", f"call {closes}"]
    done = subprocess.run(["gdb", "-q", "-nx", "-batch", "-p", str(pid), *lines], capture_output=True, text=True, timeout=120)
    (number,) = re.findall(r"^\$1 = (-?\d+)$", done.stdout, re.MULTILINE)
    return int(number)


def test_who_serves_cannot_read_the_files_of_the_keys_any_more(own_lab):
    if "no landlock" in own_lab.bastion.log:
        pytest.skip("this kernel has no landlock")
    assert opened_by(own_lab.bastion.pid, own_lab.bastion.state / "bastion.db") >= 0
    for file in files(own_lab):
        assert opened_by(own_lab.bastion.pid, file) == -1, file
    everything_signs(own_lab)
    own_lab.bastion.kill()  # the names that gdb has put into its memory are no leaks of ours
    own_lab.bastion.start()


def test_keys_are_credentials_of_the_service(own_lab):
    """As systemd makes them of LoadCredential=host_keys:FOLDER and LoadCredential=identity:FOLDER."""
    lab = own_lab
    lab.bastion.terminate()
    assert lab.bastion.ended() == 0
    credentials = lab.bastion.state.parent / "credentials"
    credentials.mkdir()
    state = lab.bastion.state
    for folder in ["host_keys", "identity"]:
        for file in list((state / folder).iterdir()):
            place = credentials / f"{folder}_{file.name}"
            file.rename(place)
            place.chmod(0o440)
    lab.bastion.launch(through=["env", f"CREDENTIALS_DIRECTORY={credentials}"])
    lab.bastion.becomes_ready()
    everything_signs(lab)
    assert not list((state / "host_keys").iterdir()) and not list((state / "identity").iterdir())
    if "no landlock" not in lab.bastion.log:
        for file in credentials.iterdir():
            assert opened_by(lab.bastion.pid, file) == -1, file
    # They are nowhere else.
    lab.bastion.kill()
    lab.bastion.launch()
    assert lab.bastion.ended() == 1
    lab.waits_for_log("identity/ed25519: No such file or directory")


def test_no_other_process_of_the_account_looks_into_them_and_they_leave_no_core(own_lab):
    own_lab.bastion.terminate()
    assert own_lab.bastion.ended() == 0
    run(["chown", "-R", _SOMEBODY, own_lab.bastion.state.parent])
    own_lab.bastion.start(through=_AS_SOMEBODY)
    looks = lambda pid: subprocess.run([*_AS_SOMEBODY, "cat", f"/proc/{pid}/maps"], capture_output=True, check=False).returncode == 0
    other = start([*_AS_SOMEBODY, "sleep", "1000"])
    until(lambda: looks(other.pid), "it can look into what is its own")
    other.kill()
    other.wait()
    for pid in [own_lab.bastion.supervisor, *own_lab.bastion.processes()]:
        assert not looks(pid), pid
        limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
        assert re.search(r"^Max core file size +0 +0 ", limits, re.MULTILINE), pid
    own_lab.ssh("alice", "true").succeeded()


def test_the_filter_of_system_calls_is_in_force_in_who_serves(own_lab):
    modes = {}
    for pid in own_lab.bastion.processes():
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            modes.setdefault(pid, set()).add(re.search(r"^Seccomp:\t(\d)$", (task / "status").read_text(), re.MULTILINE)[1])
    serving, signer, _ = processes(own_lab)
    if modes[signer] == {"0"}:
        pytest.skip("there is no filter in this build")
    assert modes[serving] == {"2"}, "in each of its threads"
    assert modes[launcher_of(own_lab)] == {"2"}


def has_filter(lab):
    return "Seccomp:\t0" not in pathlib.Path(f"/proc/{launcher_of(lab)}/status").read_text()


_GIVEN = "Host jump\n  HostName 10.9.9.9\n  User hop\nHost box\n  HostName 10.0.9.9\n  User nina\n  ProxyJump jump\n"


def imports(lab):
    """An ssh_config over SSH, which ssh is started for."""
    return lab.client.run(*lab.client.ssh_line("root", "bastion", "admin", "-s"), "import", "ssh-config", "-", "--dry-run", input=_GIVEN)


def test_who_serves_starts_no_program_and_an_import_has_another_one_start_ssh(own_lab):
    if not has_filter(own_lab):
        pytest.skip("there is no filter in this build")
    assert "container" in imports(own_lab).succeeded().stdout
    assert called(own_lab.bastion.pid, _CLONE, str(int(signal.SIGCHLD)), "0", "0", "0", "0") == -1
    assert called(own_lab.bastion.pid, _EXECVE, '"/bin/true"', "0", "0") == -1
    assert len(own_lab.bastion.processes()) == 5
    assert "container" in imports(own_lab).succeeded().stdout
    own_lab.bastion.kill()
    own_lab.bastion.start()


def test_without_the_one_that_starts_ssh_an_import_says_so_and_all_else_goes_on(own_lab):
    with own_lab.logged_in("alice") as alice:
        os.kill(launcher_of(own_lab), signal.SIGKILL)
        refused = imports(own_lab)
        assert refused.status == 1
        assert "ssh on the machine of the bastion cannot be used: the process that starts ssh: " in refused.stderr
        alice.stdin.write(b"still here\n")
        alice.stdin.flush()
        assert alice.stdout.readline() == b"still here\n"
        own_lab.ssh("bob", "true").succeeded()
        assert finish(alice).status == 0
    own_lab.restart_middle()
    assert imports(own_lab).status == 0


def test_a_signal_for_the_whole_service_lets_sessions_end_as_ever(own_lab):
    """As systemd stops a service: SIGTERM to each of its processes."""
    with own_lab.logged_in("alice") as alice:
        serving, signer, reader = processes(own_lab)
        for pid in (reader, launcher_of(own_lab), signer, serving):
            os.kill(pid, signal.SIGTERM)
        until(lambda: "stopping" in own_lab.bastion.log, "it stops")
        alice.stdin.write(b"still here\n")
        alice.stdin.flush()
        assert alice.stdout.readline() == b"still here\n"
        assert finish(alice).status == 0
    assert own_lab.bastion.ended() == 0
    until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in (signer, reader)), "the others end with it")


@pytest.mark.parametrize("which", ["signer", "reader"])
def test_without_a_signer_it_ends_says_so_and_comes_back(own_lab, which):
    serving, signer, reader = processes(own_lab)
    os.kill({"signer": signer, "reader": reader}[which], signal.SIGKILL)
    assert own_lab.bastion.ended() == 1
    own_lab.waits_for_log("the process that holds the private keys has ended")
    own_lab.bastion.start()
    own_lab.ssh("alice", "true").succeeded()


def test_a_start_that_fails_says_one_sentence(own_lab):
    """The signer was there already, and has nothing to add."""
    refused = own_lab.bastion.serves_too()
    assert refused.status == 1
    (sentence,) = refused.stderr.splitlines()
    assert "another bastion serves from" in sentence


def test_killed_it_leaves_no_other_process_behind(own_lab):
    _, *others = own_lab.bastion.processes()
    own_lab.bastion.kill()
    until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in others), "the others end with it")
    own_lab.bastion.start()
    own_lab.ssh("alice", "true").succeeded()


def test_a_login_names_the_host_it_is_for_where_its_sshd_knows_that(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    logins = re.findall(r"signs a login account=(\S+) host=(\w+)", own_lab.log)
    assert {account for account, _ in logins} >= {"alice"}
    assert {host for _, host in logins} == {"bound"}


@pytest.mark.lab_with(sshd={"alice": DROPBEAR})
def test_where_its_sshd_does_not_the_host_has_signed_the_session(own_lab):
    own_lab.ssh("alice", "true").succeeded()
    own_lab.waits_for_log("signs a login account=alice host=proved")


@pytest.mark.parametrize("word", ["signer", "launcher", "hooks"])
def test_the_word_by_which_it_is_started_is_for_nobody_else(own_lab, word):
    line = own_lab.bastion.admin_line()
    program = line[line.index("admin") - 1]
    done = subprocess.run([program, word], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "this is started by `bastion serve`, and by nobody else" in done.stderr
