"""The one way from here to the auth service."""
