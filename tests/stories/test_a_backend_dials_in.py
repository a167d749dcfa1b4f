"""A backend that the bastion cannot reach runs stock `ssh -N -R 22:localhost:22 be9@bastion`, and what it has asked for is the
way to it: everything goes through that as through any other hop."""

import contextlib
import json
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess
import threading

import pytest

import scrapes
from lab import until
from lab.client import finish
from lab.key import Key
from lab.lab import PORT
from lab.process import run, start
from lab.topology import BASTION
from upgrades import Stream, installed

pytestmark = pytest.mark.bastion_only

BACKEND = pathlib.Path(__file__).parents[2] / "packaging" / "backend"
SHOWN = "backend be9 has not dialled in"


class Far:
    """be2, seen from where it stands: behind something that lets it out and nobody in. The bastion calls it be9."""

    def __init__(self, lab):
        self.lab = lab
        self.machine = lab.backend("be2")
        self.key = Key(lab.folder / "link")
        self._units = []
        lab.bastion.namespace.ip("address add 10.1.1.99/24 dev wire1")
        self.machine.namespace.ip(f"route add {BASTION['front']} via 10.1.1.99", f"route add blackhole {BASTION['wire1']}")
        lab.bastion.admin("backend", "add", "be9", "--reverse", "--key", self.key.public, "--login", "hop")
        words = ["container", "add", "far", "--owner", "bob", "--backend", "be9", "--address", "10.0.3.100", "--login", "bob"]
        lab.bastion.admin(*words)

    def line(self, *options, key=None, to="be9"):
        """As the unit in packaging/backend has it, but for what is another place here."""
        known = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes"]
        line = ["ssh", "-F", "none", "-p", str(PORT), "-i", str(key or self.key.path), "-o", "IdentitiesOnly=yes", *known]
        return self.machine.namespace.command(*line, *options, f"{to}@{BASTION['front']}")

    def link_line(self, port=22):
        return self.line("-N", "-T", "-o", "ExitOnForwardFailure=yes", "-R", f"{port}:localhost:22")

    def dials_in(self):
        unit = Unit(self.link_line())
        self._units.append(unit)
        return unit

    def hangs_up(self):
        for unit in self._units:
            unit.stop()
        self._units.clear()

    close = hangs_up

    def links(self):
        """Sockets that somebody listens on, of whatever process: to ask a command would send something through them."""
        listening = run(self.lab.bastion.namespace.command("ss", "--unix", "--listening", "--no-header")).splitlines()
        return [line for line in listening if "/links/" in line]

    def has_links(self, count):
        until(lambda: len(self.links()) == count, f"{count} links are there")

    def ssh(self, command, **how):
        return self.lab.ssh("bob+far", command, **how)

    def lands(self):
        assert self.ssh("echo $BOX").succeeded().stdout == "be2/bob"


PIPES = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}


def run_to_end(line):
    return finish(start(line, **PIPES))


class Unit:
    """What systemd does with it: Restart=always."""

    def __init__(self, line):
        self._line = line
        self._wanted = threading.Event()
        self._wanted.set()
        self.process = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while True:
            with self._lock:
                if not self._wanted.is_set():
                    return
                self.process = start(self._line, **PIPES)
            self.process.communicate()
            threading.Event().wait(0.2)  # RestartSec

    def kills(self):
        """The ssh that runs now; another one comes."""
        self.process.kill()

    def stop(self):
        with self._lock:
            self._wanted.clear()
            process = self.process
        if process:
            process.kill()
        self._thread.join()


@pytest.fixture
def far(own_lab):
    there = Far(own_lab)
    yield there
    there.hangs_up()


def cut_off(client):
    """What a client says that ends by itself."""
    until(lambda: client.poll() is not None, "it is cut off")
    return finish(client).stderr


def audited(lab):
    rows = json.loads(lab.bastion.admin("audit", "list", "--json"))
    return [(row["action"], row["subject"], row["outcome"]) for row in reversed(rows) if row["action"] in ("link", "unlink")]


