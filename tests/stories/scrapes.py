"""Whoever scrapes the metrics of a bastion that has them at 127.0.0.1:9222."""

import re
import subprocess
import threading

from lab import until

SETTINGS = {"metrics": "127.0.0.1:9222"}
_COUNTED = re.compile(r"bastion_\w+_(total|bucket|sum|count)(\{|$)")


def asks(lab, path, *how):
    """The status and the body of an answer; 0 where there is none."""
    line = ["curl", "--silent", "--max-time", "20", "--write-out", "\n%{http_code}", *how, f"http://127.0.0.1:9222{path}"]
    said = subprocess.run([*map(str, lab.bastion.namespace.command(*line))], capture_output=True, text=True, check=False)
    body, _, status = said.stdout.rpartition("\n")
    return int(status), body


def samples(body):
    """Every one by its name and labels."""
    return {name: float(value) for name, value in re.findall(r"^(\w+(?:\{.*\})?) (\S+)$", body, re.MULTILINE)}


def figures(lab):
    """The same, as they are now."""
    status, body = asks(lab, "/metrics")
    assert status == 200
    return samples(body)


def sees(lab, **expected):
    """Waits until these series say so: also while one process has left the address and the next is about to take it."""
    expected = {f"bastion_{name}": value for name, value in expected.items()}
    seen = {}

    def are_so():
        status, body = asks(lab, "/metrics")
        seen.update({name: samples(body).get(name) for name in expected} if status == 200 else {})
        return seen == expected

    try:
        until(are_so, f"{expected}")
    except AssertionError as late:
        raise AssertionError(f"{late}, but {seen}") from late


class Scraped:
    """Somebody scrapes all the time; what is counted must never get less."""

    def __init__(self, lab, pause=0):
        self._lab, self._pause = lab, pause
        self.count, self.less = 0, []
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._scrape, daemon=True)

    def _scrape(self):
        last = {}
        while not self._enough.wait(self._pause):
            status, body = asks(self._lab, "/metrics")
            if status != 200:
                continue
            now = samples(body)
            self.less += [(name, value, now.get(name)) for name, value in last.items() if now.get(name, 0) < value - 1e-6]
            last = {name: value for name, value in now.items() if _COUNTED.match(name)}
            self.count += 1

    def more(self, count=2):
        before = self.count
        until(lambda: self.count >= before + count, "it is scraped")

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._enough.set()
        self._thread.join()
