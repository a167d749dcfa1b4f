"""How a target is written for each client: lines as they are typed, tried with every form a target has."""

import dataclasses
import tempfile
import urllib.parse

from clients import CLIENTS
from upstreams import DEFAULT, UPSTREAMS, Upstream

_BY_MACHINE = {each.container.machine: each for each in UPSTREAMS}


@dataclasses.dataclass(frozen=True)
class Form:
    """One way to say where to go, for alice; bob shares his container with her."""

    target: str
    leads_to: Upstream

    def fill(self, line):
        """{target} is what stands before the @; {escaped} is the same for a URL."""
        return line.format(target=self.target, escaped=urllib.parse.quote(self.target, safe=""))


FORMS = [
    Form("alice", _BY_MACHINE["alice"]),
    Form("alice+new", _BY_MACHINE["alice-new"]),
    Form("alice+bob+web", _BY_MACHINE["bob"]),
    Form("alice+bob/web", _BY_MACHINE["bob"]),
]

# By the line: which clients have it. It is as good as the worst of them.
LINES = {line: [each for each in CLIENTS if line in each.lines] for client in CLIENTS for line in client.lines}


def leads_there(world, client, line, form):
    """Whether it ended where it should, and what it said."""
    tool = world.tool(client, DEFAULT, form.target)
    far = world.far(form.leads_to)
    file = world.short.folder / "whereabouts"
    file.write_text(f"{far.name}\n")
    tool.provide(far, "whereabouts", file)
    folder = tempfile.mkdtemp(dir=tool.desk.home)
    typed = tool.as_typed(form.fill(line))
    try:
        outcome = tool.run("bash", "-c", f"{typed} && {client.lines[line]}", cwd=folder)
    finally:
        tool.close()
    return outcome.stdout.splitlines()[-1:] == [far.name], f"{typed}\n{outcome.stdout}\n{outcome.stderr}"
