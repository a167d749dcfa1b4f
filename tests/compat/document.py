"""docs/COMPATIBILITY.md: what a run found, as text; and that text read back, so that a check can hold it against the code.

Of a run it holds what only a run can know: versions, and what was green. Everything else comes from the matrix.
"""

import dataclasses
import pathlib
import re

import suite
from clients import CLIENTS
from matrix import GREEN, KNOWN_RED
from spelling import FORMS, LINES
from steps import STEPS
from upstreams import KINDS, NOTES, UPSTREAMS

FILE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "COMPATIBILITY.md"

_YES, _NO, _NOT_APPLICABLE = "yes", "**no**", "n/a"
_COLOURS = {_YES: suite.OK, _NO: suite.FAILED, _NOT_APPLICABLE: suite.SKIPPED}

_TEXT = """\
# Compatibility

What every client was seen to do through the bastion; `tests/compat/run --write` wrote this page. Files had {mib} MiB for every
client on its way to one container, and for `ssh` on its way to all of them; 4 MiB for all others. Each push tries the first
two again with small files. Everything is what Debian 12 installs, with its defaults; "backports" is `openssh-client` and
`openssh-server` of bookworm-backports, and JSch, sshj, x/crypto/ssh, ssh2 and the second Paramiko are their newest versions, from
Maven Central, the Go module proxy, the npm registry and PyPI; with these, files had 4 MiB everywhere.

## Clients

"yes" is: with every upstream. "n/a" is what the client itself cannot do, for the reasons below the table.

{clients}

{steps}

Why a cell is "n/a":

{reasons}

Why a cell is "no":

{red}

Worth knowing:

{notes}

## Upstreams

Every client was tried with each of these as the container's sshd, each behind each of the hops.

{upstreams}

{upstream_notes}

## Real system containers

`tests/run containers` has hosts with Debian 12's LXD (5.0.2) and Docker (20.10), the Incus of its backports (6.0.4), and a Kubernetes (1.34.4) of one node, all on the
machine that runs it; it is run by hand, as root, and not by a push. Tried by hand with these versions, all as expected:

- LXD, with containers of Debian 12 and systemd: the same address behind two hosts; a container that is stopped, paused, restarted; one that is started by
  `--wake` and takes its time to boot; one without any network, by `--command lxd`; a copy (which is warned of) that gets host keys of its own; one that is made
  anew at the same address, so that its host key is refused until `forget-host-key`; one that is carried to the other host (`lxc export`,
  `lxc import`, `container move`); one in another project (`import incus --all-projects`); addresses that change, followed by `--source lxd`.
- Two LXDs that are no cluster, both asked by `--source lxd`: a container that goes from one to the other and back by `lxc move`, or by export and import, is
  followed by its host key, at a login and before; another one of its name is not.
- A cluster of two LXDs, of which one is asked: a container that goes to the other member (`lxc move --target`) and back is followed by `--map`; one on a member
  that no `--map` names is not, which is said.
- LXD and Incus: an instance that `container create` makes and that is used, stopped, started, restarted and deleted; one that is reached by `--command`
  through the same forced command, `bastion-instances`.
- Docker: a container without any network, by `--command docker`, with statuses, both directions, standard error, stopped and started.
- Kubernetes, as its Go module makes it (go 1.24 is needed), over Debian's containerd (1.6): a pod by `--command kubectl`, the same, with kubectl 1.20 of Debian 12 (SPDY)
  and 1.34 (WebSocket); one that is deleted and made anew.

## How a target is written

The user name is the target, and no shell needs it quoted. Inside a URL, write `%2B` for the plus sign and `%2F` for a slash:
OpenSSH takes a plus in `ssh://`, `sftp://` and `scp://` for a space. In front of a colon, a slash makes a local path of it,
which is why there is a second plus. `bob/web` is a container that bob shares with alice.

{spellings}

## OpenSSH's own tests

Those of OpenSSH's regression tests (Debian 12's package `openssh-tests`) that log in, each with the sshd that it configures as
the container, and with its `authorized_keys` as the keys of the bastion's user; `tests/compat/run regress --write` wrote the
table. "n/a" is what the test itself skips; tests that go through all algorithms go through those that the bastion offers too. Each push tries {quick}.

{suite}

Why one is "no":

{suite_red}

Not tried, because they are not about a way through a bastion:

{suite_out}
"""


@dataclasses.dataclass
class Findings:
    mib: int
    versions: dict  # by client's name, and by kind of sshd
    green: set  # (client's name, step): with every upstream
    spelled: set  # (line, target): ended where it should
    suite: dict = dataclasses.field(default_factory=dict)  # by (test, path): what came of it


