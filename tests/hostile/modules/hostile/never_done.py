"""Never finishes, and says to whoever waits that it has begun."""

import builtins
import time

builtins.hostile_started.set()
time.sleep(600)
