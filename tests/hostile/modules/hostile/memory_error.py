"""Needs more memory than there is."""

import resource

resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
data = bytearray(1 << 40)
