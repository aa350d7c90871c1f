"""Runs ``python -m pytest_importcontract``."""

from __future__ import annotations

import sys

from pytest_importcontract.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