def test_everything_goes_through_the_link(far, tmp_path):
    lab = far.lab
    with lab.bastion.namespace.entered(), pytest.raises(OSError):
        socket.create_connection(("10.1.1.12", 22), timeout=1)
    refused = far.ssh("true")
    assert f"bastion: {SHOWN} yet; tell your administrator" in refused.stderr
    far.dials_in()
    far.has_links(1)
    far.lands()
    assert far.ssh("wc -c; echo done >&2; exit 5", input="x" * 100_000).status == 5
    file = tmp_path / "file"
    file.write_bytes(os.urandom(3_000_000))
    scp = ["scp", "-q", *lab.client.options("bob")]
    lab.client.run(*scp, file, "bob+far@bastion:/tmp/there").succeeded()
    lab.client.run(*scp, "bob+far@bastion:/tmp/there", tmp_path / "back").succeeded()
    assert (tmp_path / "back").read_bytes() == file.read_bytes()
    steps = json.loads(lab.bastion.admin("explain", "bob+far", "--json"))["steps"]
    assert [step["what"] for step in steps if step["step"] == "hop be9"] == ["logged in over its link as hop"]
    (row,) = [row for row in json.loads(lab.bastion.admin("backend", "list", "--json")) if row["name"] == "be9"]
    assert (row["reachable"], row["address"]) == (True, "dials in")
    (link,) = json.loads(lab.bastion.admin("backend", "show", "be9", "--json"))["links"]
    assert link["from"] == "10.1.1.12"
    assert audited(lab) == [("link", "be9", "done")]


def test_it_is_the_way_to_others_and_says_what_it_runs(far):
    lab = far.lab
    far.dials_in()
    far.has_links(1)
    # Behind it, at the address that the container has there: an sshd of bob's, which takes the bastion's key.
    lab.bastion.admin("backend", "add", "behind", "10.0.3.100", "--login", "bob", "--via", "be9")
    shown = json.loads(lab.bastion.admin("backend", "show", "behind", "--json"))
    assert (shown["reachable"], shown["via"]) == (True, "be9")
    card = {"host_name": "veth1", "addresses": [{"family": "inet", "scope": "global", "address": "10.0.3.77"}]}
    listed = json.dumps([{"name": "inner", "status": "Running", "location": "none", "state": {"network": {"eth0": card}}}])
    far.machine.give_shell("/bin/sh")
    far.machine.install("incus", f"#!/bin/sh\ncat <<'END'\n{listed}\nEND\n")
    lab.bastion.admin("import", "incus", "--backend", "be9", "--owner", "bob", "--login", "bob")
    shown = json.loads(lab.bastion.admin("container", "show", "bob/inner", "--json"))
    assert (shown["backend"], shown["address"]) == ("be9", "10.0.3.77:22")
    # An administrator's jump to the backend itself.
    root = lab.client.run(*lab.client.ssh_line("root", "bastion", None, "-W", "be9:22"), input="SSH-2.0-x\r\n")
    assert root.stdout.startswith("SSH-2.0-OpenSSH")


def test_it_survives_the_end_of_either_side(far):
    lab = far.lab
    unit = far.dials_in()
    far.has_links(1)
    far.lands()
    there = lab.session("bob+far")
    unit.kills()
    assert "the connection to backend be9 was lost" in cut_off(there)
    # Who comes before the next link is there waits for it.
    far.lands()
    lab.bastion.kill()
    lab.bastion.start()
    far.lands()
    far.has_links(1)
    far.hangs_up()
    far.has_links(0)
    lab.bastion.terminate()
    assert lab.bastion.ended() == 0
    assert [row[0] for row in audited(lab)][-2:] == ["link", "unlink"]


def test_when_it_is_gone_the_user_reads_since_when(far):
    far.dials_in()
    far.has_links(1)
    far.lands()
    far.hangs_up()
    far.has_links(0)
    refused = far.ssh("true")
    assert refused.status == 255
    assert f"bastion: {SHOWN} since 20" in refused.stderr
    found = json.loads(far.lab.bastion.tries("explain", "bob+far", "--json").stdout)
    assert not found["succeeds"] and "bastion-link@" in found["why"]
    assert found["steps"][-1]["step"] == "hop be9" and SHOWN in found["steps"][-1]["what"]


