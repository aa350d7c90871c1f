"""Forbids itself to write files."""

import resource

resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
