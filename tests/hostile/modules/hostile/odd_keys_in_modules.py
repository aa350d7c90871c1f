"""Leaves names in sys.modules that are none."""

import sys

sys.modules["\udc80\n"] = sys
sys.modules["a" * 100_000] = None
sys.modules[7] = sys
sys.modules[b"bytes", None] = object()
