"""What is shown at terminals can be looked at afterwards, by whom it may be, and without what was typed."""

import contextlib
import json
import os
import re
import signal

import pytest
from lab.deadline import until
from lab.terminal import Terminal
from test_files_go_one_way import sftp
from test_the_disk_is_full import full, small_disk

TOLD = "bastion: this session is recorded"

records = pytest.mark.lab_with(settings={"record": "terminals"})


def recordings(lab):
    return json.loads(lab.bastion.admin("session", "recordings", "--json"))


def exported(lab, id):
    """Header and events."""
    header, *events = lab.bastion.admin("session", "export", id).splitlines()
    return json.loads(header), [json.loads(event) for event in events]


def shown(events):
    return "".join(data for _, kind, data in events if kind == "o")


def marks(lab, id):
    return [data for _, kind, data in exported(lab, id)[1] if kind == "m"]


def asciinema_shows(text, lab, id, folder, *words):
    cast = folder / "session.cast"
    cast.write_text(lab.bastion.admin("session", "export", id))
    environment = os.environ | {"LC_ALL": "C.UTF-8", "HOME": str(folder), "TERM": "xterm"}
    with Terminal(["asciinema", *words, str(cast)], environment) as terminal:
        terminal.expect(text)
        assert terminal.end()[0] == 0


def written(lab):
    """The only recording there is, when it is complete."""
    until(lambda: recordings(lab) and marks(lab, recordings(lab)[0]["id"]), "it is written")
    (one,) = recordings(lab)
    return one


@contextlib.contextmanager
def shell(lab, **size):
    """At a terminal; it ends with the block."""
    with lab.terminal("alice", **size) as terminal:
        terminal.expect(r"\$ ")
        yield terminal
        terminal.type("exit\n")
        terminal.end()


@contextlib.contextmanager
def shell_while_the_disk_is_full(lab):
    """Whoever is in goes on."""
    with small_disk(lab) as state:
        lab.ssh("bob", "true").succeeded()  # a host that is not known yet has to be written down
        with shell(lab) as terminal:
            with full(state):
                terminal.type("echo l''ost\n")
                terminal.expect("lost")
                lab.bastion.waits_for_log("recordings cannot be written")
                yield
            lab.bastion.waits_for_log("recordings are written again")
        until(lambda: any("are missing here" in mark for one in recordings(lab) for mark in marks(lab, one["id"])), "the gap is told")
        assert TOLD in lab.ssh("bob", "true", "-tt").succeeded().stderr


def at_a_terminal(lab, text="hello", user="alice"):
    """A session in which that was shown; the id of its recording."""
    with lab.terminal(user, rows=30, columns=100) as terminal:
        assert terminal.expect(TOLD)
        terminal.expect(r"\$ ")
        terminal.type(f"echo {text[0]}''{text[1:]}\n")
        terminal.expect(text)
        terminal.type("exit 3\n")
        assert terminal.end()[0] == 3
    return written(lab)["id"]


@records
def test_what_a_terminal_showed_is_exported(own_lab):
    id = at_a_terminal(own_lab)
    header, events = exported(own_lab, id)
    assert (header["version"], header["width"], header["height"]) == (2, 100, 30)
    assert header["env"]["TERM"] and header["bastion"]["user"] == "alice"
    assert "hello" in shown(events)
    assert [data for _, kind, data in events if kind == "m"] == ["exit status 3"]
    assert not [event for event in events if event[1] == "i"]
    times = [at for at, _, _ in events]
    assert times == sorted(times)


@records
def test_asciinema_plays_what_is_exported(own_lab, tmp_path):
    id = at_a_terminal(own_lab)
    for words in (["play", "--speed", "100"], ["cat"]):
        asciinema_shows("hello", own_lab, id, tmp_path, *words)


@records
def test_a_secret_that_no_terminal_shows_is_not_in_it(own_lab):
    with shell(own_lab) as terminal:
        terminal.type("stty -echo; echo re''ady; read password; stty echo; echo read it\n")
        terminal.expect("ready")
        terminal.type("correct horse\n")
        terminal.expect("read it")
    one = written(own_lab)
    assert "read it" in shown(exported(own_lab, one["id"])[1])
    assert "horse" not in own_lab.bastion.admin("session", "export", one["id"])


@records
def test_nothing_else_is_recorded_and_nobody_else_is_told(own_lab):
    outcome = own_lab.ssh("alice", "echo out")
    assert (outcome.stdout, outcome.stderr) == ("out", "")
    assert recordings(own_lab) == []


