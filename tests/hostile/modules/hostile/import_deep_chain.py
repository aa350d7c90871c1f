"""Imports the first of five thousand modules that each import the next."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "archive.zip"))
import deep0
