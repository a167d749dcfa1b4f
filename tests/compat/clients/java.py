"""The two libraries for Java: JSch (Eclipse, Ant, Jenkins) and sshj."""

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
