"""What is done between the visitors' requests: visits end, and memory goes back to the system."""

import threading
import time
from contextlib import suppress
from pathlib import Path

from d2st.demo.turns import Turns
from d2st.demo.visitors import Visitors
from d2st.models.memory import give_back_freed_memory

EVERY = 5  # seconds
RESTED = 15  # seconds without a request, after which memory is given back
BUSY = 15  # seconds after which it is given back under load
OLD = 900  # seconds after which nobody writes on at a file


class Housekeeping:
    """A thread that runs while there is something to do, and ends by itself."""

    def __init__(self, visitors: Visitors, turns: Turns, uploads: Path, every: float = EVERY, rested: float = RESTED):
        self.visitors, self.turns, self.uploads, self.every, self.rested = visitors, turns, uploads, every, rested
        self.cleaned = self.given_back = time.monotonic()
        self.lock = threading.Lock()
        self.tidy = True
        self.thread: threading.Thread | None = None

    def wake(self) -> None:
        """There was an event."""
        with self.lock:
            self.tidy = False
            if self.thread is None:
                self.thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)
                self.thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(self.every)
            self.visitors.sweep()
            self._clean()
            self._rest()
            with self.lock:
                if self.tidy and not len(self.visitors):
                    self.thread = None
                    return

    def _clean(self) -> None:
        if time.monotonic() - self.cleaned > OLD:
            self.cleaned = time.monotonic()
            delete_leftovers(self.uploads)

    def _rest(self) -> None:
        now = time.monotonic()
        idle = not self.turns.requests and now - self.turns.last > self.rested
        with self.lock:
            if self.tidy or not (idle or now - self.given_back > BUSY):
                return
            self.tidy, self.given_back = idle, now
        give_back_freed_memory()


def delete_leftovers(uploads: Path) -> None:
    """Delete what Gradio leaves in its folder: an empty file for each one that an event names, uploads that were
    broken off, and folders of files that are gone."""
    if not uploads.is_dir():
        return
    for each in uploads.iterdir():
        with suppress(OSError):
            if time.time() - each.stat().st_mtime < OLD:
                continue
            each.rmdir() if each.is_dir() else each.unlink()  # a folder that is not empty stays
