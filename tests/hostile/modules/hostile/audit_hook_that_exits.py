"""Installs an audit hook that ends the process at the next open()."""

import os
import sys


def leave(event, arguments, leave=os._exit):
    if event == "open":
        leave(7)


sys.addaudithook(leave)
open(__file__)
