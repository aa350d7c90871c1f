"""Imports a link that leads nowhere."""

import hostile.a_dangling_link
