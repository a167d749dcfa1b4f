"""packaging/backend/bastion-instances: whatever is asked for, incus is told what the file allows and nothing else."""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess

import pytest

PROGRAM = pathlib.Path(__file__).parents[2] / "packaging" / "backend" / "bastion-instances"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA"
MARK = "0123456789abcdef"
ALLOWED = """\
# what the bastion may do here
name web-*   # instances
name db
image images:debian/12/cloud
image images:alpine/*
profile default
profile small
project default
project team
login alice
login www-data
limit 3
reach web-*
"""
# It says how it was asked, a word on each line, and has two instances, of which the bastion has made one.
INCUS = f"""\
#!/bin/sh
{{ printf '<%s>' "$@"; echo; }} >>"$ASKED"
case "$*" in
  *"columns en") printf 'team,web-1\\ndefault,db\\ndefault,xweb-1\\nsecret,web-2\\ndefault,web-3\\nteam,web-3\\n' ;;
  *"columns n,config:user.bastion") printf 'web-1,{MARK}\\ndb,\\nweb-3,{MARK}\\n' ;;
  "config get web-1 "*) echo {MARK} ;;
  "exec "*"cat /proc/net/tcp"*) echo '0: 00000000:0016 00000000:0000 0A 00000000:00000000' ;;
  "file pull "*ed25519*) echo 'ssh-ed25519 AAAA' ;;
  "file pull "*) exit 1 ;;
esac
"""


class Backend:
    def __init__(self, folder):
        self.folder = folder
        self.asked_file = folder / "asked"
        (folder / "bin").mkdir()
        self.install("incus")
        self.allows(ALLOWED)

    def install(self, name, script=INCUS):
        program = self.folder / "bin" / name
        program.write_text(script)
        program.chmod(0o755)

    def allows(self, lines):
        (self.folder / "allowed").write_text(lines)

    def run(self, words, shell="sh", **how):
        environment = {"PATH": f"{self.folder}/bin:/usr/bin:/bin", "SSH_ORIGINAL_COMMAND": words, "ASKED": str(self.asked_file)}
        arguments = [*([shell] if shell else []), PROGRAM, self.folder / "allowed"]
        return subprocess.run(arguments, env=environment, capture_output=True, text=True, cwd=self.folder, timeout=30, **how)

    def asked(self):
        return self.asked_file.read_text() if self.asked_file.exists() else ""


@pytest.fixture
def backend(tmp_path):
    return Backend(tmp_path)


CREATE = f"bastion-instances create --mark {MARK}"

FINE = [
    ("bastion-instances list", "<list><--project><default><--format><json>"),
    ("bastion-instances list --project team web-1", "<list><^web-1$><--project><team><--format><json>"),
    ("incus list --format json", "<list><--project><default><--format><json>"),
    ("lxc list --format json --project team", "<list><--project><team><--format><json>"),
    ("incus start db", "<start><db><--project><default>"),
    ("lxc start db", "<start><db><--project><default>"),
    ("bastion-instances start web-1", "<start><web-1><--project><team>"),
    ("bastion-instances stop web-1", "<stop><web-1><--project><team><--timeout><30>"),
    ("bastion-instances restart web-1", "<restart><web-1><--project><team><--timeout><30>"),
    ("bastion-instances delete web-1", "<delete><web-1><--project><team><--force>"),
    (f"bastion-instances delete --mark {MARK} web-1", "<delete><web-1><--project><team><--force>"),
    ("bastion-instances start --project team web-3", "<start><web-3><--project><team>"),
    ("bastion-instances host-key web-1", "<file><pull><web-1/etc/ssh/ssh_host_ed25519_key.pub><-><--project><team>"),
    ("bastion-instances resources", "<query></1.0/resources>"),
    ("incus exec web-1 -- /usr/sbin/sshd -i", "<exec><web-1><--project><default><--></usr/sbin/sshd><-i>"),
    ("lxc exec web-1 -- /usr/sbin/sshd -i", "<exec><web-1><--project><default><--></usr/sbin/sshd><-i>"),
    ("incus exec web-1 --project team -- /usr/sbin/sshd -i", "<exec><web-1><--project><team><--></usr/sbin/sshd><-i>"),
    (f"{CREATE} web-9 alice {KEY}", "<init><images:debian/12/cloud><web-9><--project><default><--profile><default>"),
    (
        f"{CREATE} --image images:alpine/3.20 --profile default --profile small --project team web-9 alice {KEY}",
        "<init><images:alpine/3.20><web-9><--project><team><--profile><default><--profile><small>",
    ),
    (f"bastion-instances push-key web-1 alice {KEY}", f"<sh><alice><{KEY}>"),
    (f"bastion-instances push-key web-1 www-data cert-authority {KEY}", f"<sh><www-data><cert-authority {KEY}>"),
]


