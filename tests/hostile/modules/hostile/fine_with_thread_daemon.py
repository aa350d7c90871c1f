"""Starts a daemon thread, as metrics clients do."""

import threading

threading.Thread(target=threading.Event().wait, daemon=True).start()
