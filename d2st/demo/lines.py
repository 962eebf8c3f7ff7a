"""Lines that people wait in: for a place among the requests that run, for the network, for a reader of clips."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

LOOK_AGAIN = 0.25  # seconds between two looks at whether somebody who waits is still there
REMEMBERED = 1000  # names whose last turn is known


class Waiter(Protocol):
    """Who waits in a line."""

    number: int  # in the order of arrival

    @property
    def names(self) -> tuple[str, str]:
        """An address, and a visitor of it."""

    def go_on(self, position: int = 0, of: int = 0) -> None:
        """Raises where there is nobody left to wait for; `position` of all who wait in this line, from 1."""

    def is_in(self) -> None:
        """Told that the wait is over."""


class Line:
    """What few can have at a time, and who waits for it.

    Next is who has waited longest since the last turn: address by address, then visitor by visitor of an
    address, first come first served within one. So nobody waits for more than one turn of each other one.

    fits: whether somebody may go in beside those who are in.
    """

    def __init__(self, fits: Callable[[Waiter, list], bool]):
        self.fits = fits
        self.changed = threading.Condition()
        self.waiting: list[Waiter] = []
        self.inside: list[Waiter] = []
        self._last: dict[str, int] = {}  # when a name had its last turn
        self._clock = 0

    @contextmanager
    def place(self, waiter: Waiter) -> Iterator[None]:
        """Wait for a place, and have it. Raises what `waiter.go_on` raises, which is asked again and again."""
        self._wait(waiter)
        try:
            waiter.is_in()
            yield
        finally:
            with self.changed:
                self.inside.remove(waiter)
                self.changed.notify_all()

    def _wait(self, waiter: Waiter) -> None:
        waiter.go_on()
        with self.changed:
            for name in waiter.names:
                self._last.setdefault(name, self._clock)
            self.waiting.append(waiter)
            try:
                while self._next() is not waiter:
                    self.changed.wait(LOOK_AGAIN)
                    waiter.go_on(self.position(waiter), len(self.waiting))
                self._enter(waiter)
            finally:
                self.waiting.remove(waiter)
                self.changed.notify_all()

    def position(self, waiter: Waiter) -> int:
        """Of somebody in the line, from 1."""
        return 1 + sorted(self.waiting, key=self._rank).index(waiter)

    def _next(self) -> Waiter | None:
        passed = set()
        for waiter in sorted(self.waiting, key=self._rank):
            if waiter.names in passed:  # nobody overtakes himself
                continue
            if self.fits(waiter, self.inside):
                return waiter
            passed.add(waiter.names)
        return None

    def _rank(self, waiter: Waiter) -> tuple[int, ...]:
        return *(self._last[name] for name in waiter.names), waiter.number

    def _enter(self, waiter: Waiter) -> None:
        self.inside.append(waiter)
        self._clock += 1
        self._last.update(dict.fromkeys(waiter.names, self._clock))
        if len(self._last) > REMEMBERED:
            present = {name for each in (*self.waiting, *self.inside) for name in each.names}
            self._last = {name: when for name, when in self._last.items() if name in present}
