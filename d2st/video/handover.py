"""Open files on their way to the process that decodes them: as descriptors over a socket.

The process needs no right to open anything then. Windows hands over no descriptors: there it opens paths.
"""

import os
import socket
from collections.abc import Iterable, Iterator
from typing import BinaryIO

POSSIBLE = hasattr(socket, "send_fds")


def give(channel: socket.socket, paths: Iterable[str]) -> None:
    """Open the files one by one and hand them over; OSError where nobody takes them any more."""
    for path in paths:
        descriptor = _open(path)
        if descriptor is None:
            channel.send(b"-")
            continue
        try:
            socket.send_fds(channel, [b"+"], [descriptor])
        finally:
            os.close(descriptor)


def take(channel: socket.socket, count: int) -> Iterator[BinaryIO | None]:
    """So many files, one by one; None for one that could not be opened. Whoever takes one closes it."""
    for _ in range(count):
        _, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
        yield os.fdopen(descriptors[0], "rb") if descriptors else None


def open_each(paths: Iterable[str]) -> Iterator[BinaryIO | None]:
    """As `take`, by their paths."""
    for path in paths:
        descriptor = _open(path)
        yield None if descriptor is None else os.fdopen(descriptor, "rb")


def _open(path: str) -> int | None:
    try:
        return os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError:
        return None