def test_a_stream_outlives_an_upgrade_and_the_link_follows(far):
    lab = far.lab
    bastion = installed(lab)
    far.dials_in()
    far.has_links(1)
    stream = Stream(lab.session("bob+far"), pause=0.01)
    before = bastion.pid
    bastion.install()
    bastion.hands_over()
    assert bastion.pid != before
    stream.moves_on()
    far.lands()  # by the new process, through the link that the one before has
    stream.moves_on()
    stream.ends_whole()
    # Nothing goes through it any more once the hop of the new process is idle: then it is made anew, to that one.
    far.hangs_up()
    far.dials_in()
    until(lambda: bastion.generations() == [bastion.pid], "the one before has ended")
    far.lands()


def test_a_link_that_carries_nothing_goes_over_at_once(far):
    bastion = installed(far.lab)
    far.dials_in()
    far.has_links(1)
    bastion.install()
    bastion.hands_over()
    until(lambda: bastion.generations() == [bastion.pid], "the one before has ended")
    far.lands()
    far.has_links(1)


def test_of_two_links_the_newest_that_answers_is_used(far):
    lab = far.lab
    first = far.dials_in()
    far.has_links(1)
    second = far.dials_in()
    far.has_links(2)
    far.lands()
    os.kill(second.process.pid, signal.SIGSTOP)
    with contextlib.ExitStack() as stack:
        stack.callback(os.kill, second.process.pid, signal.SIGCONT)
        assert far.ssh("echo $BOX", timeout=90).stdout == "be2/bob"
    second.stop()
    far.has_links(1)
    far.lands()
    first.stop()
    assert lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


def test_who_has_another_key_now_is_gone_within_a_second(far):
    lab = far.lab
    far.dials_in()
    far.has_links(1)
    there = lab.session("bob+far", "echo up; cat")
    other = Key(lab.folder / "another")
    lab.bastion.admin("backend", "set", "be9", "--key", other.public)
    assert "the connection to backend be9 was lost" in cut_off(there)
    lab.bastion.waits_for_log("link down ")
    assert "reason=key_removed" in lab.bastion.log
    far.has_links(0)
    assert audited(lab)[-1] == ("unlink", "be9", "key_removed")


def test_the_key_of_a_backend_can_do_nothing_else(far):
    lab = far.lab
    asked = run_to_end([*far.line("-T"), "echo in"])
    assert asked.status == 255 and asked.stdout == ""
    assert "administratively prohibited" in asked.stderr and "only makes a link" in asked.stderr
    assert "administratively prohibited" in run_to_end(far.line("-W", "10.1.1.11:22")).stderr
    assert "administratively prohibited" in run_to_end([*far.line("-s"), "bastion-admin"]).stderr
    assert "remote port forwarding failed" in run_to_end(far.line("-N", "-o", "ExitOnForwardFailure=yes", "-R", "/tmp/x:localhost:22")).stderr
    two = far.line("-N", "-o", "ExitOnForwardFailure=yes", "-R", "22:localhost:22", "-R", "23:localhost:22")
    assert "remote port forwarding failed" in run_to_end(two).stderr
    # Under no other name, not even a user's.
    assert "Permission denied" in run_to_end(far.line("-N", "-R", "22:localhost:22", to="alice")).stderr
    assert lab.bastion.log.count('why="it is a backend\'s key, which only makes a link"') >= 4


def test_a_users_key_makes_no_link(far):
    lab = far.lab
    bob = lab.key("bob").path
    assert "Permission denied" in run_to_end(far.line("-N", "-R", "22:localhost:22", key=bob)).stderr
    # What a user forwards is her container's, and leads no hop anywhere.
    with lab.logged_in("alice", "-R", "2222:localhost:22"):
        assert SHOWN in far.ssh("true").stderr
    assert far.links() == []