@records
def test_a_forced_command_at_a_terminal_is_recorded_as_what_it_is(own_lab):
    own_lab.bastion.admin("user", "set", "alice", "--options", 'command="echo forced"')
    outcome = own_lab.ssh("alice", "echo wanted", "-tt")
    assert "forced" in outcome.stdout and TOLD in outcome.stderr
    one = written(own_lab)
    assert one["command"] == "echo forced" and "forced" in shown(exported(own_lab, one["id"])[1])


@pytest.mark.lab_with(settings={"record": "all"})
def test_commands_are_recorded_by_their_words_and_how_they_ended(own_lab):
    assert own_lab.ssh("alice", "echo a lot; exit 7").status == 7
    one = written(own_lab)
    assert one["command"] == "echo a lot; exit 7"
    assert marks(own_lab, one["id"]) == ["exit status 7"]
    assert shown(exported(own_lab, one["id"])[1]) == ""


@pytest.mark.lab_with(settings={"record": "all"})
def test_what_is_done_by_sftp_is_recorded_and_what_files_hold_is_not(own_lab, tmp_path):
    admin = own_lab.bastion.admin
    (tmp_path / "new").write_text("a secret" * 10_000)
    sftp(own_lab, [f"put {tmp_path}/new sent", f"get sent {tmp_path}/back", "rename sent kept", "rm nothing"]).succeeded()
    one = written(own_lab)
    assert one["command"] == "subsystem sftp"
    done = [mark for mark in marks(own_lab, one["id"]) if mark.startswith("sftp ")]
    assert done == [
        'sftp open "/home/alice/sent", 80000 bytes written',
        'sftp open "/home/alice/sent", 80000 bytes read',
        'sftp rename "/home/alice/sent" "/home/alice/kept"',
        'sftp remove "/home/alice/nothing": no such file',
    ]
    assert "a secret" not in admin("session", "export", one["id"])
    admin("user", "set", "alice", "--sftp", "read")
    sftp(own_lab, ["rm kept"])
    until(lambda: len(recordings(own_lab)) == 2, "it is recorded")
    (newest,) = {recording["id"] for recording in recordings(own_lab)} - {one["id"]}
    until(lambda: "exit status 0" in marks(own_lab, newest), "it has ended")
    assert 'sftp remove "/home/alice/kept": permission denied' in marks(own_lab, newest)


@pytest.mark.lab_with(settings={"record": "all"})
def test_who_is_recorded_without_a_terminal_is_told_beside_what_is_carried(own_lab, tmp_path):
    client, home = own_lab.client, own_lab.container("alice").home
    (tmp_path / "new").write_text("what is new")
    said = own_lab.ssh("alice", "echo out").succeeded()
    assert (said.stdout, said.stderr.strip()) == ("out", TOLD)
    options, ssh = client.options("alice"), client.ssh_command("alice")
    own_lab.ssh("alice", "git init -q --bare repository").succeeded()
    for words in (
        ["sftp", *options, "-b", "-", "alice@bastion"],
        ["scp", "-O", "-q", *options, tmp_path / "new", "alice@bastion:copied"],
        ["scp", "-q", *options, tmp_path / "new", "alice@bastion:sent"],
        ["rsync", "-e", ssh, tmp_path / "new", "alice@bastion:synchronized"],
        ["git", "ls-remote", "alice@bastion:repository"],
    ):
        outcome = client.run(*words, input="", environment={"GIT_SSH_COMMAND": ssh}).succeeded()
        assert outcome.stderr.count(TOLD) == 1, words
    assert [(home / name).read_text() for name in ("copied", "sent", "synchronized")] == ["what is new"] * 3
    connect = f'set sftp:connect-program "{ssh} -a -x"; open sftp://alice:x@bastion; '
    client.run("lftp", "-c", f"set net:max-retries 1; {connect} get sent -o {tmp_path}/back").succeeded()
    assert (tmp_path / "back").read_text() == "what is new"


@pytest.mark.lab_with(settings={"record": "all"})
def test_what_is_done_by_sftp_is_recorded_where_a_key_does_nothing_else(own_lab):
    own_lab.bastion.admin("user", "set", "alice", "--options", 'restrict,command="internal-sftp"')
    sftp(own_lab, ["mkdir made"]).succeeded()
    assert 'sftp mkdir "/home/alice/made"' in marks(own_lab, written(own_lab)["id"])


