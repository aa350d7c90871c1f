"""Imports from a file that is called a zip file and is none."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "damaged.zip"))
import zipped
