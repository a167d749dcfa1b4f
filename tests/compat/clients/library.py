"""A library for SSH has no command line, so its client is a small program of ours in programs/.

It is run as `python3 FILE VERB WORDS…`, with where to go as JSON in $DESTINATION; the verbs are the words of tool.py.
"""

import json
import pathlib

from .tool import Tool


_PROGRAMS = pathlib.Path(__file__).resolve().parents[1] / "programs"


class Library(Tool):
    module = None
    cannot = {}

    @property
    def program(self):
        return ["/usr/bin/python3", "-c", f"import {self.module} as it; print('{self.module}', it.__version__)"]

    def __init__(self, *place):
        super().__init__(*place)
        self.rekey_mib = None

    def _line(self, *words):
        # -P: its own folder is not where it imports from.
        return ["/usr/bin/python3", "-P", _PROGRAMS / f"{self.module}.py", *words]

    @property
    def _environment(self):
        known_hosts = str(self.desk.home / ".ssh" / "known_hosts")
        where = {"host": self.host, "user": self.user, "key": str(self.key), "known_hosts": known_hosts}
        return {"DESTINATION": json.dumps(where | {"rekey_mib": self.rekey_mib})}

    def _does(self, *words, input=None):
        return self.run(*self._line(*words), input=input, environment=self._environment)

    def execute(self, command, input=None):
        return self._does("execute", command, input=input)

    def shell(self):
        return ["env", f"DESTINATION={self._environment['DESTINATION']}", *self._line("shell")]

    def upload(self, file, name):
        self.upload_all([(file, name)])

    def download(self, name, file):
        self.download_all([(name, file)])

    # Several go through one connection, which is what a library is used for.

    def upload_all(self, pairs):
        self._does("upload", *(word for pair in pairs for word in pair)).succeeded()

    def download_all(self, pairs):
        self._does("download", *(word for pair in pairs for word in pair)).succeeded()

    def local_forward(self, near, far):
        return self.running(*self._line("local_forward", near, far), environment=self._environment)

    def remote_forward(self, far, near):
        return self.running(*self._line("remote_forward", far, near), environment=self._environment)

    def stay(self, seconds):
        return self._does("stay", seconds).succeeded().stdout

    def echo(self, channels, size):
        return int(self._does("echo", channels, size).succeeded().stdout)

    def rekeying(self, mib):
        return self.changed(rekey_mib=mib)

    def with_key(self, path):
        return self.changed(key=path)
