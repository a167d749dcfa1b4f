"""Whoever is invited comes once with a key of their own, and logs in with it from then on. The word is good once, in a whole fleet too,
and stands nowhere but where it was shown."""

import json

import pytest

from fleet import Fleet
from lab import until
from lab.key import Key
from lab.lab import PORT
from lab.process import run
from lab.topology import BASTION

pytestmark = [pytest.mark.bastion_only, pytest.mark.threaded]

_NOT_GOOD = "This invitation is not good, or not any more"


def invited(lab, name="nina", *words):
    return json.loads(lab.bastion.admin("invite", name, *words, "--json"))["login"]


def comes(lab, key, login, *words, host="bastion"):
    return lab.client.run("ssh", "-F", lab.client.config, "-o", "IdentitiesOnly=yes", "-i", key.path, f"{login}@{host}", *words)


@pytest.fixture
def key(tmp_path):
    return Key(tmp_path / "key")


def keys_of(lab, name):
    return [row["fingerprint"] for row in json.loads(lab.bastion.admin("key", "list", name, "--json"))]


def test_a_newcomer_has_her_key_enrolled_and_logs_in(own_lab, key):
    login = invited(own_lab, "nina", "--container", "alice/web")
    assert comes(own_lab, key, "nina", "true").status == 255
    welcome = comes(own_lab, key, login)
    assert welcome.status == 0
    assert "This is an invitation for nina: the first key that you show is enrolled" in welcome.stderr
    assert f"bastion: welcome: your key {key.fingerprint} is enrolled; from now on log in with `ssh nina@`" in welcome.stderr
    assert keys_of(own_lab, "nina") == [key.fingerprint]
    assert comes(own_lab, key, "nina+alice/web", "echo $BOX").stdout == "be1/alice"
    row = next(row for row in json.loads(own_lab.bastion.admin("audit", "list", "--json")) if row["action"] == "invitation")
    assert (row["user"], row["subject"], row["key"], row["outcome"]) == ("nina", "nina", key.fingerprint, "done")


def test_it_is_good_once(own_lab, key, tmp_path):
    login = invited(own_lab)
    assert comes(own_lab, key, login, "true").status == 0
    for again in [key, Key(tmp_path / "other")]:
        refused = comes(own_lab, again, login, "true")
        assert refused.status == 255
        assert _NOT_GOOD in refused.stderr
    assert keys_of(own_lab, "nina") == [key.fingerprint]
    assert json.loads(own_lab.bastion.admin("invite", "list", "--json")) == []


def test_it_ends_in_every_way(own_lab, key):
    own_lab.bastion.admin("user", "add", "nina")
    ways = {
        "it was taken back": ["invite", "revoke", "nina"],
        "another one was made": ["invite", "nina"],
        "they have a role": ["user", "set", "nina", "--role", "auditor"],
        "they are gone": ["user", "remove", "nina"],
        "they are disabled": ["user", "disable", "nina"],
    }
    for why, words in ways.items():
        login = invited(own_lab)
        own_lab.bastion.admin(*words)
        refused = comes(own_lab, key, login, "true")
        assert refused.status == 255, why
        assert "welcome" not in refused.stderr, why
    login = invited(own_lab, "petra", "--expires", "1s")
    until(lambda: "petra" not in own_lab.bastion.admin("invite", "list"), "it is over")
    assert _NOT_GOOD in comes(own_lab, key, login, "true").stderr


def test_it_gives_nothing_but_the_key(own_lab, key):
    """No container, no tunnel and no administration, not even for somebody who has all of them; and a key alone where more is needed."""
    own_lab.bastion.admin("user", "set", "alice", "--auth", "publickey+totp")
    done = comes(own_lab, key, invited(own_lab, "alice"), "echo $BOX")
    assert (done.status, done.stdout) == (0, "")
    assert "one-time code" in comes(own_lab, key, "alice", "true").stderr
    line = ["ssh", "-F", own_lab.client.config, "-o", "IdentitiesOnly=yes", "-i", key.path]
    administration = own_lab.client.run(*line, f"{invited(own_lab, 'root')}@bastion", "-s", "admin user list")
    assert "alice" not in administration.stdout
    tunnel = own_lab.client.run(*line, "-W", "web:22", f"{invited(own_lab, 'alice')}@bastion")
    assert "SSH-2.0" not in tunnel.stdout


