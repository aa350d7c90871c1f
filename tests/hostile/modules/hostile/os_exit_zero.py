"""Ends the process behind the interpreter's back."""

import os

os._exit(0)
