"""A library that cannot be had leaves its client out and says why; one that does not build is a fault."""

import json
import pathlib

import registries
import pytest
from clients.library import Library
from registries import Kit


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BASTION_DOWNLOAD_CACHE", str(tmp_path))
    return tmp_path


def kit(fetch, build="", toolchain=()):
    return Kit(name="thing", registry="a registry", toolchain=toolchain, fetch=fetch, build=build)


def test_what_is_fetched_is_built_once(cache):
    made = [kit("echo fetched >>$OUT/log", "echo built >>$OUT/log").folder for _ in range(2)]
    assert made[0] == made[1]
    assert (made[0] / "log").read_text() == "fetched\nbuilt\n"
    assert kit("true").folder != made[0]


@pytest.mark.parametrize(
    "there, reason",
    [
        (kit("true", toolchain=("no-such-program",)), "thing needs no-such-program, which this machine has not"),
        (kit("echo no such host >&2; exit 1"), "thing did not come from a registry: no such host"),
        (kit("exit 3"), "thing did not come from a registry: exit status 3"),
    ],
    ids=["toolchain", "registry", "silent"],
)
def test_a_client_whose_library_cannot_be_had_says_why(there, reason):
    class Client(Library):
        kit = there

    assert Client.needs() == reason


def test_a_registry_that_does_not_answer(monkeypatch):
    monkeypatch.setattr(registries, "_PATIENCE", 0.1)
    assert kit("exec tail -f /dev/null").missing().startswith("thing did not come from a registry: no answer within 0.1 s")


def test_what_does_not_build_is_no_excuse(cache):
    broken = kit("true", "echo wrong >&2; exit 1")
    with pytest.raises(AssertionError, match="thing does not build: wrong"):
        broken.missing()
    assert not list(cache.glob("thing-*"))


TESTS = pathlib.Path(__file__).resolve().parents[1]
LOCKS = sorted(TESTS.rglob("package-lock.json"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.parent.relative_to(TESTS)))
def test_everything_from_npm_is_known_by_its_sum(lock):
    packages = json.loads(lock.read_text())["packages"]
    wanted = json.loads((lock.parent / "package.json").read_text())
    assert packages.pop("")["dependencies"] == wanted["dependencies"]
    assert packages and all(one["integrity"].startswith("sha512-") for one in packages.values())
    assert all(wanted["dependencies"][name] == packages[f"node_modules/{name}"]["version"] for name in wanted["dependencies"])


def test_nothing_comes_from_npm_without_one():
    kits = [one for one in vars(registries).values() if isinstance(one, Kit) and "npm" in one.toolchain]
    assert kits and all(one.fetch == registries.FROM_NPM and one.sources / "package-lock.json" in LOCKS for one in kits)
