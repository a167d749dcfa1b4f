"""An account may need a sign-on at the issuer of the organisation: ssh shows an address and a code, the user signs on in a browser, and is
in. A sign-on may be remembered for the key that it was together with, and each failure says whose it is."""

import json
import signal
import subprocess

import pytest

import codes
import issuers
from fleet import Fleet
from issuers import what_is_shown
from lab import until
from lab.client import finish
from lab.downloads import Unavailable
from lab.process import run
from lab.topology import BASTION

pytestmark = [pytest.mark.bastion_only, pytest.mark.threaded]

_LINE = r"Open \S+ in a browser and enter \S+, then press Enter"


def knows(lab, issuer, **more):
    """The bastion lets users sign on there from now on."""
    lab.bastion.configure(oidc=issuer.settings(**more))
    lab.bastion.hands_over()


def sets(lab, **settings):
    """What counts at once."""
    lab.bastion.configure(**settings)
    before = lab.log.count("configuration read again: ")
    lab.bastion.send(signal.SIGHUP)
    until(lambda: lab.log.count("configuration read again: ") > before, "the configuration counts")


@pytest.fixture
def issuer(own_lab):
    try:
        with issuers.provider(own_lab) as one:
            knows(own_lab, one)
            own_lab.bastion.admin("user", "set", "alice", "--auth", "publickey+oidc")
            yield one
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture
def liar(own_lab):
    """Whose every user is alice."""
    with issuers.liar(own_lab) as one:
        knows(own_lab, one)
        own_lab.bastion.admin("user", "set", "alice", "--auth", "publickey+oidc")
        yield one


def begins(lab, user="alice", command="echo $BOX", key=True, options=()):
    """ssh at a terminal, as far as it asks; returns it, and what it shows."""
    keys = [] if key else ["-o", "PubkeyAuthentication=no"]
    terminal = lab.terminal(user, "-o", "BatchMode=no", *keys, *options, command)
    return terminal, what_is_shown(terminal.expect(_LINE).group(0))


def signs_on(lab, issuer, user="alice", who=None, how=(), **rest):
    """The whole of it; returns the exit status and all that ssh printed since then."""
    terminal, (address, code) = begins(lab, user, **rest)
    with terminal:
        issuer.sign_on(address, code, who or user, *how)
        terminal.type("\r")
        return terminal.end(seconds=60)


def by_askpass(lab, folder, user="alice", command="echo $BOX", text=""):
    """One try, without a browser."""
    line = ["ssh", "-F", lab.client.config, "-o", "BatchMode=no", "-o", "NumberOfPasswordPrompts=1", "-i", lab.key(user).path]
    return lab.client.run(*line, f"{user}@bastion", command, environment=codes.typing(folder, text))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_user_signs_on_in_a_browser(own_lab, algorithm):
    try:
        with issuers.provider(own_lab, algorithm) as issuer:
            knows(own_lab, issuer)
            own_lab.bastion.admin("user", "set", "alice", "--auth", "publickey+oidc")
            terminal, (address, code) = begins(own_lab)
            with terminal:
                assert issuer.sign_on(address, code, "alice") == "Sign-in Success"
                terminal.type("\r")
                status, printed = terminal.end(seconds=60)
            assert (status, printed.strip().splitlines()[-1]) == (0, "be1/alice")
            (row,) = json.loads(own_lab.bastion.admin("oidc", "list", "--json"))
            assert (row["user"], row["key"], row["subject"]) == ("alice", own_lab.key("alice").fingerprint, "subject-alice")
            audit = json.loads(own_lab.bastion.admin("audit", "list", "--json"))
            assert any(entry["action"] == "sign on" and entry["user"] == "alice" and entry["outcome"] == "done" for entry in audit)
            assert issuers.SECRET not in own_lab.log
    except Unavailable as reason:
        pytest.skip(str(reason))


def test_the_answer_is_there_when_they_press_enter(own_lab, liar):
    """The bastion asks while they are at their browser: by then the issuer may be away."""
    terminal, _ = begins(own_lab)
    with terminal:
        asked = liar.folder / "requests"
        until(lambda: "/keys" in asked.read_text(), "the issuer has said who they are")
        assert asked.read_text().split().count("/token") == 1
        liar.stop()
        terminal.type("\r")
        status, printed = terminal.end(seconds=60)
    assert (status, printed.strip().splitlines()[-1]) == (0, "be1/alice")


