"""Does nothing wrong; a neighbour deletes it."""

WHOLE = True
