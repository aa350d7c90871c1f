"""What both services agree on."""