def test_a_phone_reads_where_to_sign_on(own_lab, liar, tmp_path):
    address = f"{issuers.ADDRESS}/activate?user_code=ABCD-EFGH"
    liar.says(device={"verification_uri_complete": address})
    terminal = own_lab.terminal("alice", "-o", "BatchMode=no", "echo $BOX")
    with terminal:
        screen = terminal.expect(r"(?s)point its camera here:\r*\n(.*?)\n[^\n]*" + _LINE).group(1)
        drawn = [line.rstrip() for line in screen.split("\n") if line.startswith(("█", "▀"))]
        assert len(screen.split("\n")) < 23
        assert codes.read_by_a_camera(drawn, tmp_path / "screen.pgm") == address
        terminal.type("\r")
        assert terminal.end(seconds=60)[0] == 0
    # Without the code, where the address is too long with it.
    liar.says(device={"verification_uri_complete": address + "x" * 60})
    with own_lab.terminal("alice", "-o", "BatchMode=no", "true") as terminal:
        screen = terminal.expect(r"(?s)point its camera here:\r*\n(.*?)\n[^\n]*" + _LINE).group(1)
        drawn = [line.rstrip() for line in screen.split("\n") if line.startswith(("█", "▀"))]
        assert codes.read_by_a_camera(drawn, tmp_path / "screen.pgm") == f"{issuers.ADDRESS}/activate"
    # Not in a dialogue, and not where nobody wants one.
    assert "█" not in by_askpass(own_lab, tmp_path).stdout + "".join(codes.asked(tmp_path))
    knows(own_lab, liar, qr_code=False)
    outcome = by_askpass(own_lab, tmp_path)
    assert outcome.stdout == "be1/alice"
    assert "camera" not in outcome.stderr


def test_who_signs_on_as_somebody_else_is_told_so(own_lab, issuer):
    status, printed = signs_on(own_lab, issuer, who="bob", options=["-o", "NumberOfPasswordPrompts=1"])
    assert status == 255
    assert f"you have signed on at {issuers.ADDRESS} as bob, and this login is for alice" in printed
    assert json.loads(own_lab.bastion.admin("oidc", "list", "--json")) == []


def test_who_says_no_there_is_not_let_in(own_lab, issuer):
    status, printed = signs_on(own_lab, issuer, how=["abort"], options=["-o", "NumberOfPasswordPrompts=1"])
    assert status == 255
    assert f"the issuer {issuers.ADDRESS}: it was refused there" in printed


def test_a_code_expires(own_lab):
    try:
        with issuers.provider(own_lab, code_good_for=3) as issuer:
            knows(own_lab, issuer)
            own_lab.bastion.admin("user", "set", "alice", "--auth", "publickey+oidc")
            terminal, _ = begins(own_lab, options=["-o", "NumberOfPasswordPrompts=1"])
            with terminal:
                terminal.type("\r")
                status, printed = terminal.end(seconds=60)
            assert status == 255
            assert "the code has expired: log in again to get another one" in printed
    except Unavailable as reason:
        pytest.skip(str(reason))


def test_a_sign_on_alone(own_lab, issuer):
    own_lab.bastion.admin("user", "set", "alice", "--auth", "oidc")
    status, printed = signs_on(own_lab, issuer, key=False)
    assert (status, printed.strip().splitlines()[-1]) == (0, "be1/alice")
    # Nobody learns from it who has an account: a name that nobody has is asked too, where the configuration says so.
    sets(own_lab, auth="oidc")
    status, printed = signs_on(own_lab, issuer, user="nobdy", key=False, options=["-o", "NumberOfPasswordPrompts=1"])
    assert status == 255
    assert f"you have signed on at {issuers.ADDRESS} as nobdy, and nobody is called so here; ask your administrator" in printed


