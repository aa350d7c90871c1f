"""Writes beside itself."""

from pathlib import Path

HERE = Path(__file__).parent
HERE.joinpath("written_at_import.txt").write_text("data\n")
HERE.joinpath("written_at_import.py").write_text("raise RuntimeError('generated')\n")
