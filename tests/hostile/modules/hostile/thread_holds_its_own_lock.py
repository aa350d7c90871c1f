"""Leaves a thread that is inside the import of another module for ever."""

import sys
import threading
import time
import types

started = threading.Event()


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "hostile.not_yet":
            started.set()
            time.sleep(600)


sys.meta_path.insert(0, Finder)
threading.Thread(target=lambda: __import__("hostile.not_yet"), daemon=True).start()
started.wait()
