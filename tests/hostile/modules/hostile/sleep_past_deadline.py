"""Waits for something that does not come."""

import time

time.sleep(300.108)
