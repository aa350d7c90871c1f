"""The repository's own project as a distribution: what installing it puts into site-packages."""
