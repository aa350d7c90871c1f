"""Becomes a program that stays."""

import os

os.execv("/bin/sleep", ["sleep", "300.103"])
