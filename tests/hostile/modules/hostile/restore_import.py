"""Makes an __import__ of its own from the parts of the import system and installs it."""

import builtins
import importlib

builtins.__import__ = importlib.__import__
import hostile.namespace.inside
from hostile import nowhere_to_be_found