@pytest.mark.parametrize("shell", ["dash", "bash"])
@pytest.mark.parametrize(("words", "asked"), FINE, ids=[words for words, _ in FINE])
def test_what_is_allowed_is_done(backend, words, asked, shell):
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    outcome = backend.run(words, shell)
    assert outcome.returncode == 0, outcome
    assert asked in backend.asked()


REFUSED = [
    "",
    " ",
    "sh",
    "incus",
    "incus exec web-1 -- sh",
    "incus delete web-1",
    "incus list --format json; id",
    "incus list --format csv",
    "bastion-instances",
    "bastion-instances exec web-1 id",
    "bastion-instances create",
    # what leads into one
    "incus exec web-1 -- /usr/sbin/sshd",
    "incus exec web-1 -- /usr/sbin/sshd -i -o PermitRootLogin=yes",
    "incus exec web-1 -- /bin/sh -c id -- /usr/sbin/sshd -i",
    "incus exec web-1 id -- /usr/sbin/sshd -i",
    "incus exec web-1 --user 0 -- /usr/sbin/sshd -i",
    "incus exec --project team -- /usr/sbin/sshd -i",
    "incus exec web-1 --project secret -- /usr/sbin/sshd -i",
    "incus exec web-1 --project --env -- /usr/sbin/sshd -i",
    "incus exec db -- /usr/sbin/sshd -i",  # it may be started and stopped, and nothing more
    "incus exec -- -- /usr/sbin/sshd -i",
    "incus exec remote:web-1 -- /usr/sbin/sshd -i",
    "docker exec web-1 -- /usr/sbin/sshd -i",
    "bastion-instances reach db",
    "bastion-instances reach web-1 id",
    "bastion-instances reach",
    # names
    "bastion-instances start mail",
    "bastion-instances start",
    "bastion-instances start web-1 web-3",
    "bastion-instances start --all",
    "bastion-instances start -- web-1",
    "bastion-instances start web-*",
    "bastion-instances start web-",
    "bastion-instances start web-1/../db",
    "bastion-instances start remote:web-1",
    "bastion-instances start WEB-1",
    "bastion-instances start web-1\nid",
    "bastion-instances start web-$(id)",
    "bastion-instances start web-`id`",
    "bastion-instances start web-1;id",
    "bastion-instances start web-1\tdb",
    "bastion-instances start 'web-1'",
    "bastion-instances start web-1\\",
    "bastion-instances start web-é",
    "bastion-instances start web-" + "a" * 60,
    "bastion-instances start web-2",  # it is in a project that is not allowed
    "bastion-instances start web-3",  # and this one in two
    "bastion-instances start web-1 " + "a" * 5000,
    # what the bastion has not made
    "bastion-instances delete db",
    "bastion-instances delete --mark 0123456789abcdee web-1",
    "bastion-instances delete --mark x web-1",
    "bastion-instances delete --mark",
    f"bastion-instances push-key db alice {KEY}",
    # projects
    "bastion-instances list --all-projects",
    "bastion-instances list --project secret",
    "bastion-instances list --project --all-projects",
    "bastion-instances list --project ../x",
    "bastion-instances list --format csv",
    "bastion-instances list web-1 db",
    "bastion-instances start --project secret web-2",
    "bastion-instances resources --project default",
    "bastion-instances resources x",
    # images, profiles, accounts
    f"{CREATE} --image images:debian/12 web-9 alice {KEY}",
    f"{CREATE} --image images:alpine/../debian/11 web-9 alice {KEY}",
    f"{CREATE} --image --vm web-9 alice {KEY}",
    f"{CREATE} --profile privileged web-9 alice {KEY}",
    f"{CREATE} --profile --ephemeral web-9 alice {KEY}",
    f"{CREATE} --project secret web-9 alice {KEY}",
    f"{CREATE} --config security.privileged=true web-9 alice {KEY}",
    f"{CREATE} --vm web-9 alice {KEY}",
    f"{CREATE} web-9 root {KEY}",
    f"{CREATE} web-9 --help {KEY}",
    f"{CREATE} mail alice {KEY}",
    f"bastion-instances create web-9 alice {KEY}",  # without a mark it could not be told from others
    # keys
    f"{CREATE} web-9 alice {KEY} comment",
    f"{CREATE} web-9 alice ssh-ed25519",
    f"{CREATE} web-9 alice ssh-ed25519 AAAA,x",
    f"{CREATE} web-9 alice ssh-dss AAAA",
    f"{CREATE} web-9 alice cert-authority,principals=x {KEY}",
    f'{CREATE} web-9 alice command="id" {KEY}',
    f"bastion-instances push-key web-1 alice {KEY}\n{KEY}",
]
CHANGING = ("<init>", "<start>", "<stop>", "<restart>", "<delete>", "<exec>", "<file>")


