"""The two kinds of hosts whose keys the bastion has to know, for stories that are told of both."""

import dataclasses
import json


@dataclasses.dataclass
class Host:
    """A backend or a container, by its `kind`; alice's way leads there."""

    kind: str
    name: str
    called: str  # in the sentence she reads

    def machine(self, lab):
        return lab.backend("be1") if self.kind == "backend" else lab.container("alice")

    def known(self, lab):
        """Fingerprints with their states."""
        rows = json.loads(lab.bastion.admin("host-key", "list", self.name, "--json"))
        assert {row["host"] for row in rows} <= {f"{self.kind} {self.name}"}
        return {row["fingerprint"]: row["state"] for row in rows}


def both(kind):
    """One of each, as that class."""
    return [kind("container", "alice/web", "container web"), kind("backend", "be1", "backend be1")]
