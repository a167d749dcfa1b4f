"""The bastion as systemd runs it."""

import os
import pathlib
import re

_UNIT = pathlib.Path(__file__).resolve().parents[2] / "packaging" / "bastion.service"


def prioritize(lab):
    """Gives every thread of its bastion, which has just started, the priority that it would have from the unit: some ask for less than
    others."""
    nice = int(re.search(r"^Nice=(\S+)$", _UNIT.read_text(), re.MULTILINE).group(1))
    tasks = [int(task) for pid in lab.middle_pids() for task in os.listdir(f"/proc/{pid}/task")]
    for task in tasks:
        os.setpriority(os.PRIO_PROCESS, task, os.getpriority(os.PRIO_PROCESS, task) + nice)
