"""Every example in the documentation says what it is, so that something tries it; what is no command is tried here."""

import subprocess

import examples
import pytest
import yaml
from test_bastion_instances import CREATE, KEY, Backend
from units import PACKAGING, verified

EVERY = [each for page in examples.PAGES for each in examples.examples(page)]


def of(language, word=""):
    found = [each for each in EVERY if (each.language, each.word) == (language, word)]
    assert found, f"there is no example of {language} {word}"
    return pytest.mark.parametrize("example", found, ids=str)


@pytest.mark.parametrize("page", examples.PAGES, ids=lambda page: page.name)
def test_every_block_says_what_it_is(page):
    assert examples.strays(page) == []
    assert [each.fault for each in examples.examples(page) if each.fault] == []


@pytest.mark.parametrize(
    "text",
    ["words\n\n    ssh alice@bastion\n", "words\n\n$ ssh alice@bastion\n", "```sh because\nx\n", "```sh [x]\nx\n```\n"],
    ids=["indented", "prompt", "open", "nonsense"],
)
def test_what_is_set_off_in_another_way_is_found(text):
    assert len(examples.strays(examples.PAGES[0], text)) == 1


@pytest.mark.parametrize("fence", ["", "bash", "sh (later)", "text", "toml (no)", "yaml", "sh local"])
def test_what_does_not_say_what_it_is_is_found(fence):
    (example,) = examples.examples(examples.PAGES[0], f"```{fence}\nx\n```\n")
    assert example.fault


@pytest.mark.parametrize(
    "reason, line, fault",
    [
        ("a drawing", "anything", ""),
        ("a sentence", "bastion: container web is unreachable; is it running? (id 7hrtdt8z)", "names the story"),
        ("a sentence; test_no_such_story.py reads it", "bastion: container web is unreachable", "names the story"),
        ("a sentence; test_failures_say_why.py reads it", "bastion: container web is unreachable; is it running? (id 7hr)", ""),
        ("a sentence; test_failures_say_why.py reads it", "bastion: nobody ever says this", "does not read"),
        ("a sentence; test_failures_say_why.py reads it", "count=1 (id 7hrtdt8z)", "does not read"),
        ("a sentence; test_failures_say_why.py compares it", "anything", "does not compare"),
    ],
)
def test_a_story_reads_what_somebody_reads(reason, line, fault):
    (example,) = examples.examples(examples.PAGES[0], f"```text ({reason})\n{line}\n```\n")
    assert fault in example.fault and bool(fault) == bool(example.fault)


def test_the_pages_have_examples():
    assert {each.page for each in EVERY if each.is_run} == {"README.md", "ADMIN.md", "CONNECTING.md", "FLEET.md", "FROM-JUMP-SERVERS.md", "METRICS.md", "OPERATIONS.md"}
    assert len(EVERY) > 30


@of("yaml", "cloud-config")
def test_a_description_of_a_machine_is_one(example):
    assert example.text.startswith("#cloud-config\n")
    (account,) = [each for each in yaml.safe_load(example.text)["users"] if each != "default"]
    assert set(account) <= {"name", "shell", "ssh_authorized_keys"}


@of("bastion-instances")
def test_what_a_backend_allows_is_understood(example, tmp_path):
    """Each kind of line is one that the program reads, and the first image is what it takes."""
    backend = Backend(tmp_path)
    backend.allows(example.text)
    assert backend.run(f"{CREATE} web-1 alice {KEY}").returncode == 0
    assert "<init><images:debian/12/cloud><web-1>" in backend.asked()
    kinds = {line.split()[0] for line in example.text.splitlines()}
    assert kinds == {"name", "image", "profile", "project", "login", "limit", "reach"}


@of("haproxy")
def test_haproxy_accepts_what_is_written_for_it(example, tmp_path):
    file = tmp_path / "haproxy.cfg"
    file.write_text(example.text)
    seen = subprocess.run(["haproxy", "-c", "-f", file], capture_output=True, text=True, check=False)
    assert (seen.returncode, seen.stderr) == (0, "")


@of("systemd", "drop-in")
def test_a_drop_in_is_accepted(example, tmp_path):
    unit = (PACKAGING / "bastion.service").read_text()
    seen = verified(tmp_path, {"bastion.service": unit, "bastion.service.d/keys.conf": example.text})
    assert (seen.returncode, seen.stderr) == (0, "")
    wrong = verified(tmp_path, {"bastion.service": unit, "bastion.service.d/keys.conf": "[Service]\nLoadCredential=\0\nNonsense=1\n"})
    assert "keys.conf" in wrong.stderr, "drop-ins are looked at"
