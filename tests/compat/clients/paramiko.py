"""Paramiko, the library for Python that most others build on: Debian's, and the newest."""

from registries import PARAMIKO

from .library import PythonLibrary


class Paramiko(PythonLibrary):
    name = "Paramiko"
    module = "paramiko"
    package = "python3-paramiko"


class NewestParamiko(PythonLibrary):
    name = "Paramiko, PyPI"
    module = "paramiko"
    kit = PARAMIKO

    def _environment(self):
        return super()._environment() | {"PYTHONPATH": str(self.kit.folder)}
