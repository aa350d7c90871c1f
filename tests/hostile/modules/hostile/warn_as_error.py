"""Makes warnings errors, then meets one."""

import warnings

warnings.simplefilter("error")
warnings.warn("this module is old", DeprecationWarning)
