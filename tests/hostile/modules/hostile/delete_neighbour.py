"""Deletes the source of a module that is imported later."""

from pathlib import Path

Path(__file__).with_name("victim_deleted.py").unlink()
