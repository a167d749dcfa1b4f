"""What a machine runs as its sshd. Each kind writes its own configuration and knows how it is started.

prepare(folder, environment, lines) writes what command(folder) reads: `environment` goes into every session where that is
possible, `lines` are a story's own. mounts() are the files it needs in the place of the machine's.
"""

from . import backports
from .process import run

# Logging in needs no PAM and nothing from the machine's own /etc/ssh.
KEYS_ONLY = """\
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PrintMotd no
PrintLastLog no
AcceptEnv LANG LC_*
Subsystem sftp /usr/lib/openssh/sftp-server
"""

# What Debian ships, with the lab's paths.
_SSHD_CONFIG = f"""\
HostKey {{folder}}/host_key
{KEYS_ONLY}\
LogLevel VERBOSE
MaxSessions 64
MaxStartups 100
X11Forwarding yes
"""


class OpenSSH:
    announces_itself = True  # with sd_notify

    def __init__(self, mounts=list):
        self.mounts = mounts

    def prepare(self, folder, environment, lines):
        own = _SSHD_CONFIG.format(folder=folder).splitlines()
        own.append("SetEnv " + " ".join(f"{name}={value}" for name, value in environment.items()))
        # sshd takes the first value it reads, so what a story asks for stands above.
        (folder / "sshd_config").write_text("\n".join([*lines, *own, ""]))

    def command(self, folder):
        return f"/usr/sbin/sshd -D -f {folder}/sshd_config -E {folder}/log"


class Dropbear:
    """It has no configuration file, and sets no variable for its sessions."""

    announces_itself = False
    mounts = list

    def prepare(self, folder, environment, lines):
        assert not lines, "dropbear has no sshd_config"
        own = folder / "host_key.dropbear"
        own.unlink(missing_ok=True)
        run(["dropbearconvert", "openssh", "dropbear", folder / "host_key", own])

    def command(self, folder):
        # -s: no passwords; -E: log to standard error.
        return f"/usr/sbin/dropbear -F -E -s -r {folder}/host_key.dropbear -p 22 2>>{folder}/log"


DEBIAN = OpenSSH()
BACKPORTS = OpenSSH(backports.mounts)
DROPBEAR = Dropbear()
