"""Has a thread that interrupts the main one."""

import _thread
import threading
import time

threading.Thread(target=_thread.interrupt_main).start()
time.sleep(600)
