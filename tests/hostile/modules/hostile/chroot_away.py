"""Leaves for a root folder in which there is nothing, where it may."""

import os
import tempfile

with tempfile.TemporaryDirectory(dir=os.environ["HOME"]) as folder:
    try:
        os.chroot(folder)
        os.chdir("/")
    except PermissionError:
        pass
    else:
        folder = None
os.umask(0o777)
