"""Does nothing wrong, after everybody else."""

from hostile.fine_b import DEBUG

READY = not DEBUG
