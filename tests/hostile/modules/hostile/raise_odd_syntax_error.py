"""Raises a SyntaxError whose details are anything but a place."""

error = SyntaxError("odd details")
error.filename, error.lineno, error.offset, error.text = 7, 1 << 80, -3, object()
error.print_file_and_line = error.msg = ["?"]
raise error
