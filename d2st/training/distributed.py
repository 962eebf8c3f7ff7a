"""Several processes that train as one, under torchrun."""

import atexit
import os

import torch
import torch.distributed as dist

from d2st.errors import D2STError


def join_processes(device: torch.device, tasks_per_step: int) -> torch.device:
    """Join the other processes, each on a GPU of its own where there are GPUs; alone, do nothing.

    Raises `D2STError`, in every process and before any waits for another, where they cannot share the
    tasks of a step evenly: the gradients are a mean over processes.
    """
    if "LOCAL_RANK" not in os.environ:
        return device
    processes = int(os.environ["WORLD_SIZE"])
    if tasks_per_step % processes:
        fitting = [str(n) for n in range(1, tasks_per_step + 1) if tasks_per_step % n == 0]
        tasks = f"{tasks_per_step} task{'s' * (tasks_per_step > 1)}"
        raise D2STError(
            f"{processes} processes cannot share the {tasks} of a step evenly. Start {' or '.join(fitting)}, or change "
            "tasks_per_step."
        )
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    atexit.register(dist.destroy_process_group)
    return device


def rank_and_world() -> tuple[int, int]:
    """This process's number, and how many there are."""
    shared = dist.is_available() and dist.is_initialized()
    return (dist.get_rank(), dist.get_world_size()) if shared else (0, 1)
