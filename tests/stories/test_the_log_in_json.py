"""`log = "json"`: a line is an object that any reader of JSON understands, with the fields that the text has."""

import datetime
import json
import re
import signal

import pytest

from lab import until

pytestmark = [pytest.mark.bastion_only, pytest.mark.lab_with(settings={"log": "json"})]

# Before the configuration counts, and from the program itself.
PLAIN = ("bastion: ",)


def lines(lab):
    return [json.loads(line) for line in lab.log.splitlines() if not line.startswith(PLAIN)]


def said(lab, message):
    return [line for line in lines(lab) if line["message"] == message]


def test_a_login_leaves_objects(own_lab):
    assert own_lab.ssh("alice", "echo $BOX").stdout == "be1/alice"
    assert own_lab.ssh("mallory=x,id=7", "true").status == 255
    until(lambda: said(own_lab, "login ended") and said(own_lab, "login failed"), "both have ended")
    for line in lines(own_lab):
        assert all(isinstance(value, str) for value in line.values()), line
        assert line["level"] in ("debug", "info", "warning", "error")
        when = datetime.datetime.strptime(line["time"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)
        assert abs(datetime.datetime.now(datetime.timezone.utc) - when) < datetime.timedelta(hours=1)
    (entered,) = said(own_lab, "container entered")
    assert {"id", "user", "container", "route"} <= set(entered)
    assert entered["user"] == "alice" and entered["route"] == "be1"
    (ended,) = [line for line in said(own_lab, "login ended") if line["id"] == entered["id"]]
    assert ended["reason"] == "ok" and int(ended["from_container"]) > 0
    (failed,) = said(own_lab, "login failed")
    assert re.fullmatch(r"mallory\\x3dx\\x2cid\\x3d7", failed["users"]) and failed["id"] != "7"


def test_the_flag_counts_more_than_the_file(own_lab):
    own_lab.bastion.terminate()
    assert own_lab.bastion.ended() == 0
    own_lab.bastion.configure(log="text")
    before = len(own_lab.log)
    own_lab.bastion.start(options=["--json-log"])
    own_lab.ssh("alice", "true").succeeded()
    own_lab.bastion.send(signal.SIGHUP)
    until(lambda: "configuration read again: nothing has changed" in own_lab.log[before:], "it has read the file again")
    for line in own_lab.log[before:].splitlines():
        assert json.loads(line)["message"]
