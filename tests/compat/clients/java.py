"""The two libraries for Java: JSch (Eclipse, Ant, Jenkins) and sshj."""

import contextlib

from registries import JAVA

from .library import Library, found


class JavaLibrary(Library):
    kit = JAVA
    main = None

    def _line(self, *words):
        quick = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        return [found("java"), *quick, "-cp", f"{self.kit.folder}:{self.kit.folder}/*", self.main, *words]


class Jsch(JavaLibrary):
    name = "JSch"
    main = "Jsch"
    cannot = {
        "rekey": "stands still, without the bastion too, when new keys are asked for during a download: its one reading thread wants "
        "to grant more window, which waits for the end of the key exchange that this thread would have to read"
    }


class Sshj(JavaLibrary):
    name = "sshj"
    main = "Sshj"
    notes = [
        "It ends the connection when somebody comes to the remote port (`-R`) in the moment in which it is granted, before "
        "`bind()` has returned. The same without the bastion."
    ]

    @contextlib.contextmanager
    def remote_forward(self, far, near):
        """For the reason in `notes`, the block begins when the port is known to be there."""
        with super().remote_forward(far, near) as process:
            if process.stdout.readline() != b"forwarded\n":
                raise AssertionError(f"the port is not there: {process.communicate()[1].decode()}")
            yield process
