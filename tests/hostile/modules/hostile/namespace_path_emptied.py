"""Takes the folders from a namespace package, then imports from it."""

import hostile.namespace

hostile.namespace.__path__ = []
import hostile.namespace.inside
