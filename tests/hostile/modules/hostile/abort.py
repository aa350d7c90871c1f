"""Aborts, as a failed assertion in a C library does."""

import os

os.abort()
