"""Answers for many files: run as ``PYTHON -I -S FOLDER``, FOLDER being this one.

One JSON object a line on standard input: first what `platform_facts` returns, then requests with
the keys ``file``, ``module``, ``is_package`` and ``compiled``. One JSON object a line on standard
output for each request, in their order: what `read_file` returns. A file that cannot be opened is a
problem like one that cannot be parsed.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys


def main() -> None:
    """Answer the requests on standard input."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[0] = os.path.dirname(here)  # the interpreter put this folder there
    read_file = importlib.import_module(os.path.basename(here)).read_file
    del sys.path[0]
    gc.disable()  # trees hold no cycles, and are gone before the next one is made
    lines = sys.stdin.buffer
    platform = json.loads(lines.readline())
    for line in lines:
        asked = json.loads(line)
        sys.stdout.write(json.dumps(read_file(platform=platform, **asked)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
