"""Takes the global import lock and keeps it."""

import _imp

_imp.acquire_lock()
_imp.acquire_lock()
