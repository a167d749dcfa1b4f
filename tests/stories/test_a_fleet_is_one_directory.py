"""Two bastions with one directory: whoever may do something at one of them may do it at the other, at once."""

import signal

import pytest

from fleet import AWAY, PASSWORD, Fleet
from lab.deadline import until
from lab.key import fingerprint_of

pytestmark = pytest.mark.bastion_only


@pytest.fixture
def fleet(own_lab):
    with Fleet(own_lab) as fleet:
        yield fleet


def add_nina(bastion, lab):
    bastion.admin("user", "add", "nina", "--key", lab.key("nina").public)
    bastion.admin("container", "share", "alice/web", "nina")


def test_two_bastions_are_one(fleet):
    lab, one = fleet.lab, fleet.lab.bastion
    two = fleet.add("two", fleet.begin())
    # The same directory, host keys and identity.
    for bastion in ("bastion", "two"):
        assert fleet.ssh(bastion, "alice", "echo $BOX").stdout == "be1/alice"
    assert one.identity() == two.identity()
    # Added at one, let in at the other.
    add_nina(two, lab)
    until(lambda: fleet.ssh("bastion", "nina", "echo $BOX").stdout == "be1/alice", "nina is let in at the other one")
    # A key that is removed at one ends what it has opened at the other.
    session = fleet.session("two", "nina")
    one.admin("key", "remove", "nina", fingerprint_of(lab.key("nina").public))
    assert session.wait(20) == 255
    assert b"the key you logged in with was removed" in session.communicate()[1]
    two.waits_for_log("key_removed")
    # So do commands that come by SSH, and those that a bastion carries out that serves.
    assert fleet.gives("two", "key", "add", "nina", f"'{lab.key('nina').public.strip()}'").succeeded()
    until(lambda: fleet.ssh("bastion", "nina", "true").status == 0, "it lets nina in again")
    # A ban counts everywhere.
    one.admin("ban", "add", "10.1.0.2")
    until(lambda: fleet.ssh("two", "alice", "true").status != 0, "the other one refuses the address too")
    one.admin("ban", "lift", "10.1.0.2")
    until(lambda: fleet.ssh("two", "alice", "true").status == 0, "and lets it in again")
    # An upgrade takes nothing away from it.
    session = fleet.session("two", "nina")
    two.configure(workers=3)
    two.hands_over()
    one.admin("container", "unshare", "alice/web", "nina")
    assert session.wait(20) == 255
    assert fleet.ssh("two", "nina", "true").status == 255
    one.admin("user", "add", "olga")
    until(lambda: "olga" in two.admin("user", "list"), "the new process follows")
    # Nothing of a session or the audit is anybody else's.
    assert "nina" in two.admin("session", "list", "--all")
    assert PASSWORD not in one.log + two.log


def test_without_their_database_they_let_people_in_and_change_nothing(fleet):
    lab, one = fleet.lab, fleet.lab.bastion
    two = fleet.add("two", fleet.begin())
    add_nina(one, lab)
    until(lambda: fleet.ssh("two", "nina", "true").status == 0, "nina is let in")
    fleet.postgres.stop()
    for bastion in ("bastion", "two"):
        assert fleet.ssh(bastion, "alice", "echo $BOX").stdout == "be1/alice"
    refused = one.tries("user", "add", "olga")
    assert refused.status == 1 and AWAY in refused.stderr and str(fleet.postgres.folder) in refused.stderr
    refused = fleet.gives("two", "user", "add", "olga")
    assert refused.status == 1 and AWAY in refused.stderr and "10.1.1.9" in refused.stderr
    assert "user add" in fleet.gives("two", "audit", "list").stdout
    # One that is started meanwhile serves all the same.
    two.kill()
    two.start()
    assert fleet.ssh("two", "nina", "echo $BOX").stdout == "be1/alice"
    # A machine that nobody has been to: its host key is for all to agree on.
    refused = fleet.ssh("two", "bob", "true")
    assert refused.status == 255 and "you are the first to go there" in refused.stderr
    fleet.postgres.start()
    until(lambda: fleet.gives("bastion", "user", "add", "olga").status == 0, "changes go on")
    two.waits_for_log("the fleet's log is followed again")
    until(lambda: "olga" in two.admin("user", "list"), "both have it")
    until(lambda: fleet.ssh("two", "bob", "echo $BOX").stdout == "be2/bob", "the host key can be written down")
    # One that is killed finds what has happened without it.
    one.kill()
    two.admin("user", "add", "pia")
    one.start()
    until(lambda: "pia" in one.admin("user", "list"), "it has caught up")


