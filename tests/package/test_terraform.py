"""The two sites described for Terraform, gone through as far as that goes without a provider (terraform/main.go), and what their machines
are told at the first boot."""

import json
import pathlib
import re
import subprocess

import pytest
import root
import yaml
from machine import REPOSITORY

TOOLS = "golang-go,golang-github-hashicorp-hcl-v2-dev,cloud-init"
HERE = pathlib.Path(__file__).parent
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g ada@laptop"
IDENTITY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA8ODQwLCgkIBwYFBAMCAQAQERITFBUWFxgZGhscHR4f bastion"
GIVEN = {
    "project": "site",
    "package_url": "https://packages.example.org/bastion.deb",
    "package_sha256": "0f" * 32,
    "administrator": "ada",
    "administrator_key": KEY,
}
SITES = {"one-machine": GIVEN, "central": GIVEN | {"bastion_identity": f"{IDENTITY}\n"}}


@pytest.fixture(scope="module")
def reader(place):
    """A machine with the program that reads Terraform's configuration, and the configuration."""
    made = root.Root(place[0], place[1] / "terraform", root.system("terraform", TOOLS))
    try:
        tar = subprocess.run(["tar", "-C", REPOSITORY, "-c", "packaging"], stdout=subprocess.PIPE, check=True).stdout
        subprocess.run(made.line("tar", "-C", "/root", "-x"), input=tar, check=True, cwd="/")
        made.put(HERE / "terraform" / "main.go", "/root/main.go")
        made.run("sh", "-c", "cd /root && HOME=/root GO111MODULE=off GOPATH=/usr/share/gocode go build -o read main.go")
        yield made
    finally:
        made.stop()


def read(reader, site, given):
    """What it says of a site: the status, and all that it has printed."""
    done = reader.tries("/root/read", f"/root/packaging/terraform/{site}", json.dumps(given))
    return done.returncode, done.stdout


def machines(said):
    return {each["machine"]: each["metadata"] for each in map(json.loads, said.splitlines())}


@pytest.mark.parametrize("site", SITES)
def test_a_site_is_one_and_its_machines_are_described(reader, site):
    status, said = read(reader, site, SITES[site])
    assert status == 0, said
    for metadata in machines(said).values():
        reader.run("sh", "-c", "cat >/root/user-data", input=metadata["user-data"])
        assert "Valid cloud-config" in reader.run("cloud-init", "schema", "--config-file", "/root/user-data")
        reader.run("sh", "-n", "-c", metadata["startup-script"])


@pytest.mark.parametrize("site", SITES)
def test_the_bastion_is_made_as_cloud_init_makes_it(reader, site):
    _, said = read(reader, site, SITES[site])
    described = yaml.safe_load(machines(said)["root.bastion.google_compute_instance.bastion"]["user-data"])
    example = (REPOSITORY / "packaging" / "cloud-init" / "user-data").read_text()
    for here, there in {"DEB_URL": GIVEN["package_url"], "DEB_SHA256": GIVEN["package_sha256"], "--admin you ": "--admin ada "}.items():
        assert here in example
        example = example.replace(here, there)
    example = yaml.safe_load(re.sub(r"ssh-ed25519 AAAA\S+ you@laptop", KEY, example))
    count = len(example["runcmd"])
    assert described["runcmd"][:count] == example["runcmd"]
    assert described | {"runcmd": []} == example | {"runcmd": []}
    assert (len(described["runcmd"]) > count) == (site == "one-machine")


def test_backends_let_the_bastion_in_and_nobody_else(reader):
    _, said = read(reader, "central", SITES["central"])
    backend = yaml.safe_load(machines(said)["root.google_compute_instance.backends"]["user-data"])
    (account,) = [each for each in backend["users"] if each != "default"]
    assert account["ssh_authorized_keys"] == [f"restrict,port-forwarding {IDENTITY}"]
    assert account["shell"] == "/usr/sbin/nologin"


@pytest.mark.parametrize(
    "site, file, what, becomes, fault",
    [
        ("central", "central/main.tf", "var.backends\n", "var.machines\n", "nothing of this name"),
        ("central", "central/main.tf", "module.bastion.tag", "module.bastion.label", "nothing of this name"),
        ("central", "central/outputs.tf", "google_compute_instance.backends", "google_compute_instance.backend", "nothing of this name"),
        ("central", "central/main.tf", "disk_gib          = 20\n", "", "gets no disk_gib"),
        ("one-machine", "one-machine/main.tf", "disk_gib          = ", "disk_size         = ", "no variable disk_size"),
        ("one-machine", "one-machine/main.tf", "lxd init --auto\",", "lxd init --auto\"", "Missing item separator"),
        ("one-machine", "modules/bastion/main.tf", 'cloud-init/user-data")', 'cloud-init/user_data")', "no such file"),
        ("one-machine", "one-machine/main.tf", "  region  = var.region", "  region = var.region", "terraform fmt"),
    ],
)
def test_what_is_wrong_is_found(reader, site, file, what, becomes, fault):
    path = f"/root/packaging/terraform/{file}"
    right = reader.run("cat", path)
    assert what in right
    reader.run("sh", "-c", f"cat >{path}", input=right.replace(what, becomes, 1))
    try:
        status, said = read(reader, site, SITES[site])
        assert status == 1 and fault in said, said
    finally:
        reader.run("sh", "-c", f"cat >{path}", input=right)


@pytest.mark.parametrize("given", [{"package_sha256": "ab"}, {"administrator": "ada; reboot"}, {"administrator_key": "a key"}], ids=str)
def test_what_cannot_be_is_refused(reader, given):
    status, said = read(reader, "one-machine", GIVEN | given)
    assert status == 1 and "This " in said


def test_what_is_to_be_typed_then_is_understood(machine):
    sites = REPOSITORY / "packaging" / "terraform"
    typed = re.findall(r"^#   ssh -s you@ADDRESS admin (.+)$", (sites / "one-machine" / "main.tf").read_text(), re.MULTILINE)
    (printed,) = re.findall(r': "(backend add .*)\\n"\]', (sites / "central" / "outputs.tf").read_text())
    assert len(typed) == 3
    machine.install()
    machine.run("bastion", "init", "--admin", "you", "--key", machine.key.public)
    for words in [*typed, re.sub(r"\$\{number [^}]*\}", "1", printed).replace("${each.network_interface[0].network_ip}", "10.1.1.2")]:
        machine.run("sh", "-c", f"runuser -u bastion -- bastion admin {words.replace('KEY', repr(KEY))}")
    assert machine.run("runuser", "-u", "bastion", "--", "bastion", "admin", "route", "alice")
