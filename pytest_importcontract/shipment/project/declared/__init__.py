"""What a project declares to be installed, read by the rules of each build backend."""
