"""What came of a command: the three things a user of ssh can see, compared as one value."""

import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class Outcome:
    status: int
    stdout: str
    stderr: str
    raw: bytes = dataclasses.field(default=b"", compare=False, repr=False)

    @staticmethod
    def of(status, stdout, stderr):
        return Outcome(status, _text(stdout), _text(stderr), raw=stdout)

    @property
    def id(self):
        """The id in the sentence the bastion told the user, by which the log finds the same login."""
        found = re.search(r"^bastion: .* \(id (\w+)\)$", self.stderr, re.MULTILINE)
        assert found, f"no sentence of the bastion in {self.stderr!r}"
        return found.group(1)

    def succeeded(self):
        """This outcome, when it is a success; so that a step which must work fails where it stands."""
        assert self.status == 0, f"exit status {self.status}\nstdout: {self.stdout}\nstderr: {self.stderr}"
        return self


def _text(output):
    return output.decode(errors="backslashreplace").replace("\r\n", "\n").removesuffix("\n")
