"""Does nothing wrong; a neighbour breaks it."""

WHOLE = True
