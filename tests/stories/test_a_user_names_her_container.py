"""Several containers: by name, by owner and name, by the menu; and in the URLs of every program that has some."""

import contextlib
import os

import pytest

WHICH = "you have several containers; name one: ssh nina+db@... "


@contextlib.contextmanager
def shared(lab, container, user):
    """Somebody else's container is open to a user while the block runs."""
    lab.bastion.admin("container", "share", container, user)
    try:
        yield
    finally:
        lab.bastion.admin("container", "unshare", container, user)


@pytest.fixture
def nina(own_lab):
    """Has the containers web and db, behind two backends, and no default."""
    lab = own_lab
    lab.bastion.admin("user", "add", "nina", "--key", lab.key("nina").public)
    for name, container, machine in [("web", "bob/web", "bob"), ("db", "alice/db", "alice+db")]:
        there = lab.container(machine)
        lab.bastion.admin("container", "remove", container)
        address = "10.0.3.100" if name == "web" else "10.0.3.101"
        words = ["--owner", "nina", "--backend", "be2", "--address", address, "--login", there.login]
        lab.bastion.admin("container", "add", name, *words)
    return lab


def box(lab, user):
    return lab.ssh(user, "echo $BOX").succeeded().stdout


def test_by_name(lab):
    assert box(lab, "alice") == "be1/alice"
    assert box(lab, "alice+web") == "be1/alice"
    assert box(lab, "alice+db") == "be2/alice-db"


@pytest.mark.bastion_only
def test_a_shared_one_by_name_and_by_owner(lab):
    with shared(lab, "bob/web", "carol"), shared(lab, "alice/db", "carol"):
        assert box(lab, "carol") == "be3/carol"
        assert box(lab, "carol+db") == "be2/alice-db"
        assert box(lab, "carol+web") == "be3/carol"
        assert box(lab, "carol+bob/web") == "be2/bob"
        assert box(lab, "carol+bob+web") == "be2/bob"
    assert "no container named db" in lab.ssh("carol+db", "true").stderr


@pytest.mark.bastion_only
def test_a_name_that_two_share_is_ambiguous(lab):
    with shared(lab, "bob/web", "dave"), shared(lab, "alice/web", "dave"):
        assert box(lab, "dave+web") == "be4/dave"
    with shared(lab, "bob/web", "erin"), shared(lab, "alice/web", "erin"):
        lab.bastion.admin("container", "remove", "erin/web")
        try:
            refused = lab.ssh("erin+web", "true")
            assert refused.status == 255
            assert "several containers have that name; name one: ssh erin+alice/web@... (alice/web, bob/web)" in refused.stderr
            assert box(lab, "erin+bob/web") == "be2/bob"
        finally:
            from lab.topology import CONTAINERS

            erins = next(each for each in CONTAINERS if each.owner == "erin")
            lab.bastion.admin(*lab.container_words(erins))


@pytest.mark.bastion_only
@pytest.mark.parametrize("how", [["echo arrived"], ["-tt", "echo arrived"]], ids=["no terminal", "a command at one"])
def test_without_a_default_a_command_is_told_the_names(nina, how):
    *options, command = how
    refused = nina.ssh("nina", command, *options)
    assert (refused.status, refused.stdout.replace("\r", "")) == (1, "")
    assert f"bastion: {WHICH}(db, web) (id " in refused.stderr
    assert "no_default_container" in "\n".join(nina.bastion.log_of(refused.id, has="login ended"))


@pytest.mark.bastion_only
@pytest.mark.parametrize(
    "keys, there",
    [("\r", "be2/alice-db"), ("\x1b[B\r", "be2/bob"), ("2\r", "be2/bob"), ("we\r", "be2/bob")],
    ids=["the first", "an arrow", "a number", "a part of its name"],
)
def test_at_a_terminal_she_is_asked(nina, keys, there):
    with nina.terminal("nina") as terminal:
        terminal.expect(r"Which container\?")
        terminal.expect(r"1  db +be2 +active")
        terminal.type(keys)
        terminal.expect(r"\$ ")
        terminal.type("echo in $BOX; stty size\n")
        terminal.expect(rf"in {there}\n24 80")
        terminal.type("exit 5\n")
        assert terminal.end()[0] == 5


@pytest.mark.bastion_only
def test_a_window_that_changes_during_the_menu_is_the_shells(nina):
    with nina.terminal("nina") as terminal:
        terminal.expect(r"Which container\?")
        terminal.resize(50, 132)
        terminal.expect(r"Which container\?")
        terminal.type("\r")
        terminal.expect(r"\$ ")
        terminal.type("stty size\n")
        terminal.expect("50 132")


