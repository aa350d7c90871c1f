"""Deletes everything that the import system wrote into it."""

for name in ("__spec__", "__loader__", "__package__", "__file__", "__cached__", "__doc__", "__name__"):
    del globals()[name]
