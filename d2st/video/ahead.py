"""What is read while something else is computed: in threads, in order, and never far ahead."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from typing import TypeVar

AT_ONCE, MOST = 2, 6  # clips that are read at the same time, and that wait beyond the one that is computed

T = TypeVar("T")
R = TypeVar("R")


def ahead(
    read: Callable[[T], R], items: Iterable[T], at_once: int = 1, most: int = 2,
    begin: Callable[[], object] | None = None,
) -> Generator[Future[R]]:  # fmt: skip
    """What `read` makes of each item, in their order; an error is raised where the result is asked for.

    at_once: how many are read at the same time; most: how many are ready or being read beyond the one that is handed
    out. Each is read as in the context of the caller: what is paid for, and by whom, stays the same. begin: what each
    thread does first.
    """
    with ThreadPoolExecutor(at_once, thread_name_prefix="reading", initializer=begin) as threads:
        begun: deque[Future[R]] = deque()
        try:
            for item in items:
                begun.append(threads.submit(copy_context().run, read, item))
                if len(begun) > most:
                    yield begun.popleft()
            while begun:
                yield begun.popleft()
        finally:  # whoever stops in between waits for those that are being read, and for no other
            for each in begun:
                each.cancel()


def read_ahead(
    read: Callable[[T], R], items: Sequence[T], progress: Callable[[Sequence[T]], Iterable[T]] = iter
) -> Iterator[tuple[T, Callable[[], R]]]:
    """Each item, and what gives what `read` made of it or raises why not; the next ones are read meanwhile.

    `progress` wraps the items as they are handed out, as tqdm does. This is how many clips are gone through: while the
    network computes one, others are decoded.
    """
    with closing(ahead(read, items, AT_ONCE, MOST)) as results:
        for item, result in zip(progress(items), results, strict=True):
            yield item, result.result