def text(findings):
    """The page."""
    return _TEXT.format(
        mib=findings.mib,
        clients=_client_table(findings),
        steps="\n".join(f"- **{name}**: {_sentence(step)}" for name, step in STEPS.items()),
        reasons="\n".join(f"- {line}" for line in _reasons()),
        red="\n".join(f"- {_red(red)}" for red in KNOWN_RED) or "- There is none.",
        notes="\n".join(f"- {line}" for line in _notes()),
        upstreams=_upstream_table(findings),
        upstream_notes="\n".join(f"- {line}" for line in NOTES),
        spellings=_spelling_table(findings),
        quick=", ".join(f"`{name}`" for name in suite.QUICK),
        suite=_suite_table(findings),
        suite_red="\n".join(f"- `{name}`: {red.why}" for name, red in suite.KNOWN_RED.items()) or "- There is none.",
        suite_out="\n".join(f"- {', '.join(f'`{name}`' for name in names)}: {why}" for why, names in suite.NOT_APPLICABLE.items()),
    )


def read(page):
    """The findings in a page. What does not fit shows when they are written again."""
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in page.splitlines() if line.startswith("|")]
    by_first = {row[0]: row for row in rows}
    names = [client.name for client in CLIENTS]
    spelled = [(line, by_first.get(_shown(line), [])) for line in LINES]
    return Findings(
        mib=int(re.search(r"(\d+) MiB", page).group(1)),
        versions={name: by_first[name][1] for name in [*names, *KINDS] if name in by_first},
        green={(name, step) for name in names for step, cell in zip(STEPS, by_first.get(name, [])[2:]) if cell == _YES},
        spelled={(line, form.target) for line, row in spelled for form, cell in zip(FORMS, row[1:]) if cell == _YES},
        suite={
            (name, path): _COLOURS.get(cell)
            for name in suite.TESTS
            for path, cell in zip(suite.PATHS, by_first.get(f"`{name}`", [])[1:])
        },
    )


def write(verdicts, versions, spelled, mib):
    """Writes the page: `verdicts` by cell, `spelled` by (line, target). What was not tried stays as the page has it."""
    findings = read(FILE.read_text()) if FILE.exists() else Findings(mib, {}, set(), set())
    findings.mib = mib
    findings.versions |= versions
    tried = {(cell.client.name, cell.step) for cell in verdicts}
    bad = {(cell.client.name, cell.step) for cell, verdict in verdicts.items() if verdict.colour != GREEN or cell.known_red}
    findings.green = findings.green - tried | tried - bad
    findings.spelled = findings.spelled - set(spelled) | {each for each, leads_there in spelled.items() if leads_there}
    FILE.write_text(text(findings))


def write_suite(seen):
    """What came of OpenSSH's tests, by (test, path); the others stay as the page has them."""
    findings = read(FILE.read_text())
    findings.suite |= seen
    FILE.write_text(text(findings))


def _suite_table(findings):
    shown = {colour: cell for cell, colour in _COLOURS.items()}
    rows = [["test", *suite.PATHS.values()]]
    for name in suite.TESTS:
        rows.append([f"`{name}`", *(shown.get(findings.suite.get((name, path)), "?") for path in suite.PATHS)])
    return _table(rows)


def _client_table(findings):
    rows = [["client", "version", *STEPS]]
    for client in CLIENTS:
        cells = [
            _NOT_APPLICABLE if step in client.cannot else _YES if (client.name, step) in findings.green else _NO for step in STEPS
        ]
        rows.append([client.name, findings.versions.get(client.name, "?"), *cells])
    return _table(rows)


def _reasons():
    by_reason = {}
    for client in CLIENTS:
        for step in STEPS:
            if reason := client.cannot.get(step):
                by_reason.setdefault((client.name, reason), []).append(step)
    by_steps = {}
    for (name, reason), steps in by_reason.items():
        by_steps.setdefault((tuple(steps), reason), []).append(name)
    return [f"{', '.join(names)}: {reason} ({', '.join(steps)})" for (steps, reason), names in by_steps.items()]


def _notes():
    by_note = {}
    for client in CLIENTS:
        for note in client.notes:
            by_note.setdefault(note, []).append(client.name)
    return [f"{', '.join(names)}: {note}" for note, names in by_note.items()]


def _red(red):
    where = "" if set(red.kinds) == set(KINDS) else f" to {', '.join(red.kinds)}"
    return f"{red.client.name}, {red.step}{where}: {red.why}"


def _upstream_table(findings):
    hops = {each.hop for each in UPSTREAMS}
    rows = [["upstream", "version", "as container", "as hop"]]
    for kind in KINDS:
        rows.append([kind, findings.versions.get(kind, "?"), _YES, _YES if kind in hops else "no"])
    return _table(rows)


def _spelling_table(findings):
    rows = [["line", *(f"`{form.target}`" for form in FORMS)]]
    for line in LINES:
        rows.append([_shown(line), *(_YES if (line, form.target) in findings.spelled else _NO for form in FORMS)])
    return _table(rows)


def _shown(line):
    return f"`{line.format(target='TARGET', escaped='TARGET')}`"


def _sentence(step):
    return " ".join(step.__doc__.split())


def _table(rows):
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = [[cell.ljust(width) for cell, width in zip(row, widths)] for row in rows]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
