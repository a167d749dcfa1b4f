"""Every example in README.md and docs/*.md works as it stands: commands are given to a shell, configuration is read.

docs/ADMIN.md's walk through a site has a story of its own (test_the_guide_to_a_site.py). What kinds of examples there
are, and that each says which it is: tests/support/examples.py, tests/checks/test_the_examples.py.
"""

import json
import re
import shlex
import shutil
import subprocess

import pytest
import yaml

import examples
from instances import Instances
from lab.bastion import binary
from lab.deadline import until
from lab.lab import PORT
from newcomer import HOST, Newcomer
from test_the_guide_to_a_site import SECTION

pytestmark = pytest.mark.bastion_only

PAGES = {page.name: page for page in examples.PAGES}
INSTANCES = '[{"name": "web9", "status": "Running", "state": {"network": {"eth0": {"addresses": [{"family": "inet", "address": "10.0.3.109", "scope": "global"}]}}}}]'


def of(page, language, word=""):
    """The examples of a kind, without those of the guide."""
    text = examples.written(PAGES[page])
    if page == "ADMIN.md":
        hidden = re.search(rf"^## {SECTION}\n.*?(?=^## )", text, re.MULTILINE | re.DOTALL).group(0)
        text = text.replace(hidden, "\n" * hidden.count("\n"))
    found = [each for each in examples.examples(PAGES[page], text) if (each.language, each.word) == (language, word)]
    assert found, f"{page} has no example of {language} {word}"
    return [each for each in found if not each.reason]


def on_the_machine(lab):
    """The commands that are typed on the bastion's own machine, as that user: what they would change there is named,
    and nothing else is left out."""
    config = shlex.quote(str(lab.bastion.config))
    state = shlex.quote(str(lab.bastion.state))
    return f"""
bastion() {{ local verb=$1; shift; {shlex.quote(str(binary()))} "$verb" --config {config} "$@"; }}
runuser() {{ [ "$1 $2 $3" = "-u bastion --" ] && shift 3 && "$@"; }}
install() {{ [ "$*" = "-d -o bastion -g bastion -m 700 /var/lib/bastion" ]; }}
systemctl() {{
  case "$*" in
    "daemon-reload" | "enable --now bastion" | "restart bastion" | "enable --now bastion-backup.timer" | "restart ssh") ;;
    "start bastion-backup.service") (cd {state}; eval "$backup") ;;
    *) false ;;
  esac
}}
ls() {{ command ls "${{@/#\\/var\\/lib\\/bastion/{lab.bastion.state}}}"; }}
cd() {{ builtin cd "${{1/#\\/var\\/lib\\/bastion/{lab.bastion.state}}}"; }}
backup={shlex.quote(what_the_timer_runs())}
"""


def what_the_timer_runs():
    unit = (examples.REPOSITORY / "packaging" / "bastion-backup.service").read_text()
    (line,) = re.findall(r"^ExecStart=/bin/sh -euc '(.*)'$", unit, re.MULTILINE)
    return line.replace("%%", "%")


def checks(file):
    return subprocess.run([binary(), "check", "--config", file], capture_output=True, check=False).returncode


def empty(lab):
    you = {"name": "root", "role": "admin"}
    lab.bastion.admin("apply", "-", "--prune", input=json.dumps({"version": 1, "users": [you], "backends": [], "containers": []}))


def test_the_readme_leads_to_a_login(own_lab):
    empty(own_lab)
    newcomer = Newcomer(own_lab, ["you", "alice"], on_the_machine(own_lab))
    *commands, login = of("README.md", "sh")
    for example in commands:
        newcomer.give(example)
    assert f"{login.text}" == f"ssh -p {PORT} alice@{HOST}\n"
    newcomer.give(login)
    assert newcomer.desk.run("ssh", "-p", PORT, f"alice@{HOST}", "echo $BOX").stdout == "be1/alice"


def an_instance_is_made_at_once(lab):
    """On be1: it has an address and an sshd as soon as it is launched, and another one of that network is there already."""
    instances = Instances(lab)
    (allowed,) = of("ADMIN.md", "bastion-instances")
    instances.allows(allowed.text)
    lab_too = INSTANCES.replace("web9", "lab").replace("109", "110").replace('"eth0": {', '"eth0": {"host_name": "veth1", ')
    instances.lists(json.dumps([*json.loads(INSTANCES), *json.loads(lab_too)]))
    instances.backend.put("listens", b"")
    instances.backend.put("host_key", f"{lab.key('lab').public}\n".encode())
    lab.restart_middle()


def test_administrators_do_what_their_page_says(own_lab):
    own_lab.bastion.admin("user", "add", "admin", "--role", "admin", "--key", own_lab.key("admin").public)
    own_lab.bastion.admin("backend", "set", "be1", "--capacity", "9")
    an_instance_is_made_at_once(own_lab)
    functions = f"""{on_the_machine(own_lab)}
ssh() {{ [ "$1" != be1 ] && command ssh "$@" || echo {shlex.quote(INSTANCES)}; }}
"""
    newcomer = Newcomer(own_lab, ["admin"], functions, also_called=["bastion"])
    home = newcomer.desk.home
    with open(home / ".ssh" / "config", "a", encoding="utf-8") as config:
        config.write(f"Match all\n  Port {PORT}\n")
    (home / "alice.pub").write_text(own_lab.key("alice-laptop").public)
    (home / "site.yaml").write_text(own_lab.bastion.admin("export"))
    for example in of("ADMIN.md", "sh"):
        newcomer.give(example)
    users = json.loads(own_lab.bastion.admin("user", "list", "--json"))
    assert "nina" in [row["name"] for row in users]
    assert len(list((own_lab.bastion.state / "backups").iterdir())) == 2


