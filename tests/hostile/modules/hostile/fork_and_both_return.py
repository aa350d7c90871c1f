"""Forks, and both processes finish the import."""

import os

CHILD = os.fork()
