"""Puts a file in the place of its home folder."""

import os

os.rmdir(os.environ["HOME"])
open(os.environ["HOME"], "w").close()
