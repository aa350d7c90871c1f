"""Sets a profile function that raises."""

import sys


def profile(frame, event, argument):
    sys.setprofile(None)
    raise RuntimeError("profiled")


sys.setprofile(profile)
len("")
