"""Puts a link to the folder with everybody's files in the place of its home folder."""

import os

os.rmdir(os.environ["HOME"])
os.symlink(os.path.dirname(os.path.dirname(os.environ["HOME"])), os.environ["HOME"])
