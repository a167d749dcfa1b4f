"""What most programs in Go use: golang.org/x/crypto/ssh, and github.com/pkg/sftp on top of it."""

from registries import GO

from .library import Library


class Go(Library):
    name = "Go x/crypto/ssh"
    kit = GO

    def _line(self, *words):
        return [self.kit.folder / "client", *words]
