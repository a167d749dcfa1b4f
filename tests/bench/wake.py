"""How long a user is away whose backend is taken away under her: until it is started again, by a hook, and she is back in.

The machine is simulated: it takes ten seconds from the hook's order until its sshd listens.
"""

import time

from lab import Lab
from lab.client import finish
from lab.deadline import until

_BOOTS_IN = 10  # seconds
_BEFORE = 85  # seconds: what the recovery of a spot machine took at the site whose jump servers this replaces


def measure(table, ours, theirs, options):
    del ours, theirs  # it has hooks
    with Lab(("be1",), path="bastion", settings={"log_level": "info"}) as lab:
        orders = _install_hook(lab)
        took = [_away(lab, orders) for _ in range(max(1, options.rounds // 2))]
    table.compare(f"from the loss of a backend that boots in {_BOOTS_IN} s until its user is back in", "s", took, [_BEFORE])


def _install_hook(lab):
    """Returns the file to which it writes what it is told."""
    folder, orders = lab.folder / "wake.d", lab.folder / "orders"
    folder.mkdir(mode=0o755)
    hook = folder / "cloud"
    hook.write_text(f'#!/bin/sh\necho "$@" >> {orders}\n')
    hook.chmod(0o755)
    lab.bastion.configure(wake_hooks=str(folder))
    lab.bastion.hands_over()
    lab.bastion.admin("backend", "set", "be1", "--wake", "cloud")
    return orders


def _away(lab, orders):
    """She logs in again at once, and waits."""
    orders.unlink(missing_ok=True)
    with lab.logged_in("alice"):
        began = time.monotonic()
        lab.backend("be1").stop()
        back = lab.client.start(*lab.client.ssh_line("alice", "bastion", "echo $BOX"))
        until(orders.exists, "the hook is told")
        time.sleep(_BOOTS_IN)
        lab.backend("be1").start()
        assert finish(back).stdout == "be1/alice"
        return time.monotonic() - began
