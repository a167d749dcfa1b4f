"""Paramiko, the library for Python that most others build on."""

from .library import Library


class Paramiko(Library):
    name = "Paramiko"
    module = "paramiko"
    package = "python3-paramiko"
