"""Breaks the JSON encoder for everyone, as patches of its class do."""

import json


def refuse(*args, **kwargs):
    raise RuntimeError("json.JSONEncoder is patched")


json.JSONEncoder.default = refuse
json.JSONEncoder.encode = refuse
json.JSONEncoder.iterencode = refuse
