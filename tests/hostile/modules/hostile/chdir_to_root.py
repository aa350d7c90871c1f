"""Leaves its working folder."""

import os

os.chdir("/")
