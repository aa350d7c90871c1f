"""Imports what would be a module, were it no folder."""

import hostile.a_folder
