"""Forbids itself to open anything further."""

import resource

resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
