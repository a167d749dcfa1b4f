"""What the labs of one process have in common is made once: a copy of /etc, and the users' keys with the state directory
that `bastion init` and a dozen admin commands make of them."""

import atexit
import os
import shutil

from .mounts import copy_of_etc, own_programs


class Templates:
    def __init__(self, root):
        self._folder = root / f"templates{os.getpid()}"
        self._owner = self._folder.with_suffix(".owner")
        self._etc = None
        self._programs = None
        self._sites = {}

    def etc(self):
        """A copy of /etc that every lab mounts, and none writes to."""
        if self._etc is None:
            self._etc = copy_of_etc(self._own_folder())
        return self._etc

    def programs(self):
        """A folder of programs for the PATH of every machine."""
        if self._programs is None:
            self._programs = own_programs(self._own_folder())
        return self._programs

    def begin_site(self, site, keys):
        """Puts the keys of a site that was kept into place, before the first one is made."""
        if site in self._sites:
            shutil.copytree(self._sites[site] / "keys", keys)

    def restore_site(self, site, state):
        """Puts its state directory into place; False when there is none yet."""
        if site not in self._sites:
            return False
        shutil.copytree(self._sites[site] / "state", state)
        return True

    def keep_site(self, site, keys, state):
        """Both, as they are now, are what the next lab of this site begins with. Nothing serves from there."""
        place = self._own_folder() / f"site{len(self._sites)}"
        shutil.copytree(keys, place / "keys")
        shutil.copytree(state, place / "state")
        self._sites[site] = place

    def _own_folder(self):
        if not self._owner.exists():
            self._folder.mkdir(parents=True)
            self._owner.write_text(str(os.getpid()))
            atexit.register(self._remove)
        return self._folder

    def _remove(self):
        shutil.rmtree(self._folder, ignore_errors=True)
        self._owner.unlink(missing_ok=True)
