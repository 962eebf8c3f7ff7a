"""Many clips through a network, one after the other or side by side."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import TypeVar

import torch

from d2st.video import read_ahead
from d2st.video.ahead import ahead

MOST = 8  # clips that are computed at a time: each wants memory of its own

T = TypeVar("T")
C = TypeVar("C")
R = TypeVar("R")


def side_by_side(
    read: Callable[[T], C], compute: Callable[[C], R], items: Sequence[T], device: torch.device,
    progress: Callable[[Sequence[T]], Iterable[T]] = iter,
) -> Iterator[tuple[T, Callable[[], R]]]:  # fmt: skip
    """Each item, and what gives `compute(read(item))` or raises why not, in their order.

    One clip does not keep the cores of a processor busy. So each takes a clip of its own there, and where there are
    more than `MOST`, they share a clip. Elsewhere the next clips are read while one is computed. `progress` wraps the
    items as they are handed out, as tqdm does.
    """
    if device.type != "cpu":
        for item, clip in read_ahead(read, items, progress):
            yield item, partial(_computed, compute, clip)
        return
    cores = torch.get_num_threads()
    at_once = min(cores, MOST)
    each = partial(torch.set_num_threads, cores // at_once)  # for the thread that calls it
    try:
        with closing(ahead(lambda item: compute(read(item)), items, at_once, 2 * at_once, each)) as results:
            for item, result in zip(progress(items), results, strict=True):
                yield item, result.result
    finally:
        torch.set_num_threads(cores)  # for threads that begin later


def _computed(compute: Callable[[C], R], clip: Callable[[], C]) -> R:
    return compute(clip())
