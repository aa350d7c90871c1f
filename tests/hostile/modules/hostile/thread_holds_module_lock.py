"""Has a thread that is inside an import for ever, then imports the same module."""

import builtins
import threading

builtins.hostile_started = threading.Event()
threading.Thread(target=lambda: __import__("hostile.never_done"), daemon=True).start()
builtins.hostile_started.wait()
import hostile.never_done
