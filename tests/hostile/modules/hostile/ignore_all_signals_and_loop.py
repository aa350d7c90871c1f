"""Blocks and ignores whatever signal can be, then never ends."""

import faulthandler
import signal
import time

faulthandler.disable()
for number in signal.valid_signals():
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
while True:
    time.sleep(60)