def test_backups_are_kept_for_two_weeks(own_lab):
    folder = own_lab.bastion.state / "backups"
    folder.mkdir()
    for day in range(1, 21):
        (folder / f"bastion-202501{day:02}T031700.db").touch()
    (folder / "mine.db").touch()
    Newcomer(own_lab, []).desk.run("bash", "-c", f"{on_the_machine(own_lab)}\nsystemctl start bastion-backup.service").succeeded()
    kept = sorted(each.name for each in folder.iterdir())
    assert kept[:13] == [f"bastion-202501{day:02}T031700.db" for day in range(8, 21)]
    assert len(kept) == 15 and "mine.db" in kept
    newest = folder / kept[13]
    assert own_lab.bastion.tries("restore", newest, "--yes").status == 0


def test_a_document_of_the_page_is_one(own_lab):
    for example in of("ADMIN.md", "yaml", "manifest"):
        text = example.text.replace("ssh-ed25519 AAAA… laptop", own_lab.key("alice").public)
        assert "…" not in text
        own_lab.bastion.admin("apply", "-", input=text)
        assert json.loads(own_lab.bastion.admin("apply", "-", "--json", input=text))["changes"] == []


def test_a_configuration_of_the_page_is_one(own_lab, tmp_path):
    for example in of("ADMIN.md", "toml"):
        file = tmp_path / "bastion.toml"
        file.write_text(f"{example.text}state_dir = \"{own_lab.bastion.state}\"\n")
        assert checks(file) == 0
        file.write_text(f"{example.text}nonsense = 1\n")
        assert checks(file) != 0


def test_with_what_the_unit_allows_anybody_listens_on_port_22(own_lab):
    """As systemd would start it: a user without any rights but that one."""
    unit = (examples.REPOSITORY / "packaging" / "bastion.service").read_text()
    bounding, ambient = re.findall(r"^(?:CapabilityBoundingSet|AmbientCapabilities)=CAP_(\w+)$", unit, re.MULTILINE)
    (example,) = [each for each in of("ADMIN.md", "toml") if "listen" in each.text]
    folder = own_lab.folder / "low"
    folder.mkdir()
    (folder / "bastion.toml").write_text(f'{example.text}state_dir = "{folder}/state"\n')
    shutil.chown(folder, "nobody", "nogroup")
    rights = [f"--bounding-set=-all,+{bounding.lower()}", *(f"--{which}-caps=-all,+{ambient.lower()}" for which in ("inh", "ambient"))]
    nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    line = lambda rights, *words: [*nobody, *rights, binary(), *words, "--config", folder / "bastion.toml"]
    client = own_lab.client
    client.run(*line([], "init", "--admin", "you", "--key", own_lab.key("you").public)).succeeded()
    assert client.run(*line([], "serve")).status != 0
    process = client.start(*line(rights, "serve"))
    try:
        until(lambda: not client.refuses("127.0.0.1", 22) or process.poll() is not None, "it listens, or has ended")
        assert process.poll() is None, process.stderr.read().decode()
        assert client.run("ssh-keyscan", "127.0.0.1").succeeded().stdout
    finally:
        process.terminate()
        process.wait()


def admits(lab, line):
    """A backend has this line for the bastion, and no other."""
    lab.backend("be1").authorize(line.strip().replace("ssh-ed25519 AAAA… bastion", lab.bastion.identity()[0]))


def test_a_line_of_authorized_keys_lets_the_bastion_in(own_lab):
    Instances(own_lab).lists(INSTANCES)
    for example in of("ADMIN.md", "authorized_keys"):
        admits(own_lab, example.text.replace(" /etc/bastion-instances", " /usr/local/bin/allowed"))
        own_lab.restart_middle()
        found = own_lab.bastion.admin("import", "incus", "--backend", "be1", "--owner", "alice", "--dry-run")
        assert "web9" in found
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"


def test_a_machine_that_is_made_as_described_lets_the_bastion_in(own_lab):
    (example,) = [each for each in examples.examples(PAGES["ADMIN.md"]) if each.word == "cloud-config"]
    (account,) = [each for each in yaml.safe_load(example.text)["users"] if each != "default"]
    (line,) = account["ssh_authorized_keys"]
    own_lab.backend("be1").give_shell(account["shell"])
    assert own_lab.ssh("alice", "true").succeeded()
    admits(own_lab, "# nobody")
    own_lab.bastion.kill()  # with its connection to the backend
    own_lab.bastion.start()
    assert "backend be1 rejects the bastion's key" in own_lab.ssh("alice", "true").stderr
    admits(own_lab, line)
    until(lambda: own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice", "the bastion is let in")


@pytest.fixture
def visitor(lab):
    """Alice at her own desk, who has accepted the host keys that she met."""
    newcomer = Newcomer(lab, ["alice"], also_called=["bastion"])
    home = newcomer.desk.home
    container = lab.container("alice").host_key
    with open(home / ".ssh" / "known_hosts", "a", encoding="utf-8") as known:
        known.write(f"web {container}\n10.0.3.100 {container}\ndev {container}\n")
    with open(home / ".ssh" / "config", "a", encoding="utf-8") as config:
        config.write(f"Match host bastion\n  Port {PORT}\n")
    return newcomer


def test_users_do_what_their_page_says(visitor):
    for example in of("CONNECTING.md", "sh"):
        visitor.give(example)


@pytest.mark.parametrize("example", of("CONNECTING.md", "ssh-config"), ids=str)
def test_a_configuration_of_a_client_leads_to_the_container(visitor, lab, example):
    config = visitor.desk.home / ".ssh" / "config"
    config.write_text(example.text + config.read_text())
    assert visitor.desk.run("ssh", "dev", "echo $BOX").stdout == "be1/alice"
