"""Leaves a daemon in a session of its own, with no variables and other files open."""

import os
import sys

if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    os.chdir("/")
    os.closerange(0, 1024)
    os.execve(sys.executable, ["worker", "-S", "-c", "import time; time.sleep(600)"], {})
