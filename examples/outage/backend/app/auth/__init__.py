"""How this service shows people who they are."""