def test_whoever_has_no_key_reads_how_to_make_one(own_lab, tmp_path):
    login = invited(own_lab)
    line = ["ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", f"UserKnownHostsFile={own_lab.client.folder / 'known_hosts'}", "-o", f"IdentityFile={tmp_path / 'none'}",
            "-o", f"HostKeyAlias=[{BASTION['front']}]:{PORT}", "-p", PORT, f"{login}@{BASTION['front']}"]  # fmt: skip
    alone = own_lab.client.run(*line)
    assert alone.status == 255
    assert "make one with `ssh-keygen -t ed25519`" in alone.stderr
    assert json.loads(own_lab.bastion.admin("invite", "list", "--json"))[0]["user"] == "nina"


def test_a_revoked_key_is_not_enrolled(own_lab, key, tmp_path):
    own_lab.bastion.admin("revoke", key.fingerprint)
    login = invited(own_lab)
    assert comes(own_lab, key, login, "true").status == 255
    assert comes(own_lab, Key(tmp_path / "other"), login, "true").status == 0


@pytest.mark.lab_with(settings={"exempt": [], "penalties": {"invaliduser": 300, "authfail": 0, "noauth": 0, "min": 250, "max": 900}})
def test_who_guesses_has_penalties_as_for_a_name_that_nobody_has(own_lab, key):
    own_lab.client.namespace.ip("addr add 10.1.0.50/24 dev front")
    word = "abcdefghijklmnopqrstuvwx27"
    line = ["ssh", "-F", own_lab.client.config, "-o", "IdentitiesOnly=yes", "-i", key.path, "-b", "10.1.0.50", f"invite+{word}@bastion", "true"]
    assert _NOT_GOOD in own_lab.client.run(*line).stderr
    until(lambda: [ban["cause"] for ban in json.loads(own_lab.bastion.admin("ban", "list", "--json"))] == ["invaliduser"], "it has a penalty")
    assert word not in own_lab.log + own_lab.bastion.admin("audit", "list", "--json")


def test_the_word_is_nowhere_but_where_it_was_shown(own_lab, key):
    login = invited(own_lab)
    word = login.partition("+")[2]
    own_lab.client.run("ssh", "-F", own_lab.client.config, "-o", "PubkeyAuthentication=no", f"{login}@bastion", "true")
    assert comes(own_lab, key, login, "true").status == 0
    assert comes(own_lab, key, login, "true").status == 255
    unused = invited(own_lab, "petra").partition("+")[2]
    written = own_lab.log + own_lab.bastion.admin("export") + own_lab.bastion.admin("audit", "list", "--json")
    written += own_lab.bastion.admin("session", "list", "--all", "--json")
    files = b"".join(file.read_bytes() for file in own_lab.bastion.state.rglob("*") if file.is_file())
    for secret in [word, unused]:
        assert secret not in written
        assert secret.encode() not in files


def test_putty(own_lab, key, tmp_path):
    login = invited(own_lab, "nina", "--container", "alice/web")
    ppk = tmp_path / "key.ppk"
    run(["puttygen", key.path, "-O", "private", "-o", ppk])
    lines = [run(["ssh-keygen", "-l", "-f", file]).split()[1] for file in (own_lab.bastion.state / "host_keys").iterdir() if file.suffix != ".pub"]
    known = [word for fingerprint in lines for word in ("-hostkey", fingerprint)]
    line = ["plink", "-ssh", "-batch", *known, "-i", ppk, "-P", PORT]
    welcome = own_lab.client.run(*line, "-l", login, BASTION["front"], "true")
    assert welcome.status == 0
    assert "log in with `ssh nina@`" in welcome.stdout + welcome.stderr
    assert own_lab.client.run(*line, "-l", "nina+alice/web", BASTION["front"], "echo $BOX").stdout.strip() == "be1/alice"


def test_in_a_fleet_it_is_good_once(own_lab, key, tmp_path):
    with Fleet(own_lab) as fleet:
        two = fleet.add("two", fleet.begin())
        login = invited(own_lab)
        until(lambda: json.loads(two.admin("invite", "list", "--json")), "the other one knows it")
        fleet.postgres.stop()
        away = comes(own_lab, key, login, "true", host="two")
        assert away.status == 255
        assert "welcome" not in away.stderr
        fleet.postgres.start()
        until(lambda: comes(own_lab, key, login, "true", host="two").status == 0, "it is taken")
        assert comes(own_lab, Key(tmp_path / "other"), login, "true").status == 255
        until(lambda: keys_of(own_lab, "nina") == [key.fingerprint], "the first one has the key")
        assert json.loads(own_lab.bastion.admin("invite", "list", "--json")) == []
