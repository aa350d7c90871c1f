"""Writes to descriptors that it does not own, as double-close bugs do."""

import os
import select

for descriptor in range(3, 64):
    try:
        ready = select.select([], [descriptor], [], 0)[1]
        if ready:
            os.write(descriptor, b"\xff\xff\xff\xff not yours")
    except OSError:
        pass
