"""The bastion as systemd runs it."""

import os
import pathlib
import re

_UNIT = pathlib.Path(__file__).resolve().parents[2] / "packaging" / "bastion.service"


def prioritize(lab):
    """Gives every thread of its bastion the priority that the unit has."""
    nice = int(re.search(r"^Nice=(\S+)$", _UNIT.read_text(), re.MULTILINE).group(1))
    for task in os.listdir(f"/proc/{lab.bastion.pid}/task"):
        os.setpriority(os.PRIO_PROCESS, int(task), nice)
