"""Times of competitors that take turns, so that what slows the machine for a while slows all of them."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median, quantiles

import torch

LONGEST, FEWEST = 100, 5


@dataclass(frozen=True)
class Times:
    """Seconds: the median of the rounds, and where the middle eight tenths of them lie."""

    median: float
    low: float  # the 10th percentile
    high: float  # the 90th
    rounds: int

    @classmethod
    def of(cls, seconds: list[float]) -> "Times":
        tenths = quantiles(seconds, n=10, method="inclusive") if len(seconds) > 1 else seconds * 9
        return cls(median(seconds), tenths[0], tenths[-1], len(seconds))


def in_turn(competitors: dict[str, Callable[[], object]], rounds: Iterable, device: torch.device) -> dict[str, Times]:
    """Call each once in every round → its times. Before the first round each has a call that does not count.

    After `LONGEST` seconds there is no further round, when there were `FEWEST`.
    """
    for call in competitors.values():
        call()
    seconds: dict[str, list[float]] = {name: [] for name in competitors}
    began = time.perf_counter()
    for done, _ in enumerate(rounds):
        if done >= FEWEST and time.perf_counter() - began > LONGEST:
            break
        for name, call in competitors.items():
            finish(device)
            start = time.perf_counter()
            call()
            finish(device)
            seconds[name].append(time.perf_counter() - start)
    return {name: Times.of(each) for name, each in seconds.items()}


def finish(device: torch.device) -> None:
    """Wait until an accelerator has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def peak_memory(call: Callable[[], object], device: torch.device) -> int | None:
    """Most bytes that tensors take at a time while it is called, on CUDA; None elsewhere, where nobody counts them."""
    if device.type != "cuda":
        return None
    torch.cuda.reset_peak_memory_stats(device)
    call()
    return torch.cuda.max_memory_allocated(device)
