"""Puts a folder first on the path in which colorsys and sched are other modules."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "shadows"))
sys.modules.pop("colorsys", None)
import colorsys

assert colorsys.SHADOW
import sched
