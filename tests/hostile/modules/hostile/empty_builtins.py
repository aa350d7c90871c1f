"""Takes every name out of builtins."""

import builtins

builtins.__dict__.clear()
