"""Replaces itself by a dictionary with surprising entries."""

import sys

sys.modules[__name__] = {"__dict__": 1, "__spec__": 2, "__path__": 3, 4: 5}
