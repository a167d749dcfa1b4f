import contextlib
import os

import booted as booted_machine
import pytest
import root
from lab.lab import ROOT
from lab.namespace import Namespace
from lab.process import run
from machine import Machine


@pytest.fixture(scope="session")
def place():
    """A network, and a folder for the files."""
    if reason := root.missing():
        pytest.skip(reason)
    name = f"package{os.getpid()}"
    owner = ROOT / f"{name}.owner"
    namespace = Namespace(f"{name}-machine")
    with contextlib.ExitStack() as stack:
        (ROOT / name).mkdir(parents=True)
        owner.write_text(str(os.getpid()))
        stack.callback(owner.unlink)
        stack.callback(run, ["rm", "-rf", "--one-file-system", ROOT / name])
        namespace.create()
        stack.callback(namespace.delete)
        yield namespace, ROOT / name


@pytest.fixture
def machine(place, request):
    namespace, folder = place
    made = Machine(namespace, folder / request.node.name.removeprefix("test_"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def booted(place):
    """A machine on which systemd runs, with the package installed, its first administrator, and users in a container."""
    namespace, folder = place
    made = booted_machine.Booted(namespace, folder / "booted")
    try:
        made.install()
        made.furnish("alice", "bob")
        yield made
    finally:
        made.stop()
