"""The database as it lies on the disk, read beside the bastion: whether it is sound, and what the audit says."""

import contextlib
import sqlite3


# What sessions write down, whoever's they are; all other actions are commands.
SESSIONS = ("login", "enter", "leave", "tunnel", "logout", "learn-host-key")


class Ledger:
    def __init__(self, lab):
        self._database = sqlite3.connect(lab.bastion.state / "bastion.db")

    def rows(self, query, *values):
        return self._database.execute(query, values).fetchall()

    def names(self, query, *values):
        return [name for (name,) in self.rows(query, *values)]

    def last(self):
        return self.rows("SELECT max(id) FROM audit")[0][0]

    def since(self, last, columns="actor, action, subject, outcome"):
        """The commands that were written down after a row, in the order in which they counted."""
        return self.rows(f"SELECT {columns} FROM audit WHERE id > ? AND action NOT IN {SESSIONS} ORDER BY id", last)

    def check(self):
        assert self.names("PRAGMA integrity_check") == ["ok"]
        assert self.rows("PRAGMA foreign_key_check") == []
        defaults = "SELECT owner FROM containers GROUP BY owner HAVING sum(is_default) > 1"
        assert self.names(defaults) == [], "nobody has two default containers"

    def close(self):
        self._database.close()


@contextlib.contextmanager
def ledger_of(lab):
    ledger = Ledger(lab)
    try:
        yield ledger
    finally:
        ledger.close()


@contextlib.contextmanager
def locked_database(lab):
    """Somebody else writes to the database, and takes their time."""
    database = sqlite3.connect(lab.bastion.state / "bastion.db", isolation_level=None)
    try:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")
    finally:
        database.close()
