"""Installs an audit hook that refuses whatever the process does from then on."""

import sys


def refuse(event, arguments):
    raise RuntimeError(f"{event} is refused")


sys.addaudithook(refuse)
