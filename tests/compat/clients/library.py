"""A library for SSH has no command line, so its client is a small program of ours in programs/.

It is run as `PROGRAM VERB WORDS…`, with where to go in the environment: TO_HOST, TO_USER, TO_KEY and TO_KNOWN_HOSTS (files),
and TO_REKEY_MIB, which may be empty. The verbs are the words of tool.py; `version` says which one the library is.
"""

import pathlib
import shutil

from registries import PROGRAMS

from .tool import Tool


class Library(Tool):
    cannot = {}
    kit = None  # of registries.py, when it is not Debian's

    @classmethod
    def needs(cls):
        return cls.kit and cls.kit.missing()

    @property
    def program(self):
        return ["env", *self._settings(), *self._line("version")]

    def __init__(self, *place):
        super().__init__(*place)
        self.rekey_mib = ""

    def _line(self, *words):
        """The program and `words`."""
        raise NotImplementedError

    def _environment(self):
        known_hosts = self.desk.home / ".ssh" / "known_hosts"
        where = {"HOST": self.host, "USER": self.user, "KEY": self.key, "KNOWN_HOSTS": known_hosts, "REKEY_MIB": self.rekey_mib}
        return {f"TO_{name}": str(value) for name, value in where.items()}

    def _settings(self):
        return [f"{name}={value}" for name, value in self._environment().items()]

    def _does(self, *words, input=None):
        return self.run(*self._line(*words), input=input, environment=self._environment())

    def execute(self, command, input=None):
        return self._does("execute", command, input=input)

    def shell(self):
        return ["env", *self._settings(), *self._line("shell")]

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
        return self.running(*self._line("local_forward", near, far), environment=self._environment())

    def remote_forward(self, far, near):
        return self.running(*self._line("remote_forward", far, near), environment=self._environment())

    def stay(self, seconds):
        return self._does("stay", seconds).succeeded().stdout

    def echo(self, channels, size):
        return int(self._does("echo", channels, size).succeeded().stdout)

    def rekeying(self, mib):
        return self.changed(rekey_mib=mib)

    def with_key(self, path):
        return self.changed(key=path)


class PythonLibrary(Library):
    module = None

    def _line(self, *words):
        # -P: its own folder is not where it imports from.
        return ["/usr/bin/python3", "-P", PROGRAMS / f"{self.module}.py", *words]


def found(program):
    """Its path: where the registries' toolchains are, a desk need not look."""
    return pathlib.Path(shutil.which(program)).resolve()
