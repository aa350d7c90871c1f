"""Imports what would be a module, were it no pipe."""

import hostile.a_fifo
