"""Imports from a zip file that ships."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "archive.zip"))
import zipped
