"""The clients, in the order of the table. A new one is a small file here and a line below."""

from .ansible import Ansible
from .asyncssh import AsyncSsh
from .curl import CurlScp, CurlSftp
from .dbclient import Dbclient
from .git import Git
from .lftp import Lftp
from .openssh import BackportsScp, BackportsSsh, DebianScp, DebianSsh
from .paramiko import Paramiko
from .putty import Plink, Pscp, Psftp
from .rsync import Rsync
from .sshfs import Sshfs

CLIENTS = [
    DebianSsh,
    DebianScp,
    BackportsSsh,
    BackportsScp,
    Plink,
    Psftp,
    Pscp,
    Dbclient,
    CurlSftp,
    CurlScp,
    Paramiko,
    AsyncSsh,
    Sshfs,
    Lftp,
    Rsync,
    Git,
    Ansible,
]
