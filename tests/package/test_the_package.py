"""The Debian package on a machine that has never seen a bastion: `tests/run package`, by hand or where it is released.

BASTION_DEB names the package; without it, the one that packaging/deb has made here.
"""

import pathlib
import re

from lab.deadline import until
from machine import STATE

UNITS = ["multi-user.target.wants/bastion.service", "timers.target.wants/bastion-backup.timer"]


def first_administrator(said):
    """What the installation has said: the command for here, and the one for somebody's own machine."""
    here = re.search(r"^2\. .*?: (runuser .*)$", said, re.MULTILINE).group(1)
    there = re.search(r"^3\. .*?: +ssh (.*)$", said, re.MULTILINE).group(1)
    behind = said.partition(there)[2].split("\n")
    assert [line for line in behind if line and not line.startswith("Processing triggers")] == []
    return here, there.split()


def test_an_installation_leads_to_a_login(machine):
    said = machine.install()
    assert "It listens on 0.0.0.0:2222, [::]:2222.\n" in said
    here, there = first_administrator(said)

    account = machine.run("getent", "passwd", "bastion").strip().split(":")
    assert int(account[2]) < 1000 and account[5:] == [STATE, "/usr/sbin/nologin"]
    assert machine.run("stat", "--format=%U:%G %a", STATE).strip() == "bastion:bastion 700"
    found = machine.run("find", STATE, "-type", "f", "-printf", "%U %m %P\n").split("\n")
    assert {f"{account[2]} 600 {name}" for name in ["bastion.db", "host_keys/ed25519", "host_keys/ecdsa", "host_keys/rsa"]} <= set(found)
    assert all(machine.has(f"/etc/systemd/system/{unit}") for unit in UNITS)
    assert machine.run("runuser", "-u", "bastion", "--", "bastion", "check").count("ok ") > 5

    machine.run("sh", "-c", here.replace("ssh-ed25519 AAAA...", machine.key.public.strip()))
    assert there == ["-p", "2222", "you@THIS-HOST"]
    with machine.serving() as pid:
        seen = machine.ssh("2222", "-s", "you@127.0.0.1", "admin", "session", "list").succeeded().stdout
        assert "you" in seen
        rights = dict(re.findall(r"^(Uid|Cap\w+|NoNewPrivs):\s*(\w+)", pathlib.Path(f"/proc/{pid}/status").read_text(), re.MULTILINE))
        assert rights["Uid"] == account[2] and rights["NoNewPrivs"] == "1"
        assert int(rights["CapEff"], 16) == int(rights["CapBnd"], 16) == 1 << 10  # CAP_NET_BIND_SERVICE


def test_it_listens_on_port_22_where_the_configuration_says_so(machine):
    here, _ = first_administrator(machine.install())
    machine.run("sh", "-c", here.replace("ssh-ed25519 AAAA...", machine.key.public.strip()))
    machine.run("sh", "-c", "echo 'listen = [\"0.0.0.0:22\"]' >>/etc/bastion/bastion.toml")
    with machine.serving() as pid:
        machine.reload(pid)
        until(lambda: "configuration read again" in machine.log, "the configuration is read again")
        assert machine.ssh("22", "-s", "you@127.0.0.1", "admin", "user", "list").succeeded().stdout


def test_a_removal_keeps_what_it_knows_and_a_purge_takes_it(machine):
    here, _ = first_administrator(machine.install())
    machine.run("sh", "-c", here.replace("ssh-ed25519 AAAA...", machine.key.public.strip()))
    machine.run("sh", "-c", "echo 'log_level = \"debug\"' >>/etc/bastion/bastion.toml")
    keys = machine.fingerprints()

    again = machine.install("--reinstall")
    assert "administrator" not in again and machine.fingerprints() == keys

    machine.apt("remove", "bastion")
    assert not machine.has("/usr/bin/bastion")
    assert machine.fingerprints() == keys and machine.has(f"{STATE}/bastion.db")

    machine.install()
    assert machine.fingerprints() == keys
    assert all(machine.has(f"/etc/systemd/system/{unit}") for unit in UNITS)
    assert "debug" in machine.run("cat", "/etc/bastion/bastion.toml")
    with machine.serving():
        assert machine.ssh("2222", "-s", "you@127.0.0.1", "admin", "user", "list").succeeded().stdout

    machine.apt("purge", "bastion")
    for path in (STATE, "/etc/bastion", "/etc/fail2ban", "/usr/share/doc/bastion", *(f"/etc/systemd/system/{unit}" for unit in UNITS)):
        assert not machine.has(path), path

    assert "Nobody can log in yet." in machine.install()
    assert machine.fingerprints() != keys


def test_an_image_of_a_machine_gets_keys_of_its_own(machine):
    machine.install()
    keys = machine.fingerprints()
    machine.run("find", STATE, "-mindepth", "1", "-delete")
    machine.run("dpkg-reconfigure", "bastion")
    assert machine.fingerprints() != keys
    machine.run("runuser", "-u", "bastion", "--", "bastion", "check")


def test_a_state_that_cannot_be_made_is_no_installation(machine):
    """dpkg says so, and goes on from there when it was put right."""
    machine.run("sh", "-c", f"mkdir -p {STATE} && touch {STATE}/host_keys")
    failed = machine.tries("apt-get", "--quiet", "--yes", "--no-install-recommends", "install", "/root/bastion.deb", network="host")
    assert failed.returncode != 0
    assert f"bastion: {STATE}/host_keys" in failed.stdout
    machine.run("rm", f"{STATE}/host_keys")
    assert "Nobody can log in yet." in machine.run("dpkg", "--configure", "bastion")


def test_a_backup_is_made_by_its_service(machine):
    machine.install()
    unit = machine.unit("bastion-backup.service")
    (script,) = re.fullmatch(r"/bin/sh -euc '(.*)'", unit["ExecStart"]).groups()
    machine.run("sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", unit["WorkingDirectory"], *machine.as_service(unit, "sh", "-euc", script.replace("%%", "%")))
    (backup,) = machine.run("ls", f"{STATE}/backups").split()
    assert re.fullmatch(r"bastion-\d{8}T\d{6}\.db", backup)


def test_manual_and_completions_are_there(machine):
    machine.install()
    for page in ("bastion.1", "bastion.toml.5", "bastion-admin.7"):
        name, section = page.rsplit(".", 1)
        assert f"/man{section}/" in machine.run("man", "-w", section, name)
    completes = "source /usr/share/bash-completion/completions/bastion; COMP_LINE='bastion admin user sh'; COMP_POINT=21; _bastion bastion; echo ${COMPREPLY[*]}"
    assert machine.run("bash", "-c", completes).strip() == "show"
    assert machine.has("/usr/share/zsh/vendor-completions/_bastion")


def test_what_belongs_on_backends_is_there(machine):
    machine.install()
    for name in ("bastion-instances", "bastion-link-install", "bastion-reach"):
        machine.run("sh", "-n", f"/usr/share/bastion/backend/{name}")
        machine.run("test", "-x", f"/usr/share/bastion/backend/{name}")
    assert machine.has("/usr/share/bastion/backend/bastion-link@.service")
