"""Waits for a thread that waits for this very import."""

import importlib
import threading

thread = threading.Thread(target=importlib.import_module, args=(__name__,))
thread.start()
thread.join()
