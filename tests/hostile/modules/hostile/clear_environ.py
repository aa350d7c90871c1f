"""Empties the environment."""

import os

os.environ.clear()
