"""Courtesy and self-protection: a rate budget shared by threads, and a breaker that stops asking a system that only fails."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from connectors.errors import BadAnswer, ConnectorError, SourceUnavailable


class Pace:
    """At most ``per_second`` requests a second, evenly spread; 0 means no limit."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._gap = 1.0 / per_second if per_second else 0.0
        self._next = 0.0
        self._clock = clock
        self._lock = threading.Lock()

    def wait(self) -> float:
        """Seconds to wait before the next request; its turn is taken by asking."""
        if not self._gap:
            return 0.0
        with self._lock:
            now = self._clock()
            turn = max(now, self._next)
            self._next = turn + self._gap
            return turn - now


class Breaker:
    """Closed, it lets calls through. After ``failures`` in a row it opens: calls fail at once, without disturbing the system.

    ``pause`` seconds later it is half open: one call may try. Success closes it; failure opens it again for twice as long, up to ``longest``.
    What counts is a system that cannot answer or answers nonsense; one that names a time to come back (Retry-After) or refuses is at work.
    """

    def __init__(self, failures: int = 10, pause: float = 60.0, longest: float = 900.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._first, self._longest = failures, pause, longest
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._pause = pause
        self._opened = 0.0
        self._probing = False
        self._last = ""

    @property
    def is_open(self) -> bool:
        """Whether calls are held back now."""
        return self._failed >= self._limit and self._clock() < self._opened + self._pause

    @property
    def state(self) -> str:
        """``closed``, ``open`` or ``half-open``."""
        return "closed" if self._failed < self._limit else "open" if self.is_open else "half-open"

    @contextmanager
    def watching(self, place: str) -> Iterator[None]:
        """Around one call. Raises SourceUnavailable, with its state, when the call may not be made."""
        probe = self._enter(place)
        try:
            yield
        except (SourceUnavailable, BadAnswer) as error:
            if getattr(error, "retry_after", None) is None:
                self._failure(f"{type(error).__name__}: {error}")
            raise
        except ConnectorError:  # a refusal: the system is at work
            self._success()
            raise
        else:
            self._success()
        finally:
            if probe:
                self._probing = False

    def _enter(self, place: str) -> bool:
        with self._lock:
            if self._failed < self._limit:
                return False
            left = self._opened + self._pause - self._clock()
            if left > 0 or self._probing:
                told = f"the next probe in {left:.0f} s" if left > 0 else "a probe is under way"
                why = f"{place}: the circuit breaker is {self.state} after {self._failed} failures in a row (last: {self._last}); {told}"
                raise SourceUnavailable(why, max(left, 0.0))
            self._probing = True
            return True

    def _failure(self, what: str) -> None:
        with self._lock:
            self._failed += 1
            self._last = what
            if self._failed >= self._limit:
                self._pause = self._first if self._failed == self._limit else min(self._longest, self._pause * 2)
                self._opened = self._clock()

    def _success(self) -> None:
        with self._lock:
            self._failed, self._pause = 0, self._first
