"""Loads a broken module lazily, and never touches it."""

import importlib.util
import sys

spec = importlib.util.find_spec("hostile.raise_base_exception")
spec.loader = importlib.util.LazyLoader(spec.loader)
module = importlib.util.module_from_spec(spec)
sys.modules["hostile.raise_base_exception"] = module
spec.loader.exec_module(module)
