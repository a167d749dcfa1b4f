"""Tab behind `bastion`, in bash and in zsh: words, options and names, by the files that are installed."""

import os
import pathlib
import re
import shlex
import subprocess

import pytest

from lab.bastion import binary
from lab.terminal import Terminal

pytestmark = pytest.mark.bastion_only

PACKAGING = pathlib.Path(__file__).resolve().parents[2] / "packaging"
# What bash does behind a Tab: the line goes to the function that was named for the command.
BASH = """
source {completion}
COMP_LINE={line} COMP_POINT=${{#COMP_LINE}} COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
_bastion {program}
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def in_bash(line, config):
    script = BASH.format(completion=PACKAGING / "completions" / "bastion.bash", line=shlex.quote(line), program=binary())
    environment = os.environ | {"BASTION_CONFIG": str(config)}
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completes_words_options_and_names(lab):
    tab = lambda line: in_bash(line, lab.bastion.config)
    assert tab("bastion ") == ["admin", "audit", "check", "identity", "init", "join", "serve"]
    assert tab("bastion init --k") == ["--key"]
    assert tab("bastion join --") == ["--config", "--dry-run", "--keep", "--merge", "--new-key", "--rename"]
    assert tab("bastion init --key ") == []
    assert tab("bastion admin --") == ["--config"]
    assert tab("bastion admin user sh") == ["show"]
    assert tab("bastion admin user show ali") == ["alice"]
    assert tab("bastion admin user list --l") == ["--limit"]
    assert tab("bastion admin backend drain ")[:2] == ["be1", "be2"]
    assert tab("bastion admin container show alice/w") == ["alice/web"]
    assert "exit" not in tab("bastion admin ")
    assert tab("bastion nonsense ") == []
    assert tab("bastion admin user show 'ali") == []
    # bash has taken this word apart at the colon, and replaces what stands behind it.
    (digest,) = tab("bastion admin key remove alice SHA256:")
    assert f"SHA256:{digest}" == lab.key("alice").fingerprint


def test_the_line_names_the_configuration(lab):
    assert in_bash("bastion admin user show ali", "/nowhere") == []
    assert in_bash(f"bastion admin --config {lab.bastion.config} user show ali", "/nowhere") == ["alice"]
    assert in_bash("bastion admin user sh", "/nowhere") == ["show"]


# With a key that says what stands on the line.
ZSHRC = """
PS1='ready> '
fpath=({completions} $fpath)
autoload -Uz compinit
compinit -D -u
say() {{ zle -I; print -r -- "<$BUFFER>"; BUFFER= }}
zle -N say
bindkey '^T' say
"""


def test_zsh_completes_words_and_names(lab, tmp_path):
    (tmp_path / "bastion").symlink_to(binary())
    (tmp_path / ".zshrc").write_text(ZSHRC.format(completions=PACKAGING / "completions"))
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "TERM": "dumb", "HOME": str(tmp_path), "BASTION_CONFIG": str(lab.bastion.config)}
    with Terminal(["zsh", "--no-globalrcs", "-i"], environment, columns=200) as terminal:
        terminal.expect("ready> ")
        for typed, line in [("bastion adm\tus\tsh\tali\t", "bastion admin user show alice "), ("bastion init --k\t", "bastion init --key ")]:
            terminal.type(f"{typed}\x14")
            terminal.expect(re.escape(f"<{line}>"))