def test_a_port_that_it_leaves_to_the_bastion(far):
    process = start(far.line("-N", "-T", "-R", "0:localhost:22"), **PIPES)
    far.has_links(1)
    far.lands()
    process.kill()
    assert "Allocated port 22 for remote forward" in finish(process).stderr


def test_the_installer_and_its_unit_make_the_link(far):
    """In the machine, with its own files; what needs systemd or its accounts is only told."""
    machine = far.machine
    told = "#!/bin/sh\necho \"${0##*/} $*\" >> /tmp/told\n"
    for name in ("bastion-link-install", "bastion-link@.service"):
        machine.install(name, (BACKEND / name).read_text())
    for name in ("systemctl", "useradd"):
        machine.install(name, told)
    host_key = run(["ssh-keygen", "-y", "-f", far.lab.bastion.state / "host_keys" / "ed25519"]).strip()
    where = f"be9@{BASTION['front']}:{PORT}"
    for _ in range(2):
        typed = run(machine.inside("bastion-link-install", where, host_key))
    made = "systemctl daemon-reload\nsystemctl enable bastion-link@10.1.0.1.service\nsystemctl restart bastion-link@10.1.0.1.service\n"
    said = run(machine.inside("cat", "/tmp/told"))
    assert said.startswith("useradd --system ") and said.endswith(made)
    assert run(machine.inside("wc", "-l", "/etc/bastion-link/known_hosts")).split()[0] == "1"
    # What it prints is typed at the bastion, of a backend that is there already.
    words = shlex.split(typed)
    assert [*words[:5], *words[6:]] == ["backend", "add", "be9", "--reverse", "--key", "--login", "hop"]
    far.lab.bastion.admin("backend", "set", "be9", "--key", words[5])
    unit = run(machine.inside("cat", "/etc/systemd/system/bastion-link@.service"))
    (command,) = re.findall(r"^ExecStart=((?:.*\\\n)*.*)$", unit, re.MULTILINE)
    script = f"set -a; . /etc/bastion-link/10.1.0.1.conf; CREDENTIALS_DIRECTORY=/etc/bastion-link; exec {command.replace('%i', '10.1.0.1')}"
    link = start(machine.inside("sh", "-c", script), **PIPES)
    far.has_links(1)
    far.lands()
    link.kill()


@pytest.mark.parametrize(
    "words, why",
    [
        ([], "usage: "),
        (["be9@bastion"], "usage: "),
        (["bastion", "ssh-ed25519 AAAA"], "does not say what this backend is called there"),
        (["-x@bastion", "ssh-ed25519 AAAA"], "is not what a backend is called"),
        (["be9@$(id)", "ssh-ed25519 AAAA"], "is no name and no IPv4 address"),
        (["be9@-oProxyCommand=x", "ssh-ed25519 AAAA"], "is no name and no IPv4 address"),
        (["be9@bastion:ssh", "ssh-ed25519 AAAA"], "is no port"),
        (["be9@bastion", "id_ed25519.pub"], "the bastion's host key is a line like"),
        (["be9@bastion", "ssh-ed25519 AAAA$(id)"], "is no base64"),
        (["be9@bastion:2222", "ssh-ed25519 AAAA"], "this is for root"),
    ],
)
def test_the_installer_says_what_is_wrong(words, why):
    """As nobody, so that what is wrong and not noticed changes nothing on this machine."""
    script = (BACKEND / "bastion-link-install").read_text()
    line = ["sh", "-c", script, "bastion-link-install", *words]
    refused = subprocess.run(line, capture_output=True, text=True, check=False, user=65534, group=65534)
    assert refused.returncode == 1
    assert why in refused.stderr


@pytest.mark.lab_with(settings=scrapes.SETTINGS)
def test_what_is_there_is_counted(own_lab):
    with contextlib.closing(Far(own_lab)) as far:
        scrapes.sees(own_lab, links=0)
        far.dials_in()
        scrapes.sees(own_lab, links=1)