@records
def test_sessions_of_one_connection_have_a_recording_each_and_forwards_have_none(own_lab, tmp_path):
    with own_lab.logged_in("alice", "-M", "-S", tmp_path / "socket", "-L", f"{tmp_path}/forward:localhost:22") as master:
        assert master.poll() is None
        for word in ("one", "two"):
            own_lab.ssh("alice", f"echo {word}", "-tt", "-S", str(tmp_path / "socket")).succeeded()
    until(lambda: [data for row in recordings(own_lab) for data in marks(own_lab, row["id"])] == ["exit status 0"] * 2, "both are written")
    ids = sorted(row["id"] for row in recordings(own_lab))
    assert [id.partition("-")[2] for id in ids] == ["1", "2"]
    assert [shown(exported(own_lab, id)[1]).strip() for id in ids] == ["one", "two"]


@records
def test_a_folder_that_is_gone_is_as_a_disk_that_is_full(own_lab):
    folder = own_lab.bastion.state / "recordings"
    aside = folder.with_name("aside")
    folder.rename(aside)
    own_lab.ssh("alice", "true", "-tt").succeeded()
    own_lab.bastion.waits_for_log("recordings cannot be written")
    assert "no room for that now" in own_lab.ssh("alice", "true", "-tt").stderr
    own_lab.ssh("alice", "true").succeeded()
    aside.rename(folder)
    own_lab.bastion.waits_for_log("recordings are written again")
    assert TOLD in own_lab.ssh("alice", "true", "-tt").succeeded().stderr


@records
def test_what_is_recorded_counts_for_sessions_that_begin(own_lab):
    with shell(own_lab) as terminal:
        own_lab.bastion.admin("user", "set", "alice", "--record", "none")
        assert TOLD not in own_lab.ssh("alice", "true", "-tt").succeeded().stderr
        terminal.type("echo still h''ere\n")
        terminal.expect("still here")
        own_lab.bastion.admin("user", "set", "alice", "--record", "terminals")
        assert TOLD in own_lab.ssh("alice", "true", "-tt").succeeded().stderr
    until(lambda: sum("exit status 0" in marks(own_lab, row["id"]) for row in recordings(own_lab)) == 2, "both are written")
    assert sorted("still here" in shown(exported(own_lab, row["id"])[1]) for row in recordings(own_lab)) == [False, True]


@records
def test_bytes_that_are_no_text_are_replaced(own_lab):
    own_lab.ssh("alice", "printf 'a\\377\\2336nb\\n'", "-tt").succeeded()
    assert "a\ufffd\ufffd6nb" in shown(exported(own_lab, written(own_lab)["id"])[1])


def test_who_is_recorded_is_said_of_users_groups_and_containers(own_lab):
    admin = own_lab.bastion.admin
    own_lab.ssh("alice", "true", "-tt")
    assert recordings(own_lab) == []
    admin("group", "add", "ops")
    admin("group", "join", "ops", "alice")
    admin("group", "set", "ops", "--record", "terminals")
    admin("user", "set", "alice", "--record", "none")  # whoever records most counts
    assert TOLD in own_lab.ssh("alice", "true", "-tt").stderr
    until(lambda: len(recordings(own_lab)) == 1, "it is recorded")
    record = [step for step in own_lab.bastion.explained("alice")["steps"] if step["step"] == "record"]
    assert [step["what"] for step in record] == ["terminals (group ops)"]
    admin("group", "set", "ops", "--record", "default")
    assert TOLD not in own_lab.ssh("alice", "true", "-tt").stderr
    assert len(recordings(own_lab)) == 1


@pytest.mark.lab_with(settings={"record_least": "terminals"})
def test_what_the_configuration_wants_at_least_no_command_takes_back(own_lab):
    own_lab.bastion.admin("user", "set", "alice", "--record", "none")
    own_lab.bastion.admin("container", "set", "alice/web", "--record", "none")
    assert TOLD in own_lab.ssh("alice", "true", "-tt").stderr
    until(lambda: len(recordings(own_lab)) == 1, "it is recorded")
    record = [step for step in own_lab.bastion.explained("alice")["steps"] if step["step"] == "record"]
    assert [step["what"] for step in record] == ["terminals (as configured)"]


