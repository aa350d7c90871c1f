"""Takes itself out of sys.modules."""

import sys

del sys.modules[__name__]
