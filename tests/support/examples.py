"""The examples of the documentation: every block that is set off from the text of README.md and docs/*.md.

Each block is fenced, and says behind the fence what it is:

    ```sh                        commands, tried as they stand by a story
    ```sh (not run: why)         commands that no test may give
    ```toml                      a configuration of the bastion
    ```haproxy                   a configuration of HAProxy
    ```ssh-config                what stands in somebody's ~/.ssh/config
    ```yaml manifest             a document for `apply`
    ```yaml cloud-config         for cloud-init
    ```yaml patroni              a configuration of Patroni
    ```authorized_keys           a line of that file
    ```bastion-instances         what that program allows on a backend
    ```text (a drawing)          no example
    ```text (what it is; test_x.py reads it)    what somebody reads; that story looks for the words of each line
"""

import dataclasses
import pathlib
import re

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
_STORIES = REPOSITORY / "tests" / "stories"
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]

# By language and word: whether there has to be a reason.
KINDS = {
    ("sh", ""): False,
    ("toml", ""): False,
    ("haproxy", ""): False,
    ("systemd", "drop-in"): False,
    ("ssh-config", ""): False,
    ("yaml", "manifest"): False,
    ("yaml", "cloud-config"): False,
    ("yaml", "patroni"): False,
    ("authorized_keys", ""): False,
    ("bastion-instances", ""): False,
    ("text", ""): True,
}

_FENCE = re.compile(r"```(?P<language>[\w-]*)(?: (?P<word>[\w-]+))?(?: \((?P<reason>.+)\))?")
_GENERATED = re.compile(r"<!-- generated .*?-->.*?<!-- end of the generated part -->", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Example:
    page: str
    line: int  # where its fence is
    language: str
    word: str
    reason: str
    text: str

    def __str__(self):
        return f"{self.page}:{self.line}"

    @property
    def fault(self):
        """What is wrong with what it says it is."""
        wants_reason = KINDS.get((self.language, self.word))
        if wants_reason is None:
            return f"{self}: none of the kinds of example"
        if self.language == "sh":
            return "" if not self.reason or self.reason.startswith("not run: ") else f"{self}: a reason not to run it begins with `not run: `"
        if wants_reason != bool(self.reason):
            return f"{self}: {'no reason' if wants_reason else 'a reason, but it is tried'}"
        return self._unread() if self.language == "text" and self.reason != "a drawing" else ""

    def _unread(self):
        """What no story reads of what stands here for somebody to read."""
        named = re.search(r"; (test_\w+\.py) (reads|compares)", self.reason)
        story = _STORIES / named.group(1) if named else None
        if not story or not story.exists():
            return f"{self}: `text` names the story that reads it: (what it is; test_x.py reads it)"
        text = story.read_text()
        if named.group(2) == "compares":  # with this page
            return "" if f'"{self.page}"' in text and "examples.examples" in text else f"{self}: {story.name} does not compare it"
        missing = [line for line in self.text.splitlines() if not any(part in text for part in distinctive(line))]
        return f"{self}: {story.name} does not read: {'; '.join(missing)}" if missing else ""

    @property
    def is_run(self):
        return self.language == "sh" and not self.reason


def distinctive(line):
    """Every three words of a line that stand side by side and hold no number, id, path or <what somebody fills in>."""
    parts = re.split(r"\S*[\d<>]\S*|\S*/\S+|\(id \w+\)", line)
    words = [part.split() for part in parts]
    return [" ".join(each[at : at + 3]) for each in words for at in range(len(each) - 2)]


def written(page):
    """The page without what is generated from tables in the code, line for line."""
    return _GENERATED.sub(lambda found: "\n" * found.group(0).count("\n"), page.read_text())


def examples(page, text=None):
    return list(_found(page, written(page) if text is None else text)[0])


def below(page, heading):
    """The examples below a heading of a page."""
    (part,) = re.findall(rf"^## {heading}\n.*?(?=^## )", page.read_text(), re.MULTILINE | re.DOTALL)
    return examples(page, part)


def strays(page, text=None):
    """Places where something is set off in another way, which nobody tries."""
    return _found(page, written(page) if text is None else text)[1]


def _found(page, text):
    found, stray, block, fence = [], [], [], None
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if fence is None and line.lstrip().startswith("```"):
            match = _FENCE.fullmatch(line)
            fence = (number, match)
            if not match:
                stray.append(f"{page.name}:{number}: {line}")
        elif fence is not None and line.lstrip() == "```":
            if fence[1]:
                parts = {name: value or "" for name, value in fence[1].groupdict().items()}
                found.append(Example(page=page.name, line=fence[0], text="".join(f"{each}\n" for each in block), **parts))
            block, fence = [], None
        elif fence is not None:
            block.append(line)
        elif re.match(r" {4}|\t|\$ ", line) and (number == 1 or not lines[number - 2].strip()):
            stray.append(f"{page.name}:{number}: {line.strip()}")
    if fence is not None:
        stray.append(f"{page.name}:{fence[0]}: a fence that is not closed")
    return found, stray