def test_a_database_that_is_silent_holds_up_nobody(fleet):
    lab = fleet.lab
    two = fleet.add("two", fleet.begin())
    assert fleet.ssh("two", "alice", "true").succeeded()
    fleet.postgres.cable.unplug()
    assert fleet.ssh("two", "alice", "echo $BOX").stdout == "be1/alice"
    refused = two.tries("user", "add", "olga")
    assert refused.status == 1 and AWAY in refused.stderr and "10.1.1.9" in refused.stderr
    # While somebody waits for it, others come in, and records are written.
    waiting = two.starts("user", "add", "olga")
    assert fleet.ssh("two", "alice", "echo $BOX").stdout == "be1/alice"
    assert waiting.wait(30) == 1
    refused = fleet.ssh("two", "bob", "true")
    assert refused.status == 255 and "you are the first to go there" in refused.stderr
    two.terminate()
    assert two.ended() == 0
    two.start()
    assert fleet.ssh("two", "alice", "echo $BOX").stdout == "be1/alice"
    fleet.postgres.cable.plug()
    until(lambda: two.tries("user", "add", "olga").status == 0, "changes go on")
    until(lambda: "olga" in lab.bastion.admin("user", "list"), "the other one has it")


def contents(folder):
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*")) if folder.exists() else None


def test_joining_says_what_is_so_and_leaves_nothing_half_done(fleet):
    one = fleet.lab.bastion
    two = fleet.machine("two")
    assert "the fleet has no directory yet" in two.joins().stderr
    # Whoever serves has read the configuration before.
    one.configure(fleet={"database": fleet.postgres.by_socket, "node": "one"})
    assert "another bastion serves from" in one.joins().stderr
    # It goes on alone: a process that serves a fleet does not begin with a directory that is none of one's.
    one.send(signal.SIGHUP)
    one.waits_for_log("has not joined it: run `bastion join`")
    one.terminate()
    assert one.ended() == 0
    refused = one.tries("user", "add", "olga")
    assert refused.status == 1 and "has not joined it: run `bastion join`" in refused.stderr
    assert "has not joined it: run `bastion join`" in one.serves_too().stderr
    key = one.joins().succeeded().stdout.splitlines()[-1]
    assert "is one of the fleet already, as one" in one.joins().succeeded().stdout
    # Only who has the key gets the keys, and nothing is made before that.
    assert "this is no join key" in two.joins("nonsense").stderr
    assert "this is not the join key of the fleet" in two.joins("join-" + "0" * 64).stderr
    assert contents(two.state) is None
    newer = one.joins(None, "--new-key").succeeded().stdout.splitlines()[-1]
    assert "not its newest one" in two.joins(key).stderr
    # What was interrupted goes.
    half = two.state / ".joining"
    (half / "host_keys").mkdir(parents=True)
    two.state.chmod(0o700)
    (half / "host_keys" / "ed25519").write_text("half a key")
    (two.state / "identity").mkdir()
    two.joins(newer).succeeded()
    assert contents(two.state) == sorted(["bastion.db", "host_keys", "identity", "instance.lock", *keys_of(one)])
    assert "is one of the fleet already, as two" in two.joins().succeeded().stdout
    for name in keys_of(one):
        assert (two.state / name).read_bytes() == (one.state / name).read_bytes()
        assert (two.state / name).stat().st_mode & 0o777 == 0o600
    # No private key of theirs is in PostgreSQL as it stands.
    everything = fleet.postgres.ask("SELECT encode(sealed, 'escape') FROM common_keys")
    assert "OPENSSH" not in everything
    assert all("join" in each.admin("audit", "list") for each in (one, two))
    # A directory of its own, keys of its own.
    three = fleet.machine("three")
    three.configure(fleet={})
    three.init("root", fleet.lab.key("root").path.with_suffix(".pub"))
    three.configure(fleet={"database": fleet.postgres.by_network, "node": "three"})
    assert "`bastion join --merge`" in three.joins(newer).stderr
    (three.state / "bastion.db").unlink()
    assert "this machine has keys of its own" in three.joins(newer).stderr
    # A copy is no directory of one machine's.
    two.configure(fleet={})
    refused = two.tries("user", "add", "olga")
    assert refused.status == 1 and "the copy of a fleet's directory" in refused.stderr
    two.configure(fleet={"database": fleet.postgres.by_network, "node": "two"})
    two.admin("user", "add", "olga")
    one.start()


def keys_of(bastion):
    folders = [bastion.state / "host_keys", bastion.state / "identity"]
    return [str(each.relative_to(bastion.state)) for folder in folders for each in sorted(folder.iterdir())]
