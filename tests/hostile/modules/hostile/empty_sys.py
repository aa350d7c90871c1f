"""Takes every name out of sys."""

import sys

vars(sys).clear()
