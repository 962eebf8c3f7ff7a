"""How large blocks of memory are handled, and how often Python looks for garbage."""

import atexit
import ctypes
import gc
import sys

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX, _ARENA_MAX = -1, -2, -4, -8  # malloc.h


def keep_freed_memory() -> None:
    """Keep freed blocks for the next ones instead of handing each back to the system.

    A network on a CPU allocates the same megabytes again and again; fetching them afresh costs a
    quarter of a training step. Does something with glibc only.
    """
    if libc := _glibc():
        libc.mallopt(_MMAP_MAX, 0)
        libc.mallopt(_TRIM_THRESHOLD, 2**31 - 1)
        libc.mallopt(_TOP_PAD, 2**28)
        libc.mallopt(_ARENA_MAX, 2)  # else each thread hoards its own


def look_for_garbage_rarely() -> None:
    """For a whole program: loading torch makes hundreds of thousands of objects, and all of them stay.

    So they need not be looked through again and again while they are loaded, nor once more at the end.
    """
    gc.set_threshold(10_000)
    atexit.register(gc.freeze)


def leave_what_is_loaded() -> None:
    """For a server that is ready: what there is by now stays, and is not looked through for garbage any more.

    Else each look holds up all threads for as long as an answer takes.
    """
    gc.freeze()


def give_back_freed_memory() -> None:
    """Hand what is free back to the system, after a burst of work; what comes next fetches it afresh.

    Everywhere it looks for garbage; the rest it does with glibc only.
    """
    gc.collect()
    if libc := _glibc():
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "gnu_get_libc_version"):
        return libc
    return None
