"""The image for container engines, as packaging/oci makes it: read by umoci, run without an engine.

BASTION_OCI names it; without it, the one that packaging/oci has made here.
"""

import json
import os
import pathlib

import pytest
from lab.process import run
from machine import REPOSITORY, STATE, Machine


@pytest.fixture(scope="module")
def bundle(place):
    archive = pathlib.Path(os.environ.get("BASTION_OCI", REPOSITORY / "build" / "oci" / "bastion.tar"))
    assert archive.exists(), "there is no image to test: packaging/oci makes one"
    layout = place[1] / "layout"
    layout.mkdir()
    run(["tar", "-xf", archive, "-C", layout])
    run(["umoci", "unpack", "--image", f"{layout}:bastion", place[1] / "bundle"])
    return place[1] / "bundle"


@pytest.fixture
def container(place, bundle):
    made = Machine(place[0], place[1] / "container", bundle / "rootfs")
    yield made
    made.stop()


def test_a_container_makes_its_keys_and_serves(container, bundle):
    process = json.loads((bundle / "config.json").read_text())["process"]
    assert process["cwd"] == STATE
    assert container.run("find", STATE, "-mindepth", "1") == "", "whoever has the image would have these keys"
    assert process["user"]["uid"] == int(container.run("id", "-u", "bastion"))
    user = [f"--reuid={process['user']['uid']}", f"--regid={process['user']['gid']}", "--clear-groups", "--bounding-set=-all"]
    as_user = ["setpriv", *user, "env", "-C", STATE]
    with container.serving(*as_user, *process["args"]):
        container.run(*as_user, "bastion", "init", "--admin", "you", "--key", container.key.public)
        assert "you" in container.ssh("2222", "-s", "you@127.0.0.1", "admin", "session", "list").succeeded().stdout
    keys = container.fingerprints()
    with container.serving(*as_user, *process["args"]):
        assert container.ssh("2222", "-s", "you@127.0.0.1", "admin", "user", "list").succeeded().stdout
    assert container.fingerprints() == keys