def test_it_is_remembered_for_the_key(own_lab, issuer, tmp_path):
    sets(own_lab, oidc_remember="8h")
    assert own_lab.ssh("alice", "true").status == 255
    assert signs_on(own_lab, issuer)[0] == 0
    # scp, an editor: whatever cannot open a browser.
    file = tmp_path / "file"
    file.write_text("some text")
    copied = own_lab.client.run("scp", "-F", own_lab.client.config, "-i", own_lab.key("alice").path, file, "alice@bastion:/tmp/copied")
    assert copied.status == 0, copied
    assert own_lab.ssh("alice", "cat /tmp/copied").stdout == "some text"
    explained = own_lab.bastion.explained("alice")
    assert any(step["what"].startswith("remembered for key") for step in explained["steps"])
    # For no other key of hers.
    other = own_lab.key("other")
    with own_lab.enrolled("alice", other.public):
        outcome = own_lab.client.run("ssh", "-F", own_lab.client.config, "-i", other.path, "alice@bastion", "true")
        assert "Permission denied (keyboard-interactive)" in outcome.stderr
    # And not for ever.
    sets(own_lab, oidc_remember=0)
    assert own_lab.ssh("alice", "true").status == 255


def test_sessions_end_when_it_is_forgotten(own_lab, issuer):
    sets(own_lab, oidc_remember="8h")
    assert signs_on(own_lab, issuer)[0] == 0
    client = own_lab.session("alice")
    own_lab.bastion.admin("oidc", "forget", "alice")
    until(lambda: client.poll() is not None, "the session ends")
    outcome = finish(client)
    assert "you have to sign on again; log in again to do so" in outcome.stderr
    own_lab.bastion.log_of(outcome.id, has="reason=sign_on_forgotten")
    assert own_lab.ssh("alice", "true").status == 255
    assert "has signed on nowhere" in own_lab.bastion.tries("oidc", "forget", "alice").stderr


def test_a_session_is_bounded_by_its_sign_on(own_lab, issuer):
    sets(own_lab, oidc_session="8h")
    terminal, (address, code) = begins(own_lab, command="echo up; cat")
    with terminal:
        issuer.sign_on(address, code, "alice")
        terminal.type("\r")
        terminal.expect("up")
        sets(own_lab, oidc_session=1)
        status, printed = terminal.end(seconds=60)
    assert status == 255
    assert "you have signed on too long ago; log in again to sign on again" in printed


def test_groups_are_what_the_issuer_says(own_lab, issuer):
    for group in ("dev", "ops", "other"):
        own_lab.bastion.admin("group", "add", group)
    own_lab.bastion.admin("group", "join", "ops", "alice")
    own_lab.bastion.admin("group", "join", "other", "alice")
    knows(own_lab, issuer, groups={"Developers": "dev", "Operations": "ops", "Nowhere": "gone"})
    issuer.claims_groups(alice=["Developers", "other", "Nowhere"])
    assert signs_on(own_lab, issuer)[0] == 0
    shown = json.loads(own_lab.bastion.admin("user", "show", "alice", "--json"))
    assert "dev" in str(shown["groups"]) and "other" in str(shown["groups"]) and "ops" not in str(shown["groups"])
    (entry,) = [row for row in json.loads(own_lab.bastion.admin("audit", "list", "--json")) if row["action"] == "sign on"]
    assert "joined=dev left=ops" in entry["detail"]
    assert shown["role"] == "user"


def test_an_account_is_made_at_the_first_sign_on(own_lab, issuer):
    own_lab.bastion.admin("group", "add", "dev")
    own_lab.bastion.configure(auth="oidc")
    knows(own_lab, issuer, create=True, groups={"Developers": "dev"})
    issuer.claims_groups(nina=["Developers"])
    status, printed = signs_on(own_lab, issuer, user="nina", key=False)
    assert status == 255
    assert "you have no container yet; ask your administrator for one" in printed
    shown = json.loads(own_lab.bastion.admin("user", "show", "nina", "--json"))
    assert shown["role"] == "user" and "dev" in str(shown["groups"])
    # Whoever signs on as somebody else makes nothing.
    status, _ = signs_on(own_lab, issuer, user="otto", who="nina", key=False, options=["-o", "NumberOfPasswordPrompts=1"])
    assert status == 255
    assert own_lab.bastion.tries("user", "show", "otto").status == 1


