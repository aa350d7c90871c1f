"""Cannot be reached: the file beside the folder is no package."""
