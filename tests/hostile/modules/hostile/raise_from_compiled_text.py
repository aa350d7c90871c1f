"""Raises from text that it compiles under the name of another file of the package."""

import hostile.fine_a

exec(compile("\n" * 7 + "raise ValueError('elsewhere')", hostile.fine_a.__file__, "exec"))
