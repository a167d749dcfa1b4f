"""A network of namespaces with real OpenSSH in it, and the words the stories are told in.

Start with lab.py (what a Lab is and what it can do) and topology.py (who lives where).
"""

from .deadline import until
from .lab import Lab
from .outcome import Outcome

__all__ = ["Lab", "Outcome", "until"]
