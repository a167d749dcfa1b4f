"""The clients, in the order of the table. A new one is a small file here and a line below."""

from .ansible import Ansible
from .asyncssh import AsyncSsh
from .curl import CurlScp, CurlSftp
from .dbclient import Dbclient
from .git import Git
from .golang import Go
from .java import Jsch, Sshj
from .lftp import Lftp
from .node import Node
from .openssh import BackportsScp, BackportsSsh, DebianScp, DebianSsh
from .paramiko import NewestParamiko, Paramiko
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
    NewestParamiko,
    AsyncSsh,
    Jsch,
    Sshj,
    Go,
    Node,
    Sshfs,
    Lftp,
    Rsync,
    Git,
    Ansible,
]
