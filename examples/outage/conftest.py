"""Its folder, the repository's root, is put on the import path, as on every laptop."""

from pathlib import Path

# Another tree has packages of these names: the tests run only where this one is the repository.
collect_ignore = [] if Path.cwd() == Path(__file__).parent else ["backend", "tests"]
