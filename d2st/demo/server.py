"""The page as a server: started with all that surrounds it, and stopped within seconds, whatever it does just then."""

import logging
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from d2st.demo import logs

log = logging.getLogger(__name__)
SECONDS_TO_STOP = 3.5  # then it ends as it is
SECONDS_TO_ANSWER = 1  # that streams and downloads have to end by themselves


class Stopped(SystemExit):
    """Somebody wants the program to end before it serves."""

    def __init__(self) -> None:
        super().__init__(0)


class Stop:
    """Whether somebody wants the program to end: by Ctrl-C, `kill` or a service manager."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.serving = False

    def ask(self, *given: Any) -> None:
        self.asked.set()
        if not self.serving:
            raise Stopped

    def wait(self, alive: Callable[[], bool]) -> None:
        """Until somebody asks, or the server has died."""
        while not self.asked.wait(1) and alive():
            pass


@contextmanager
def listening_to_signals() -> Iterator[Stop]:
    """SIGINT and SIGTERM ask for a stop while this lasts; only a program's main thread hears them."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, stop.ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def check_free(host: str, port: int) -> None:
    """OSError or OverflowError where nothing can listen there; of an address with a name, at all that it stands for."""
    for family, _, _, _, place in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE):
        with socket.create_server((place[0], port), family=family):
            pass


def in_address(host: str) -> str:
    """A host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def serve(page: Any, stop: Stop, folder: Path, running: Callable[[], int], **options: Any) -> None:
    """Serve a page until it is asked to stop, then end the program: with 0, or 1 where the server has died by itself.

    running: how many requests run. `folder` is deleted.
    """
    page.launch(prevent_thread_lock=True, quiet=True, **options)
    page.server.config.timeout_graceful_shutdown = SECONDS_TO_ANSWER
    stop.serving = True
    print(f"The page is at {page.local_url}", flush=True)
    logs.take_over_from_server()
    stop.wait(page.server.thread.is_alive)
    logs.event(log, "stopping")
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # it would call each open page a fault
    dropped = let_end(page, running)
    logs.event(log, "stopped", dropped=dropped)
    leave(folder, 0 if stop.asked.is_set() else 1)


def let_end(page: Any, running: Callable[[], int], seconds: float = SECONDS_TO_STOP) -> int:
    """Take no more requests, and wait so long for those that run → how many still do."""
    until = time.monotonic() + seconds
    closing = threading.Thread(target=page.close, args=[False], daemon=True)
    closing.start()
    while (closing.is_alive() or running()) and time.monotonic() < until:
        time.sleep(0.05)
    return running()


def leave(folder: Path, status: int) -> None:
    """End at once, and leave nothing.

    Not by Python's own way: it would wait for a network that computes, which cannot be interrupted, or take
    away what that uses, and crash; and to take everything apart takes seconds.
    """
    for child in psutil.Process().children(recursive=True):  # they decode clips
        with suppress(psutil.Error):
            child.kill()
    shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
