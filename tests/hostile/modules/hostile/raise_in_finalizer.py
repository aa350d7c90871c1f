"""Leaves an object whose finalizer raises, and one whose finalizer exits."""

import sys


class Grave:
    def __init__(self, error):
        self.error = error

    def __del__(self):
        raise self.error


Grave(SystemExit(3))
Grave(KeyboardInterrupt())
left = Grave(ValueError("at the end"))
