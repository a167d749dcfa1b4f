"""The lab insists on a clean end; here is what it must not let pass. Plain OpenSSH stands in the middle."""

import os
import subprocess
import tempfile

import pytest

from lab import Lab, until
from lab.bastion import Bastion
from lab.client import finish
from lab.mounts import own_programs
from lab.namespace import HostNamespace
from lab.workstation import Workstation


def test_a_client_that_is_left_behind():
    with pytest.raises(AssertionError, match="left behind on the client: .*sleep 1000"):
        with Lab(path="openssh") as lab:
            process = lab.client.start("sleep", "1000")
    process.communicate()


def test_a_login_in_the_wrong_place():
    with Lab(path="openssh") as lab:
        assert lab.ssh("alice", "echo $BOX") != lab.direct("bob", "echo $BOX")
        assert lab.ssh("alice", "exit 1") != lab.direct("alice", "exit 2")


def test_nothing_when_the_machine_it_runs_on_gets_another_account(tmp_path):
    """useradd and apt put a new file in the place of /etc/passwd while labs run."""
    with Lab(path="openssh") as lab:
        desk = Workstation(lab.client.namespace, tmp_path / "desk", lab.key("alice"), {"web": "192.0.2.1"}, {})
        for name in ("passwd", "group", "hosts"):
            _replace_by_its_copy(f"/etc/{name}")
        assert lab.ssh("alice", "id -un").stdout.strip() == "alice"
        assert desk.run("getent", "hosts", "web").stdout.startswith("192.0.2.1 ")


def test_no_program_that_only_the_machine_it_runs_on_has(tmp_path):
    machine = tmp_path / "machine"
    machine.mkdir()
    for name in ("lxc", "incus", "cat"):
        (machine / name).touch(0o755)
    assert os.listdir(own_programs(tmp_path, machine)) == ["cat"]
    with Lab(path="openssh") as lab:
        for told in lab.ssh("alice", "echo $PATH"), lab.direct("alice", "echo $PATH"):
            assert not {"/usr/bin", "/bin", "/snap/bin"} & set(told.stdout.strip().split(":"))


def _replace_by_its_copy(path):
    with tempfile.TemporaryDirectory(dir=os.path.dirname(path)) as folder:
        copy = os.path.join(folder, "copy")
        subprocess.run(["cp", "--archive", path, copy], check=True)
        os.replace(copy, path)


def test_a_process_that_never_gets_ready(tmp_path, monkeypatch):
    program = tmp_path / "bastion"
    program.write_text("#!/bin/sh\necho no such setting >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("BASTION_BIN", str(program))
    bastion = Bastion(HostNamespace(), tmp_path / "state", "127.0.0.1:1")
    with pytest.raises(AssertionError, match="exited with 3 before it was ready\nno such setting"):
        bastion.start()


@pytest.mark.parametrize("ending, fault", [("exit 66", "exited with 66"), ("echo leak >$REPORT; exit 0", "sanitizer: leak")])
def test_a_bastion_that_ends_badly(tmp_path, monkeypatch, ending, fault):
    program = tmp_path / "bastion"
    state = tmp_path / "state"
    ready = "python3 -c \"import os, socket; s = socket.socket(1, 2); s.sendto(b'READY=1', os.environ['NOTIFY_SOCKET'])\""
    program.write_text(f"#!/bin/bash\nREPORT={state}/sanitizer.1\ntrap '{ending}' TERM\n{ready}\ncoproc cat\nwait\n")
    program.chmod(0o755)
    monkeypatch.setenv("BASTION_BIN", str(program))
    bastion = Bastion(HostNamespace(), state, "127.0.0.1:1")
    bastion.start()
    assert fault in "\n".join(bastion.faults())


def test_a_machine_that_is_unplugged_and_plugged():
    with Lab(path="openssh") as lab:
        hurried = ["-o", "ConnectTimeout=1"]
        lab.container("alice").unplug()
        assert lab.direct("alice", "true", *hurried).status == 255
        assert lab.direct("bob", "true", *hurried).status == 0
        lab.container("alice").plug()
        until(lambda: lab.direct("alice", "true", *hurried).status == 0, "alice is reached again")


def test_a_machine_with_another_host_key():
    with Lab(path="openssh") as lab:
        lab.container("alice").new_host_key()
        assert "IDENTIFICATION HAS CHANGED" in lab.direct("alice", "true").stderr


def test_a_session_of_a_machine_that_is_stopped():
    with Lab(path="openssh") as lab:
        session = lab.client.start(*lab.client.ssh_line("alice", "bastion", "echo up; cat"))
        assert session.stdout.readline() == b"up\n"
        lab.container("alice").stop()
        assert finish(session).status == 255
