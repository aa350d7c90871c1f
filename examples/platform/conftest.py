"""Its folder, the repository's root, is put on the import path, as on every laptop."""
