"""Takes every name out of os and posix."""

import os
import posix

vars(os).clear()
vars(posix).clear()