@pytest.mark.bastion_only
def test_what_is_typed_behind_the_choice_reaches_the_shell_or_nobody(nina):
    with nina.terminal("nina") as terminal:
        terminal.expect(r"Which container\?")
        terminal.type("\r")
        for _ in range(20):
            terminal.type("x")
        terminal.expect(r"\$ ")
        terminal.type("\x15echo still in $BOX\n")
        terminal.expect("still in be2/alice-db")


@pytest.mark.bastion_only
@pytest.mark.parametrize("key", ["\x03", "\x04", "\x1b"], ids=["Ctrl-C", "Ctrl-D", "Escape"])
def test_the_menu_can_be_left(nina, key):
    with nina.terminal("nina") as terminal:
        terminal.expect(r"Which container\?")
        terminal.type(key)
        assert terminal.end()[0] == 130


@pytest.mark.bastion_only
def test_forwards_wait_for_the_menu(nina):
    from lab.greeter import Greeter, said_by

    with Greeter("bob's loopback", namespace=nina.container("bob").namespace) as greeter:
        with nina.terminal("nina", "-L", f"7101:localhost:{greeter.port}", "-R", "7102:localhost:9") as terminal:
            terminal.expect(r"Which container\?")
            terminal.type("2\r")
            terminal.expect(r"\$ ")
            terminal.type("echo in $BOX\n")
            terminal.expect("in be2/bob")
            assert said_by(nina.client.connect("127.0.0.1", 7101)) == "bob's loopback"


# In URLs. A slash would begin a path there: the owner is followed by a second plus. Where OpenSSH reads a URL itself, a
# plus means a space: it is written %2B.


def encoded(user):
    return user.replace("+", "%2B")


@pytest.fixture(params=["alice+db", "carol+alice+db"], ids=["her own", "a shared one"])
def target(request, lab):
    user = request.param.partition("+")[0]
    if user == "alice":
        yield request.param, lab.container("alice+db").home
        return
    if lab.bastion is None:
        pytest.skip("plain OpenSSH has no such words")
    with shared(lab, "alice/db", user):
        yield request.param, lab.container("alice+db").home


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a file"
    path.write_bytes(os.urandom(200_000))
    return path


def test_scp(lab, target, file, tmp_path):
    user, home = target
    scp = ["scp", "-q", *lab.client.options(user)]
    lab.client.run(*scp, file, f"{user}@bastion:by_scp").succeeded()
    assert (home / "by_scp").read_bytes() == file.read_bytes()
    lab.client.run(*scp, f"scp://{encoded(user)}@bastion/by_scp", tmp_path / "back").succeeded()
    assert (tmp_path / "back").read_bytes() == file.read_bytes()


def test_sftp(lab, target, file):
    user, home = target
    batch = f'put "{file}" by_sftp\n'
    lab.client.run("sftp", *lab.client.options(user), "-b", "-", f"sftp://{encoded(user)}@bastion", input=batch).succeeded()
    assert (home / "by_sftp").read_bytes() == file.read_bytes()


def test_rsync(lab, target, file):
    user, home = target
    there = f"by_rsync_{user}"
    lab.client.run("rsync", "-e", lab.client.ssh_command(user), file, f"{user}@bastion:{there}").succeeded()
    assert (home / there).read_bytes() == file.read_bytes()


@pytest.mark.parametrize("url", ["{user}@bastion:{path}", "ssh://{user}@bastion/~/{path}"], ids=["short", "long"])
def test_git(lab, target, tmp_path, url):
    user, home = target
    lab.ssh(user, "rm -rf by_git; git init -q --bare by_git").succeeded()
    git = {"GIT_SSH_COMMAND": lab.client.ssh_command(user), "GIT_CONFIG_GLOBAL": "/dev/null"}
    remote = url.format(user=user, path="by_git")
    lab.client.run("git", "clone", "-q", remote, tmp_path / "work", environment=git).succeeded()
    assert (tmp_path / "work" / ".git").is_dir()


@pytest.mark.bastion_only
def test_a_slash_is_written_as_the_user_where_a_url_has_no_place_for_it(lab, file):
    """scp and rsync take what is before a slash for a path; as an option the name is nothing but a name."""
    with shared(lab, "alice/db", "carol"):
        user = "carol+alice/db"
        lab.client.run("scp", "-q", *lab.client.options(user), "-o", f"User={user}", file, "bastion:by_user").succeeded()
        assert (lab.container("alice+db").home / "by_user").read_bytes() == file.read_bytes()
        batch = f'put "{file}" by_url\n'
        url = "sftp://carol%2Balice%2Fdb@bastion"
        lab.client.run("sftp", *lab.client.options(user), "-b", "-", url, input=batch).succeeded()
