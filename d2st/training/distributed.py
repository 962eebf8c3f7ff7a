"""Several processes that train as one, or share their clips, under torchrun."""

import atexit
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import torch
import torch.distributed as dist

from d2st.errors import D2STError

T = TypeVar("T")
R = TypeVar("R")


def join_processes(device: torch.device, tasks_per_step: int | None = None) -> torch.device:
    """Join the other processes, each on a GPU of its own where there are GPUs; alone, do nothing.

    Raises `D2STError`, in every process and before any waits for another, where they are to train and cannot share
    the tasks of a step evenly: the gradients are a mean over processes.
    """
    if "LOCAL_RANK" not in os.environ:
        return device
    processes = int(os.environ["WORLD_SIZE"])
    if tasks_per_step and tasks_per_step % processes:
        fitting = [str(n) for n in range(1, tasks_per_step + 1) if tasks_per_step % n == 0]
        tasks = f"{tasks_per_step} task{'s' * (tasks_per_step > 1)}"
        raise D2STError(
            f"{processes} processes cannot share the {tasks} of a step evenly. Start {' or '.join(fitting)}, or change "
            "tasks_per_step."
        )
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    if dist.is_initialized():
        return device
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    atexit.register(dist.destroy_process_group)
    return device


def rank_and_world() -> tuple[int, int]:
    """This process's number, and how many there are."""
    shared = dist.is_available() and dist.is_initialized()
    return (dist.get_rank(), dist.get_world_size()) if shared else (0, 1)


def shared(items: Sequence[T], work: Callable[[Sequence[T]], Iterable[R]]) -> list[R]:
    """What `work` makes of each item, one result an item, in their order: each process does its share, all get all."""
    rank, world = rank_and_world()
    mine = list(work(items[rank::world]))
    if world == 1:
        return mine
    gathered: list[Any] = [None] * world
    dist.all_gather_object(gathered, mine)
    results: list[Any] = [None] * len(items)
    for each, done in enumerate(gathered):
        results[each::world] = done
    return results


def dealt(number: int, at_once: int = 64) -> bool:
    """Whether this process is to do the piece of work with that number: so many in a row are dealt to each in turn."""
    rank, world = rank_and_world()
    return number // at_once % world == rank


def put_together(results: list[Any]) -> list[Any]:
    """The results of all processes, each of which has None in the place of what was not `dealt` to it."""
    gathered: list[Any] = [results]
    if (world := rank_and_world()[1]) > 1:
        gathered = [None] * world
        dist.all_gather_object(gathered, results)
    return [next((one for one in each if one is not None), None) for each in zip(*gathered, strict=True)]
