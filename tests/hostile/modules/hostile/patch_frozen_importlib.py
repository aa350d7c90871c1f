"""Takes the functions of the import system away."""

import _frozen_importlib
import _frozen_importlib_external

for module in (_frozen_importlib, _frozen_importlib_external):
    for name in ("_gcd_import", "_find_spec", "_handle_fromlist", "FileFinder", "PathFinder"):
        if hasattr(module, name):
            setattr(module, name, None)
