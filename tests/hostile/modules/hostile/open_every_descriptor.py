"""Opens files until no more can be opened."""

import os
import resource

resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
try:
    while True:
        os.open(os.devnull, os.O_RDONLY)
except OSError:
    pass