@pytest.mark.parametrize("words", REFUSED)
def test_whatever_else_is_asked_for_is_refused(backend, words):
    outcome = backend.run(words)
    assert outcome.returncode in (69, 126), outcome
    assert outcome.stdout == "" and outcome.stderr.startswith("bastion-instances: ")
    assert not any(verb in backend.asked() for verb in CHANGING), backend.asked()
    assert "<query>" not in backend.asked() and "<json>" not in backend.asked()


def test_where_the_file_allows_a_number_no_more_are_made(backend):
    words = f"{CREATE} web-9 alice {KEY}"
    for limit in ("limit 2", "limit 0", "limit x", "limit", ""):
        backend.allows(ALLOWED.replace("limit 3", limit))
        assert backend.run(words).returncode == 126
    assert "<init>" not in backend.asked()
    backend.allows(ALLOWED)
    assert backend.run(words).returncode == 0


def test_many_at_once_are_no_more_either(backend):
    """Each takes its time, and is counted when it is there."""
    count = """\
#!/bin/sh
case $1 in
  list) for one in made-*; do [ ! -e "$one" ] || echo "$one,0123456789abcdef"; done ;;
  init) sleep 0.05; touch "made-$3" ;;
esac
"""
    backend.install("incus", count)
    names = [f"web-{letter}" for letter in "abcdefgh"]
    with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
        outcomes = list(pool.map(lambda name: backend.run(f"{CREATE} {name} alice {KEY}").returncode, names))
    assert sorted(outcomes) == [0] * 3 + [126] * 5
    assert len(list(backend.folder.glob("made-*"))) == 3


def test_without_the_file_nothing_is_allowed(backend):
    (backend.folder / "allowed").unlink()
    outcome = backend.run("bastion-instances list")
    assert outcome.returncode == 126 and "cannot be read, so nothing is allowed" in outcome.stderr
    backend.allows("")
    assert backend.run("bastion-instances list").returncode == 126
    assert backend.run("bastion-instances start db").returncode == 126


@pytest.mark.skipif(os.getuid() != 0, reason="another account is needed")
def test_a_file_that_the_account_could_change_allows_nothing(backend):
    backend.folder.chmod(0o755)
    for one in backend.folder.parents:
        if one.stat().st_uid == os.getuid() and one != pathlib.Path("/"):
            one.chmod(one.stat().st_mode | 0o011)
    for place, mode in [(backend.folder / "allowed", 0o666), (backend.folder, 0o777)]:
        before = place.stat().st_mode
        place.chmod(mode)
        outcome = backend.run("bastion-instances list", user=65534, group=65534, extra_groups=[])
        assert (outcome.returncode, outcome.stdout) == (126, "")
        assert f"{place} can be changed by this account, so nothing is allowed" in outcome.stderr
        place.chmod(before)
    assert backend.asked() == ""


