"""ssh2, the library for Node.js; editors made of VS Code use it."""

from registries import NODE, PROGRAMS

from .library import Library, found


class Node(Library):
    name = "ssh2, Node.js"
    kit = NODE
    cannot = {"rekey": "the client of this library never asks for new keys"}

    def _line(self, *words):
        return [found("node"), PROGRAMS / "ssh2.js", *words]

    def _environment(self):
        return super()._environment() | {"NODE_PATH": str(self.kit.folder / "node_modules")}
