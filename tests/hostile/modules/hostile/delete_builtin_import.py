"""Takes the import statement away."""

import builtins

del builtins.__import__
