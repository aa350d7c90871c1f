"""Imports a name from a module whose __getattr__ fails in its own way."""

from hostile.attributes_that_raise import setting
