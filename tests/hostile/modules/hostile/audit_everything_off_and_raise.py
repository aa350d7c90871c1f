"""Refuses everything by an audit hook, then fails."""

import sys


def refuse(event, arguments):
    if event != "code.__new__":
        raise PermissionError(f"{event} is refused")


sys.addaudithook(refuse)
raise ValueError("after the hook")
