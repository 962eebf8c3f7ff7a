"""Who is here, and all that is kept of them: workspaces, the files that they brought, those made for them.

It is held in one place and deleted together: when somebody has left, after an idle time, when there are
too many (those without clips of their own first, then the idlest), and at shutdown.
"""

import contextlib
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from d2st.demo.limits import STANDARD, VisitLimits
from d2st.demo.workspace import Visit

IDLE = "You were away for long, so your clips and examples were deleted here. Add them again, or load a saved session."
CROWDED = (
    "There were too many visitors, and you were away for longest, so your clips and examples were deleted here. "
    "Add them again, or load a saved session."
)
REMEMBERED = 10_000  # visitors who lost something and were not told yet


@dataclass(eq=False)
class Guest:
    """A visitor, and what is theirs."""

    visit: Visit
    address: str
    files: set[str] = field(default_factory=set)  # uploads
    used: float = field(default_factory=time.monotonic)  # when the last event ended
    busy: int = 0  # events that run
    left: bool = False  # whether the page was closed

    @property
    def has_something(self) -> bool:
        return self.visit.has_something


class Visitors:
    """The guests by their secrets: what a browser made up for its page, which nobody else knows.

    make: a new visit; forget: is told of files that were deleted.
    """

    def __init__(
        self,
        make: Callable[[], Visit],
        limits: VisitLimits = STANDARD,
        forget: Callable[[Iterable[str]], None] = lambda files: None,
    ):
        self.make, self.limits, self.forget = make, limits, forget
        self.guests: dict[str, Guest] = {}
        self.lock = threading.Lock()
        self._why: OrderedDict[str, str] = OrderedDict()  # why those who lost their visit did

    def __len__(self) -> int:
        return len(self.guests)

    @contextmanager
    def visit(self, secret: str, address: str, files: Iterable[str] = ()) -> Iterator[Visit]:
        """A visitor's visit, new where there is none; it stays while this lasts. files: uploads that it takes along.

        `Visit.lost` is a sentence where there was another visit before, and something in it.
        """
        with self.lock:
            guest = self.guests.get(secret)
            if guest is None:
                guest = self.guests[secret] = Guest(self.make(), address)
                guest.visit.lost = self._why.pop(secret, "")
            guest.busy += 1
            guest.left = False
            guest.files.update(files)
            over = self._over()
        self._delete(over)
        try:
            yield guest.visit
        finally:
            with self.lock:
                guest.busy -= 1
                guest.used = time.monotonic()

    def leave(self, secret: str) -> None:
        """A page was closed; the visit is deleted soon, unless the page is back by then."""
        with self.lock:
            if guest := self.guests.get(secret):
                guest.left, guest.used = True, time.monotonic()

    def sweep(self) -> None:
        """Delete the visits of those who have left or are idle."""
        now, late = time.monotonic(), []
        with self.lock:
            for secret, guest in list(self.guests.items()):
                most = self.limits.away_seconds if guest.left else self.limits.idle_seconds
                if not guest.busy and now - guest.used > most:
                    late.append(self._take_out(secret, IDLE))
        self._delete(late)

    def close(self) -> None:
        """Delete everything."""
        with self.lock:
            everybody = [self._take_out(secret, "") for secret in list(self.guests)]
        self._delete(everybody)

    def _over(self) -> list[Guest]:
        """Take out those for whom there is no room."""
        out = []
        while len(self.guests) > self.limits.visits:
            crowd = Counter(guest.address for guest in self.guests.values())
            idle = {secret: guest for secret, guest in self.guests.items() if not guest.busy}
            if not idle:
                break

            def worth(secret: str, idle=idle, crowd=crowd) -> tuple[bool, bool, float]:
                guest = idle[secret]
                return guest.has_something, crowd[guest.address] <= self.limits.visits // 2, guest.used

            out.append(self._take_out(min(idle, key=worth), CROWDED))
        return out

    def _take_out(self, secret: str, why: str) -> Guest:
        guest = self.guests.pop(secret)
        if why and guest.has_something:
            self._why[secret] = why
            while len(self._why) > REMEMBERED:
                self._why.popitem(last=False)
        return guest

    def _delete(self, guests: list[Guest]) -> None:
        if not guests:
            return
        with self.lock:  # two visitors may have brought the same file
            needed = {file for guest in self.guests.values() for file in guest.files}
        for guest in guests:
            gone = {file for file in guest.files - needed if not _brought_again(file, guest)}
            for file in gone:
                with contextlib.suppress(OSError):
                    Path(file).unlink(missing_ok=True)
                    Path(file).parent.rmdir()  # of its own; stays where another file is in it
            guest.visit.close()
            self.forget(gone)


def _brought_again(file: str, guest: Guest) -> bool:
    """Whether somebody else has uploaded the same file since the guest's last event, and not used it yet."""
    with contextlib.suppress(OSError):
        return time.time() - Path(file).stat().st_ctime < time.monotonic() - guest.used
    return False
