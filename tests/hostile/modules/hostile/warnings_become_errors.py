"""Makes warnings errors for everyone."""

import warnings

warnings.simplefilter("error")
