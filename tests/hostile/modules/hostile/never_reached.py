"""Imports from a folder that a file of its name hides."""

import hostile.file_and_folder.never
