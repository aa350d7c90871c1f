"""Raises from code that says it lies in a file that cannot be, at a line that cannot be."""

source = "raise ValueError('from nowhere')"
code = compile(source, "/no\nsuch\udc80/fi\x1b[31mle.py", "exec")
exec(code.replace(co_firstlineno=(1 << 31) - 1, co_name="\x1b]0;name\x07"))
