"""Imports what would be a module, were it no socket."""

import hostile.a_socket
