"""Starting the service as its container does, and waiting until it is up."""
