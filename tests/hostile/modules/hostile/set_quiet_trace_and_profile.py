"""Sets trace and profile functions for this and all threads to come."""

import sys
import threading


def trace(frame, event, argument):
    return trace


sys.settrace(trace)
threading.settrace(trace)
sys.setprofile(lambda frame, event, argument: None)