@records
def test_what_was_shown_is_there_when_the_bastion_was_killed(own_lab, tmp_path):
    with own_lab.terminal("alice") as terminal:
        terminal.expect(r"\$ ")
        terminal.type("echo l''ast words\n")
        terminal.expect("last words")
        until(lambda: recordings(own_lab) and "last words" in shown(exported(own_lab, recordings(own_lab)[0]["id"])[1]), "it is written")
        own_lab.bastion.kill()
    (one,) = recordings(own_lab)
    assert "last words" in shown(exported(own_lab, one["id"])[1])
    assert "last words" in own_lab.bastion.admin("session", "play", one["id"])
    asciinema_shows("last words", own_lab, one["id"], tmp_path, "play", "--speed", "100")
    own_lab.bastion.start()


@records
def test_an_administrator_plays_it_in_the_console_and_over_ssh(own_lab):
    id = at_a_terminal(own_lab)
    with own_lab.client.terminal("root", "bastion", "-s", "-t", "-t", "admin", "session", "play", id, "--speed", "50") as terminal:
        terminal.expect("hello")
        terminal.expect("-- exit status 3")
        assert terminal.end()[0] == 0
    with own_lab.client.terminal("root", "bastion", "-s", "-t", "-t", "admin") as terminal:
        terminal.expect("> ")
        terminal.type(f"session play {id} --speed 50\n")
        terminal.expect("-- exit status 3")
        terminal.expect("> ")
        terminal.type("exit\n")
        terminal.end()
    text = own_lab.ssh("root", f"admin session play {id}", "-s").stdout
    assert "hello\n" in text and "\x1b" not in text
    rows = json.loads(own_lab.bastion.admin("audit", "list", "--json"))
    assert ["session play"] * 3 == [row["action"] for row in rows if row["action"] == "session play"]


def test_recordings_are_for_auditors_and_nobody_below(own_lab):
    outcome = own_lab.ssh("alice", "admin session recordings", "-s")
    assert outcome.status != 0 and "administrators" in outcome.stderr
    own_lab.bastion.admin("user", "set", "alice", "--role", "auditor")
    assert own_lab.ssh("alice", "admin session recordings", "-s").stdout == "no recordings"


@records
def test_while_the_disk_is_full_a_recorded_session_is_refused_and_nobody_else(own_lab):
    with shell_while_the_disk_is_full(own_lab):
        refused = own_lab.ssh("bob", "true", "-tt")
        assert refused.status != 0 and "no room for that now" in refused.stderr
        assert own_lab.ssh("bob", "echo in").stdout == "in"


@pytest.mark.lab_with(settings={"record": "terminals", "record_when_full": "less"})
def test_where_that_is_wanted_they_go_on_unrecorded(own_lab):
    with shell_while_the_disk_is_full(own_lab):
        gone_on = own_lab.ssh("bob", "echo in", "-tt").succeeded()
        assert "in" in gone_on.stdout and TOLD not in gone_on.stderr
        own_lab.bastion.waits_for_log("session is not recorded")


@records
def test_a_flood_at_a_terminal_is_recorded_to_its_end(own_lab):
    """Whoever is recorded waits for the recorder."""
    printed = own_lab.ssh("alice", "stty -onlcr; seq 1 400000; echo the end", "-tt").stdout
    assert "the end" in printed
    id = written(own_lab)["id"]
    assert marks(own_lab, id) == ["exit status 0"]
    numbers = re.findall(r"^(\d+)$", shown(exported(own_lab, id)[1]).replace("\r", ""), re.MULTILINE)
    assert [int(number) for number in numbers] == list(range(1, 400001))


@records
def test_a_session_that_stays_in_an_older_process_is_recorded_there_to_its_end(own_lab):
    with shell(own_lab) as terminal:
        own_lab.bastion.configure(version_grace=11, key_exchange=["curve25519-sha256"])
        own_lab.bastion.hands_over()
        terminal.type("echo a''fterwards\n")
        terminal.expect("afterwards")
    one = written(own_lab)
    assert "afterwards" in shown(exported(own_lab, one["id"])[1])


@pytest.mark.lab_with(settings={"record": "terminals", "record_keep": "1h"})
def test_recordings_that_are_too_old_go(own_lab):
    id = at_a_terminal(own_lab)
    file = own_lab.bastion.state / "recordings" / f"{id}.cast.zst"
    assert file.stat().st_mode & 0o777 == 0o600 and file.parent.stat().st_mode & 0o777 == 0o700
    os.utime(file, (0, 0))
    own_lab.bastion.configure(record_keep="2h")
    own_lab.bastion.send(signal.SIGHUP)
    until(lambda: not file.exists(), "it is taken away")
    own_lab.bastion.waits_for_log("recordings taken away")
