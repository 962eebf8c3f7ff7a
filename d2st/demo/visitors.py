"""Who is here, and all that is kept of them: workspaces, the files that they brought, those made for them.

It is held in one place and deleted together: when somebody wants it to be forgotten, some time after a page was
closed, after an idle time, when there are too many (those without clips of their own first, then those who have
left, then the idlest), and at shutdown.

A page is known by the name that Gradio's client gives it, which is another one after a reload. So a tab of a browser
keeps a secret, 256 random bits, and tells it when it arrives: whoever knows the secret has the visit, whichever page
it comes from. The newest page has it alone; each tab has a visit of its own. Secrets are kept as their hashes, and
what is no such secret is none: its visit is known by its page alone, as a program's is.
"""

import contextlib
import hashlib
import re
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
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
ELSEWHERE = "Your clips and examples went on in another tab, which has them now; here a new visit begins."
REMEMBERED = 10_000  # visitors who lost something and were not told yet; pages and their visitors
WITHOUT_SECRET = 60  # seconds that a visit is kept after its page was closed, where nobody can come back to it
FILMED = 120  # seconds that a camera's pictures are kept after the last event
SECRET = re.compile("[0-9a-f]{64}")


@dataclass(eq=False)
class Guest:
    """A visitor, and what is theirs."""

    name: str  # that stays when the page is another one
    visit: Visit
    page: str  # the newest one
    address: str
    returns: bool = False  # whether there is a secret to come back with
    files: dict[str, float] = field(default_factory=dict)  # uploads, and when they last were before they were named
    used: float = field(default_factory=time.monotonic)  # when the last event ended
    busy: int = 0  # events that run
    left: bool = False  # whether the page was closed
    gone: bool = False  # whether the visit was deleted

    @property
    def has_something(self) -> bool:
        return self.visit.has_something or (self.returns and bool(self.files))


