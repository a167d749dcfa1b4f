"""Several bastions with one directory, in a lab: PostgreSQL on a machine of its own, and bastions beside the lab's."""

import pathlib
import shutil
import subprocess

from lab.bastion import Bastion
from lab.lab import PORT

_SCRIPT = pathlib.Path(__file__).with_name("postgres")
ADDRESS = "10.1.1.9"
PASSWORD = "not-for-everybody"

# What a command says then.
AWAY = "the fleet's database cannot be reached"


class Postgres:
    """Reached through a socket in its folder, and over the network, by TLS and with a password; where it does not listen
    there, somebody else sets that up."""

    def __init__(self, lab, listens=True):
        self.namespace = lab._namespace("pg")
        self._user = "bastion"
        (self.cable,) = lab._plug_in("pg", {"wire1": ADDRESS})
        self.folder = lab.folder / "postgres"
        self.folder.mkdir()
        self.passfile = lab.folder / "pgpass"
        self.passfile.write_text(f"{ADDRESS}:5432:*:bastion:{PASSWORD}\n")
        self.passfile.chmod(0o600)
        self.start()
        self.ask(f"ALTER USER bastion PASSWORD '{PASSWORD}'")
        self.stop()
        data = self.folder / "data"
        certificate = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=pg", "-keyout", data / "server.key", "-out", data / "server.crt"]
        subprocess.run(certificate, check=True, capture_output=True)
        shutil.chown(data / "server.key", "postgres")
        with open(data / "postgresql.conf", "a", encoding="ascii") as file:
            file.write("ssl = on\n" + (f"listen_addresses = '{ADDRESS}'\n" if listens else ""))
        with open(data / "pg_hba.conf", "a", encoding="ascii") as file:
            file.write("hostssl all all 10.1.1.0/24 scram-sha-256\n" if listens else "")
        self.start()

    def start(self):
        self._run("start")

    def stop(self):
        self._run("stop")

    def kill(self):
        self._run("kill", check=False)  # it may be down

    def configure(self, *lines):
        """More lines of postgresql.conf, which count from now on."""
        self.stop()
        with open(self.folder / "data" / "postgresql.conf", "a", encoding="ascii") as file:
            file.writelines(f"{line}\n" for line in lines)
        self.start()

    def presents(self, key, certificate):
        """Another certificate, from now on."""
        self.stop()
        data = self.folder / "data"
        shutil.copyfile(key, data / "server.key")
        shutil.copyfile(certificate, data / "server.crt")
        self.start()

    def becomes_as_installed(self):
        """As a package leaves it: with nobody in it but its administrator."""
        self.ask("CREATE ROLE other SUPERUSER LOGIN")
        self._user = "other"
        self.ask("ALTER ROLE bastion RENAME TO postgres")
        self._user = "postgres"
        self.ask("DROP ROLE other")

    @property
    def by_socket(self):
        return f"host={self.folder} user={self._user} dbname=postgres"

    @property
    def by_network(self):
        return f"host={ADDRESS} user=bastion dbname=postgres sslmode=require passfile={self.passfile}"

    def ask(self, sql):
        line = ["psql", "-XAtq", "-d", self.by_socket, "-c", sql]
        return subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip()

    def _run(self, action, check=True):
        subprocess.run(self.namespace.command(str(_SCRIPT), action, str(self.folder)), check=check, capture_output=True)


class Fleet:
    """The lab's bastion is the first one; add() makes others. It may have no PostgreSQL that is nobody else's concern."""

    def __init__(self, lab, listens=True, has_postgres=True):
        self.lab = lab
        self.postgres = Postgres(lab, listens) if has_postgres else None
        self.bastions = [lab.bastion]

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        faults = [fault for each in self.bastions[1:] for fault in each.faults()]
        if self.postgres:
            self.postgres.kill()
        for each in self.bastions[1:]:
            each.kill()
            self._show(each)
        if faults and kind is None:
            raise AssertionError("\n".join(faults))

    def _show(self, bastion):
        """For whoever looks for what went wrong."""
        print(f"log of {bastion.state}:", bastion.log, sep="\n")

    def begin(self):
        """The lab's bastion becomes the first one; returns the join key."""
        first = self.lab.bastion
        first.terminate()
        assert first.ended() == 0
        first.configure(fleet={"database": self.postgres.by_socket, "node": "one"})
        joined = first.joins().succeeded()
        first.start()
        return joined.stdout.splitlines()[-1]

    def machine(self, name, *, on=None, **settings):
        """One more machine for a bastion, which has nothing on it yet but its configuration; or a place `on` a backend's."""
        number = len(self.bastions) + 100
        lab = self.lab
        wires = {"front": f"10.1.0.{number}"} | ({} if on else {"wire1": f"10.1.1.{number}"})
        lab._plug_in(on or name, wires)
        settings = settings or {"fleet": {"database": self.postgres.by_network, "node": name}}
        added = Bastion(lab._namespace(on or name), lab.folder / name, f"10.1.0.{number}:{PORT}", (lab._settings or {}) | settings)
        self.bastions.append(added)
        # The same host keys, by whichever name it is called.
        known = lab.client.folder / "known_hosts"
        hosts = f"Host {name}\n  HostName 10.1.0.{number}\n  Port {PORT}\n  HostKeyAlias [10.1.0.1]:{PORT}\n"
        lab.client.config.write_text(hosts + lab.client.config.read_text())
        assert f"[10.1.0.1]:{PORT}" in known.read_text()
        return added

    def add(self, name, key):
        added = self.machine(name)
        added.joins(key).succeeded()
        added.start()
        return added

    def ssh(self, bastion, user, command, **how):
        """What `ssh user@bastion command` does at this one."""
        client = self.lab.client
        return client.run(*client.ssh_line(user, bastion, command), **how)

    def session(self, bastion, user):
        """A session at this one, which says back what it is told; the caller ends it."""
        client = self.lab.client
        session = client.start(*client.ssh_line(user, bastion, "echo up; cat"))
        assert session.stdout.readline() == b"up\n"
        return session

    def gives(self, bastion, *words):
        """An admin command over SSH."""
        client = self.lab.client
        return client.run(*client.ssh_line("root", bastion, " ".join(["admin", *words]), "-s"))
