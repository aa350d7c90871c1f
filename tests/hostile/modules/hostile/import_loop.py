"""Imports a link that leads to itself."""

import hostile.a_loop
