"""Loads a broken module lazily, and touches it."""

import importlib.util
import sys

spec = importlib.util.find_spec("hostile.warn_as_error")
spec.loader = importlib.util.LazyLoader(spec.loader)
module = importlib.util.module_from_spec(spec)
sys.modules["hostile.warn_as_error"] = module
spec.loader.exec_module(module)
module.anything
