"""Where rooms and messages are kept."""
