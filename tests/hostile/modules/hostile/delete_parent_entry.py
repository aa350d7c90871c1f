"""Takes its package out of sys.modules."""

import sys

del sys.modules["hostile"]
