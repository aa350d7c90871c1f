"""A module of a package that cannot be imported."""
