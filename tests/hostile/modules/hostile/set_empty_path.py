"""Empties the import path."""

import sys

sys.path = []
sys.path_importer_cache.clear()
