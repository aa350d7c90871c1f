"""Starts a thread that would keep the process alive."""

import threading

threading.Thread(target=threading.Event().wait).start()
