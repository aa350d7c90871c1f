"""Imports from itself what it does not have yet."""

from hostile.import_from_itself import later

later = 1