def test_a_fleet_has_sign_ons_in_common(own_lab, liar, tmp_path):
    settings = {"oidc": liar.settings(create=True), "oidc_remember": "8h", "auth": "oidc"}
    own_lab.bastion.configure(**settings)
    own_lab.bastion.hands_over()
    with Fleet(own_lab) as fleet:
        two = fleet.add("two", fleet.begin())
        two.configure(**settings)
        two.hands_over()
        who = lambda bastion: [row["user"] for row in json.loads(bastion.admin("oidc", "list", "--json"))]
        there = lambda: own_lab.client.run(*own_lab.client.ssh_line("alice", "two", "echo $BOX"))
        assert there().status == 255
        # Signed on at one, and let in at the other by the key that was shown.
        assert by_askpass(own_lab, tmp_path).stdout == "be1/alice"
        until(lambda: who(two) == ["alice"], "the other one knows of it")
        asked = (liar.folder / "requests").read_text()
        assert there().succeeded().stdout == "be1/alice"
        assert (liar.folder / "requests").read_text() == asked
        # Forgotten at one, and at all.
        two.admin("oidc", "forget", "alice")
        until(lambda: who(own_lab.bastion) == [], "the first one has forgotten it")
        assert own_lab.ssh("alice", "true").status == 255
        # An account that is made at one is there at the other.
        liar.says(claims={"preferred_username": "nina"})
        assert "you have no container yet" in by_askpass(own_lab, tmp_path, user="nina").stderr
        until(lambda: two.tries("user", "show", "nina").status == 0, "the other one has the account")


def test_names_are_folded_where_they_are_folded(own_lab, issuer):
    status, _ = signs_on(own_lab, issuer, who="ALICE", options=["-o", "NumberOfPasswordPrompts=1"])
    assert status == 255
    sets(own_lab, fold_names=True)
    assert signs_on(own_lab, issuer, who="ALICE")[0] == 0


def test_an_issuer_that_is_away_is_blamed(own_lab, issuer, tmp_path):
    issuer.stop()
    outcome = by_askpass(own_lab, tmp_path)
    assert outcome.status == 255
    assert f"Single sign-on: the issuer {issuers.ADDRESS} cannot be reached: " in outcome.stderr
    assert codes.asked(tmp_path) == []
    own_lab.bastion.waits_for_log("a sign-on fails id=")
    issuer.start()
    assert signs_on(own_lab, issuer)[0] == 0


def test_the_issuer_is_one_whose_certificate_is_good(own_lab, issuer, tmp_path):
    elsewhere = issuers.certified(tmp_path / "elsewhere")
    knows(own_lab, issuer, ca_file=str(elsewhere))
    outcome = by_askpass(own_lab, tmp_path)
    assert "cannot be reached: SSL certificate problem" in outcome.stderr


def test_explain_says_what_a_sign_on_is_for(own_lab, issuer):
    explained = own_lab.bastion.explained("alice")
    (step,) = [step for step in explained["steps"] if step["step"] == "sign-on"]
    assert step["what"] == f"not tried: at {issuers.ADDRESS}"
    own_lab.bastion.configure(oidc={})
    own_lab.bastion.hands_over()
    assert "the bastion knows no issuer (oidc in bastion.toml)" in own_lab.bastion.explained("alice")["why"]


def test_without_an_issuer_who_needs_one_is_told_so(own_lab, tmp_path):
    own_lab.bastion.admin("user", "set", "alice", "--auth", "publickey+oidc")
    outcome = by_askpass(own_lab, tmp_path)
    assert "Single sign-on: the bastion knows no issuer (oidc in bastion.toml); tell your administrator." in outcome.stderr


def test_strangers_make_the_issuer_no_work(own_lab, liar):
    """Whoever has not shown the key that comes before it."""
    line = ["ssh", "-F", own_lab.client.config, "-o", "BatchMode=no", "-o", "PubkeyAuthentication=no"]
    for user in ("alice", "nobdy"):
        outcome = own_lab.client.run(*line, f"{user}@bastion", "true", environment=codes.typing(liar.folder))
        assert "Permission denied (publickey)" in outcome.stderr
    assert not (liar.folder / "requests").exists()


