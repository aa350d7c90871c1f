"""Is killed by an alarm nobody handles."""

import signal
import time

signal.signal(signal.SIGALRM, signal.SIG_DFL)
signal.setitimer(signal.ITIMER_REAL, 0.1)
time.sleep(300.101)
