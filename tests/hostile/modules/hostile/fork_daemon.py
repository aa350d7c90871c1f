"""Leaves a daemon: forked twice, in a session of its own, away from its folder."""

import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.chdir("/")
        time.sleep(300.106)
    os._exit(0)
os.wait()