def test_what_stands_in_the_file_is_a_pattern_and_no_command(backend):
    backend.allows("name $(touch${IFS}made)\nname `touch made`\nname db; x\nproject default\n")
    assert backend.run("bastion-instances start db").returncode == 126
    assert not (backend.folder / "made").exists()


def test_what_leads_into_one_has_what_the_bastion_sends(backend):
    backend.install("incus", "#!/bin/sh\nexec cat\n")
    outcome = backend.run("incus exec web-1 -- /usr/sbin/sshd -i", input="SSH-2.0-bastion\n")
    assert (outcome.returncode, outcome.stdout) == (0, "SSH-2.0-bastion\n")


def test_where_there_is_no_incus_it_is_lxc(backend):
    (backend.folder / "bin" / "incus").rename(backend.folder / "bin" / "lxc")
    assert backend.run("bastion-instances start db").returncode == 0
    (backend.folder / "bin" / "lxc").unlink()
    if not shutil.which("incus") and not shutil.which("lxc"):
        assert backend.run("bastion-instances start db").returncode == 127


def test_what_is_fine_already_is_no_failure(backend):
    backend.install("incus", INCUS + 'case "$1" in start) echo "Error: The instance is already running" >&2; exit 1 ;; esac\n')
    assert backend.run("bastion-instances start db").returncode == 0
    backend.install("incus", INCUS + 'case "$1" in start) echo "Error: No space" >&2; exit 1 ;; esac\n')
    outcome = backend.run("bastion-instances start db")
    assert (outcome.returncode, outcome.stderr) == (1, "Error: No space\n")


def test_one_that_is_there_already_is_told_from_one_that_fails(backend):
    of_incus = 'Failed to create \\"instances\\" entry: UNIQUE constraint failed: instances.project_id, instances.name'
    for said in ("Instance already exists", of_incus):
        backend.install("incus", INCUS + f'case "$1" in init) echo "Error: {said}" >&2; exit 1 ;; esac\n')
        assert backend.run(f"{CREATE} web-9 alice {KEY}").returncode == 73
    backend.install("incus", INCUS + 'case "$1" in init) echo "Error: No space" >&2; exit 1 ;; esac\n')
    assert backend.run(f"{CREATE} web-9 alice {KEY}").returncode == 1


def test_a_host_key_is_read_when_something_listens(backend):
    outcome = backend.run("bastion-instances host-key web-1")
    assert (outcome.returncode, outcome.stdout) == (0, "ssh-ed25519 AAAA\n")
    backend.install("incus", INCUS.replace("00000000:0016", "00000000:0017"))
    assert backend.run("bastion-instances host-key web-1").returncode == 75
    backend.install("incus", INCUS.replace("*ed25519*", "*dsx*"))
    assert backend.run("bastion-instances host-key web-1").returncode == 75


def test_in_an_instance_the_key_is_put_where_sshd_looks_for_it(backend, tmp_path):
    """The script that runs there, here on folders of this test."""
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "passwd").write_text(f"alicia:x:1:1::/nonexistent:/bin/sh\nalice:x:{os.getuid()}:{os.getgid()}::{home}:/bin/sh\n")
    backend.run(f"bastion-instances push-key web-1 alice {KEY}")
    script = backend.asked().partition("<-c><")[2].partition("><sh><alice>")[0]
    script = script.replace("/etc/passwd", str(tmp_path / "passwd")).replace("id -u", ":")
    for _ in range(2):
        subprocess.run(["sh", "-c", script, "sh", "alice", KEY], check=True)
    assert (home / ".ssh" / "authorized_keys").read_text() == f"{KEY}\n"
    assert (home / ".ssh").stat().st_mode & 0o777 == 0o700