class Visitors:
    """The guests by their names, and the pages by theirs.

    make: a new visit; forget: is told of files that were deleted.
    """

    def __init__(
        self,
        make: Callable[[], Visit],
        limits: VisitLimits = STANDARD,
        forget: Callable[[Iterable[str]], None] = lambda files: None,
    ):
        self.make, self.limits, self.forget_files = make, limits, forget
        self.guests: dict[str, Guest] = {}
        self.pages: OrderedDict[str, str] = OrderedDict()  # pages → the names of guests who came with a secret
        self.lock = threading.Lock()
        self._why: OrderedDict[str, str] = OrderedDict()  # why those who lost their visit did

    def __len__(self) -> int:
        return len(self.guests)

    @contextmanager
    def guest(
        self, page: str, address: str, files: Iterable[str] = (), secret: str | None = None, user: str = ""
    ) -> Iterator[Guest]:
        """Who a page belongs to, somebody new where it is not known; their visit stays while this lasts.

        files: uploads that they take along; secret: what the page's tab keeps, told when it arrives; user: who is
        logged in there, if anybody needs to be: it is a visit of theirs alone.
        `Visit.lost` is a sentence where there was another visit before, and something in it.
        """
        with self.lock:
            if secret and SECRET.fullmatch(secret):
                self._arrive(page, f"tab {hashlib.sha256(f'{secret} {user}'.encode()).hexdigest()}")
            name = self.name_of(page)
            guest = self.guests.get(name)
            if guest is None:
                guest = self.guests[name] = Guest(name, self.make(), page, address, returns=page in self.pages)
                guest.visit.lost = self._why.pop(name, "")
            guest.page, guest.address = page, address
            guest.busy += 1
            guest.left = False
            guest.files.update({file: _uploaded(file) for file in files})
            over = self._over()
        self._delete(over)
        try:
            yield guest
        finally:
            with self.lock:
                guest.busy -= 1
                guest.used = time.monotonic()
                spent = {file: guest.files.pop(file) for file in guest.visit.spent & guest.files.keys()}
                guest.visit.spent.clear()
            self._unlink(spent)

    def name_of(self, page: str) -> str:
        """The name of the guest that a page belongs to; no page can call itself by it."""
        return self.pages.get(page, f"page {page}")

    def _arrive(self, page: str, name: str) -> None:
        """A page belongs to a guest from now on, and the page that did before no longer; `lock` is held."""
        before = self.guests.get(name)
        if before and before.page != page:
            self.pages.pop(before.page, None)
            if before.has_something:
                self._remember(f"page {before.page}", ELSEWHERE)
        nameless = self.guests.get(f"page {page}")
        if nameless and not (nameless.busy or nameless.has_something):  # an event was here before the secret
            self._take_out(nameless.name, "")
        elif nameless:
            nameless.left = True
        self.pages[page] = name
        self.pages.move_to_end(page)
        for old in list(self.pages)[: max(0, len(self.pages) - REMEMBERED)]:
            if self.pages[old] not in self.guests:
                del self.pages[old]

    def leave(self, page: str) -> None:
        """A page was closed; the visit is deleted some time after, unless the page, or its tab, is back by then."""
        with self.lock:
            guest = self.guests.get(self.name_of(page))
            if guest and guest.page == page:
                guest.left, guest.used, guest.visit.live = True, time.monotonic(), None

    def forget(self, page: str) -> None:
        """Delete a page's visit with all that belongs to it, at once; what runs for it ends at its next turn."""
        with self.lock:
            name = self.name_of(page)
            self.pages.pop(page, None)
            self._why.pop(name, None)
            gone = [self._take_out(name, "")] if name in self.guests else []
        self._delete(gone)

    def sweep(self) -> None:
        """Delete the visits of those who have left or are idle, and what a camera saw that sends nothing any more."""
        now, late = time.monotonic(), []
        with self.lock:
            for name, guest in list(self.guests.items()):
                if not guest.busy and now - guest.used > FILMED:
                    guest.visit.live = None
                if not guest.busy and now - guest.used > self.seconds_for(guest):
                    late.append(self._take_out(name, IDLE))
        self._delete(late)

    def seconds_for(self, guest: Guest) -> float:
        """How long a visit is kept after its last event."""
        if not guest.left:
            return self.limits.idle_seconds
        return self.limits.away_seconds if guest.returns else min(WITHOUT_SECRET, self.limits.away_seconds)

    def close(self) -> None:
        """Delete everything."""
        with self.lock:
            everybody = [self._take_out(name, "") for name in list(self.guests)]
        self._delete(everybody)

    def _over(self) -> list[Guest]:
        """Take out those for whom there is no room."""
        out = []
        while len(self.guests) > self.limits.visits:
            crowd = Counter(guest.address for guest in self.guests.values())
            idle = {name: guest for name, guest in self.guests.items() if not guest.busy}
            if not idle:
                break

            def worth(name: str, idle=idle, crowd=crowd) -> tuple[bool, bool, bool, float]:
                guest = idle[name]
                few = crowd[guest.address] <= self.limits.visits // 2
                return guest.has_something, few, not guest.left, guest.used

            out.append(self._take_out(min(idle, key=worth), CROWDED))
        return out

    def _take_out(self, name: str, why: str) -> Guest:
        guest = self.guests.pop(name)
        guest.gone = True
        if why and guest.has_something:
            self._remember(name, why)
        return guest

    def _remember(self, name: str, why: str) -> None:
        self._why[name] = why
        while len(self._why) > REMEMBERED:
            self._why.popitem(last=False)

    def _delete(self, guests: list[Guest]) -> None:
        for guest in guests:
            self._unlink(guest.files)
            guest.visit.close()

    def _unlink(self, files: Mapping[str, float]) -> None:
        """Delete files of a guest, but for those that somebody else has, too, or has just uploaded again.

        Who has one too deletes it in the end, also where this guest brought it once more since.
        """
        if not files:
            return
        with self.lock:
            needed = set()
            for other in self.guests.values():
                for file in other.files.keys() & files.keys():
                    other.files[file] = max(other.files[file], files[file])
                    needed.add(file)
        gone = {file for file, at in files.items() if file not in needed and _uploaded(file) <= at}
        for file in gone:
            with contextlib.suppress(OSError):
                Path(file).unlink(missing_ok=True)
                Path(file).parent.rmdir()  # of its own; stays where another file is in it
        self.forget_files(gone)


def _uploaded(file: str) -> float:
    """When a file came to where it is; 0 where it is gone."""
    with contextlib.suppress(OSError):
        return Path(file).stat().st_ctime
    return 0
