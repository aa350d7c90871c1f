"""The image as its Dockerfile makes it, computed and not built."""
