"""docs/FLEET.md, with a PostgreSQL that somebody else keeps: reached by a name that its certificate is for."""

import shutil
import subprocess

import pytest

import examples
from fleet import ADDRESS, AWAY, Fleet
from lab.deadline import until
from operators import Operator

pytestmark = pytest.mark.bastion_only

(PAGE,) = [page for page in examples.PAGES if page.name == "FLEET.md"]
SECTION = "With a managed PostgreSQL"
NAME = "db.example.net"
ADMIN = "not-for-bastions"
_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "9"]


def ca(folder, name):
    """A certificate of a CA, whose key is beside it."""
    files = ["-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt"]
    subprocess.run(["openssl", "req", "-x509", *_KEY, "-subj", f"/CN={name}", *files], check=True, capture_output=True)
    return folder / f"{name}.crt"


def certificate(signer, name):
    files = ["-keyout", signer.with_name("server.key"), "-out", signer.with_name("server.crt")]
    signed = ["-CA", signer, "-CAkey", signer.with_suffix(".key"), "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run(["openssl", "req", "-x509", *_KEY, *signed, *files], check=True, capture_output=True)
    return signer.with_name("server.key"), signer.with_name("server.crt")


def operator(bastion):
    # No name server is asked: libpq looks for this name in the certificate, wherever it is.
    places = {f"host={NAME}": f"host={NAME} hostaddr={ADDRESS}"} | {
        f"/etc/bastion/{name}": bastion.config.parent / name for name in ("passfile", "fleet-ca.crt")
    }
    return Operator(bastion, places, password=ADMIN)


def refusal(bastion, written, instead):
    """What is said of a database by a bastion that is told something else about it."""
    text = bastion.config.read_text()
    assert str(written) in text
    bastion.config.write_text(text.replace(str(written), str(instead)))
    refused = bastion.tries("user", "add", "olga")
    assert refused.status == 1 and AWAY in refused.stderr
    bastion.config.write_text(text)
    return refused.stderr


def test_the_page_leads_to_two_bastions_at_somebody_elses_postgresql(own_lab):
    lab = own_lab
    with Fleet(lab) as fleet:
        trusted = ca(lab.folder, "trusted")
        fleet.postgres.presents(*certificate(trusted, NAME))
        postgres = fleet.postgres
        postgres.becomes_as_installed()
        postgres.ask(f"CREATE ROLE admin LOGIN CREATEROLE CREATEDB PASSWORD '{ADMIN}'")
        on_any, on_first, on_second = (each for each in examples.below(PAGE, SECTION) if each.is_run)
        first = operator(lab.bastion)
        shutil.copy(trusted, first.folder / "fleet-ca.crt")
        first.give(on_any)
        first.give(on_first)
        assert fleet.ssh("bastion", "alice", "echo $BOX").stdout == "be1/alice"
        second = operator(fleet.machine("two", workers=2))
        for file in ("passfile", "fleet-ca.crt", "join-key"):
            shutil.copy(first.folder / file, second.folder / file)
        second.give(on_second)
        assert fleet.ssh("two", "alice", "echo $BOX").stdout == "be1/alice"
        second.bastion.admin("user", "add", "nina")
        until(lambda: "nina" in lab.bastion.admin("user", "list"), "the first one has what the second one has added")
        # Over TLS, by the role that owns this database and no other.
        encrypted = "SELECT DISTINCT datname, usename, ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE client_addr IS NOT NULL"
        assert postgres.ask(encrypted) == "bastion|bastion|t"
        # Somebody else's server gets no password: another name, or another CA.
        (sentences,) = (each.text.splitlines() for each in examples.below(PAGE, SECTION) if each.language == "text")
        wrong_name, wrong_ca = (sentence.partition(" failed: ") for sentence in sentences)
        assert wrong_name[0] == f'{AWAY}: connection to server at "db2.example.net" (192.0.2.30), port 5432'
        assert wrong_name[2] == f'server certificate for "{NAME}" does not match host name "db2.example.net"'
        assert wrong_name[2] in refusal(second.bastion, f"host={NAME}", "host=db2.example.net")
        assert wrong_ca[2] == "SSL error: certificate verify failed"
        assert wrong_ca[2] in refusal(second.bastion, second.bastion.config.parent / "fleet-ca.crt", ca(lab.folder, "other"))
        second.bastion.admin("user", "add", "olga")
