"""Breaks json.dumps for everyone."""

import json


def refuse(*args, **kwargs):
    raise RuntimeError("json.dumps is patched")


json.dumps = refuse
