"""Raises an exception that ends the process when it is shown."""

import os


class Deadly(Exception):
    def __str__(self, leave=os._exit):
        leave(3)


raise Deadly
