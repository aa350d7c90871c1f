"""What the service does, without the web."""
