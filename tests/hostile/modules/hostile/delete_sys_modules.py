"""Deletes sys.modules."""

import sys

del sys.modules
