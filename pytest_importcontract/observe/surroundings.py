"""What processes of ours find that stand between pytest and a service."""

from __future__ import annotations

import os
from collections.abc import Mapping

# What Python needs to be loaded, and to read names of files as pytest does.
_HANDED_ON = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE")


def surroundings() -> Mapping[str, str]:
    """The variables of a process of ours that starts a service.

    A service can read what its parent was started with (``/proc/PID/environ``, see proc(5)), so
    nothing is there that its contract does not give it anyway, tokens and passwords least of all.
    """
    return {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
