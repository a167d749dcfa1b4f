"""The system gives only so many threads: the bastion has all of them from the beginning, or says so and does not start."""

import re

import pytest

from lab.process import run

pytestmark = pytest.mark.bastion_only

NOBODY = "games"  # has no processes anywhere; root has no such limit


def restarted(lab, limit=None):
    """As a user of its own, which has no more processes and threads than that."""
    run(["chown", "-R", NOBODY, lab.bastion.state.parent])
    words = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    # Whoever looks for leaks at the end of a process starts one more.
    limited = ["env", "LSAN_OPTIONS=detect_leaks=0", "prlimit", f"--nproc={limit}:{limit}"]
    lab.bastion.launch(through=words + (limited if limit else []))


def ends(lab):
    lab.bastion.terminate()
    assert lab.bastion.ended() == 0


def test_with_fewer_than_it_needs_it_does_not_start_and_with_enough_it_serves(own_lab):
    ends(own_lab)
    restarted(own_lab)
    own_lab.bastion.becomes_ready()
    needed = own_lab.bastion.threads()
    ends(own_lab)
    for limit in [4, needed // 2, needed - 2, needed - 1]:
        before = len(own_lab.log)
        restarted(own_lab, limit)
        assert own_lab.bastion.ended() == 1, limit
        said = own_lab.log[before:].splitlines()
        assert re.search("error: cannot start a (process|thread): ", said[-1]), (limit, said)
    restarted(own_lab, needed)
    own_lab.bastion.becomes_ready()
    given = own_lab.client.run(*own_lab.client.ssh_line("root", "bastion", "admin", "-s"), "user", "add", "nina")
    given.succeeded()
    own_lab.ssh("alice", "true").succeeded()
    assert own_lab.bastion.threads() == needed
