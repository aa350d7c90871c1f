"""What the service answers over HTTP and WebSocket."""
