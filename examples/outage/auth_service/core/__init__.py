"""The service without its web and its database."""
