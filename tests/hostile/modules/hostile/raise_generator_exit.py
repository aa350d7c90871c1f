"""Raises GeneratorExit."""

raise GeneratorExit("closed during import")
