"""Writes well-formed messages that say nonsense into every descriptor, then fails."""

import json
import os

for body in (
    {"hello": -1},
    {"at": [0, "x" * 1000, -5, "\ud800"]},
    {"asking": True},
    {"end": dict.fromkeys(("stage", "links", "missing", "exit", "edges", "loaded"))},
    {"end": {"stage": 1, "links": [7], "missing": [], "exit": "x", "edges": [[]], "loaded": 3}},
    {"answer": dict.fromkeys(("stage", "links", "missing", "exit", "edges", "loaded", "found"))},
    {"asked": [0, False, ""]},
):
    text = json.dumps(body).encode()
    for number in range(3, 1024):
        try:
            os.write(number, len(text).to_bytes(4, "big") + text)
        except OSError:
            pass
raise ValueError("the truth")
