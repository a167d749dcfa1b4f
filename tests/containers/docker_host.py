"""A machine with Debian's Docker, and containers in it that have no network and an sshd which nobody has started."""

from host import Machine, furnished_guest, system
from lab.process import run

_PACKAGES = "docker.io,openssh-server,iproute2,iptables,mount,procps,ca-certificates"
# Where nothing is connected to anything there are no rules to be made.
_DAEMON = """\
dockerd --group root --storage-driver vfs --bridge none --iptables=false --ip6tables=false --ip-forward=false --exec-opt native.cgroupdriver=cgroupfs
"""


class DockerHost(Machine):
    def start(self):
        self.boot(system("docker", _PACKAGES), "var/lib/docker", _DAEMON)
        self.answers("docker", "version")
        self._has_image()
        self.run("/usr/sbin/sshd")

    def _has_image(self):
        """From a root file system, and from no registry."""
        file = self.folder / "exchange" / "guest.tar"
        run(["tar", "--numeric-owner", "--exclude=./dev/*", "-C", furnished_guest(), "-cf", file, "."])
        self.run("docker", "import", "/mnt/guest.tar", "guest")
        file.unlink()

    def launch(self, name, login, identity):
        self.run("docker", "run", "--detach", "--name", name, "--network", "none", "guest", "sleep", "infinity")
        script = "ssh-keygen -A; mkdir -p /run/sshd"
        script += f"; useradd --create-home --shell /bin/bash --password '*' {login}; mkdir -p /home/{login}/.ssh"
        script += f"; cat >/home/{login}/.ssh/authorized_keys; chown -R {login} /home/{login}"
        self.run("docker", "exec", "-i", name, "sh", "-c", script, input=identity)

    def remove_all(self):
        self.try_("sh", "-c", "docker rm --force $(docker ps --all --quiet); rmdir /sys/fs/cgroup/*/docker")
