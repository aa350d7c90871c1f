"""Who is connected right now."""

from collections import Counter


class SessionManager:
    """Counts the open connections of each person."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def opened(self, name: str) -> None:
        self._open[name] += 1

    def closed(self, name: str) -> None:
        self._open[name] -= 1

    def names(self) -> list[str]:
        return sorted(name for name, count in self._open.items() if count > 0)
