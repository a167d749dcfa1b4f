"""The lab at a prompt.

    python3 -m lab up [--openssh]    brings a lab up, prints how to use it, removes it at the end of input
    python3 -m lab cleanup           removes what crashed labs left behind
"""

import os
import sys

from . import Lab, topology
from .lab import remove_abandoned


def main(words):
    match words:
        case ["up", *options]:
            with Lab([each.name for each in topology.BACKENDS], path="openssh" if "--openssh" in options else None) as lab:
                here = " ".join(lab.client.namespace.command(*lab.client.ssh_line("alice", "bastion")))
                print(f"{here}\nThe log is below {lab.folder}. The end of input takes everything down.", flush=True)
                sys.stdin.read()
        case ["cleanup"]:
            print("\n".join(remove_abandoned()) or "nothing was left behind")
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("the lab makes network namespaces: it must run as root")
    main(sys.argv[1:])