def test_how_often_somebody_begins_is_limited(own_lab, liar, tmp_path):
    own_lab.bastion.admin("user", "set", "alice", "--auth", "oidc")
    line = ["ssh", "-F", own_lab.client.config, "-o", "BatchMode=no", "-o", "PubkeyAuthentication=no"]
    (liar.folder / "says.json").write_text(json.dumps({"issuer": issuers.ADDRESS, "client_id": "bastion", "status": 503}))
    said = ""
    for _ in range(7):
        said += own_lab.client.run(*line, "alice@bastion", "true", environment=codes.typing(tmp_path)).stderr
    assert "your address has begun to sign on 6 times within a minute; try again in a moment" in said
    assert (liar.folder / "requests").read_text().count("openid-configuration") == 6


_LIES = {
    "unsigned": ({"header": {"alg": "none"}, "signature": "none"}, "is not signed by an algorithm that is accepted"),
    "by a secret": ({"header": {"alg": "HS256"}, "signature": "hmac"}, "is not signed by an algorithm that is accepted"),
    "by another key": ({"signature": "other"}, "is not signed by a key of its set"),
    "another issuer": ({"claims": {"iss": "https://elsewhere"}}, "its token is of another issuer"),
    "another client": ({"claims": {"aud": "else"}}, "its token is for another client than bastion"),
    "expired": ({"claims": {"exp": 1}}, "its token has expired"),
    "old": ({"claims": {"iat": 1}}, "its token was made long ago"),
    "no name": ({"claims": {"preferred_username": None}}, "its token has no preferred_username"),
    "other discovery": ({"discovery": {"issuer": "https://elsewhere"}}, "its discovery document is of another issuer"),
    "plain": ({"discovery": {"token_endpoint": "http://10.1.0.2/"}}, "is no https address"),
    "cursor": ({"device": {"user_code": "\x1b[2J"}}, "has no user_code"),
    "redirected": ({"status": 302}, "HTTP status 302"),
    "no json": ({"body": "<html>"}, "is not a JSON object"),
    "endless": ({"body": "x" * 300_000}, "its answer is longer than any may be"),
}


@pytest.mark.parametrize("lie", _LIES)
def test_a_lie_lets_nobody_in(own_lab, tmp_path, lie):
    says, sentence = _LIES[lie]
    with issuers.liar(own_lab, **says) as one:
        knows(own_lab, one)
        own_lab.bastion.admin("user", "set", "alice", "--auth", "publickey+oidc")
        outcome = by_askpass(own_lab, tmp_path)
        assert outcome.status == 255
        assert sentence in outcome.stderr, outcome
        assert outcome.stderr.isprintable() or "\x1b" not in outcome.stderr


def test_the_liar_tells_the_truth_too(own_lab, liar, tmp_path):
    """Else the lies above would show nothing."""
    assert by_askpass(own_lab, tmp_path).stdout == "be1/alice"


def test_putty(own_lab, liar, tmp_path):
    key = tmp_path / "alice.ppk"
    run(["puttygen", own_lab.key("alice").path, "-O", "private", "-o", key])
    lines = [run(["ssh-keygen", "-l", "-f", file]).split()[1] for file in (own_lab.bastion.state / "host_keys").iterdir() if file.suffix != ".pub"]
    known = [word for fingerprint in lines for word in ("-hostkey", fingerprint)]
    line = ["plink", "-ssh", "-no-antispoof", *known, "-i", key, "-P", "2222", "-l", "alice", BASTION["front"], "echo $BOX"]
    outcome = own_lab.client.run(*line, input="\n")
    assert outcome.stdout.endswith("be1/alice"), outcome


def test_the_process_that_talks_to_the_issuer_has_none_of_the_keys(own_lab, liar):
    pids = [pid for pid in own_lab.middle_pids() if b"sign-on" in open(f"/proc/{pid}/cmdline", "rb").read()]
    assert len(pids) == 1
    maps = subprocess.run(["ls", "-l", f"/proc/{pids[0]}/fd"], capture_output=True, text=True, check=True).stdout
    assert "bastion.db" not in maps and "host_keys" not in maps
