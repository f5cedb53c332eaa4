"""The fault ``duplicate_delivery``: rows slip in before a page while a window is being read, so the page repeats the end of the last one.

The slip stays until the window is read from its start again; nothing is lost by it, and the promised total grows with it.
"""


class Repeats:
    """How far each window has slipped."""

    def __init__(self) -> None:
        self._slipped: dict[tuple[str, ...], int] = {}

    def of(self, window: tuple[str, ...], first_page: bool, more: int) -> int:
        """Rows by which this page starts early, after slipping ``more`` further; the first page has nothing to repeat."""
        if first_page:
            self._slipped.pop(window, None)
            return 0
        if more:
            self._slipped[window] = self._slipped.get(window, 0) + more
        return self._slipped.get(window, 0)
