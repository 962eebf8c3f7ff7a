"""The processes that decode clips, seen from the program that wants them; each runs `d2st.video.decoder`.

A process lives on for the next clip and is killed when one takes too long or too much memory.
"""

import atexit
import json
import math
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import AbstractContextManager, nullcontext, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Protocol

import psutil

from d2st.errors import D2STError
from d2st.video import handover
from d2st.video.clip import Limits

COMMAND = (sys.executable, "-m", "d2st.video.decoder")
CLIPS_A_PROCESS = 100  # then a fresh one: decoders' memory grows
START_SECONDS = 30  # that a process may take to load its libraries
MOST_PROCESSES = 8
PATIENCE = 6  # times the processor time that a clip may take, by the clock: a busy computer refuses no good clip


class Payer(Protocol):
    """Who answers for the reading of clips, where somebody does: a visitor of the page, say."""

    def turn(self) -> AbstractContextManager[None]:
        """Around the reading of one clip; may wait, or raise `D2STError`."""

    def pay(self, seconds: float) -> None:
        """Told the processor time that a clip took."""


paying: ContextVar[Payer | None] = ContextVar("paying", default=None)  # for the clips that this thread reads


class Pool:
    """As many processes as there are processors; each reads one clip at a time. Safe from many threads."""

    def __init__(self):
        self.forget()
        atexit.register(self.stop)
        if hasattr(os, "register_at_fork"):
            # Two processes cannot share one pipe: a forked child (a data loader, say) starts processes of its own.
            os.register_at_fork(after_in_child=self.forget)

    def forget(self):
        """As if no process had ever been started."""
        self.size = max(1, min(MOST_PROCESSES, os.cpu_count() or 1))
        self.free = threading.Semaphore(self.size)
        self.lock = threading.Lock()
        self.idle = [Process() for _ in range(self.size)]
        self.all = list(self.idle)

    def warm_up(self):
        with self.lock:
            for process in self.idle[-2:]:  # one for the query, one for an example; others when they are wanted
                process.start()

    def read(
        self, job: dict[str, Any], paths: list[str], limits: Limits, own: "Process | None" = None
    ) -> tuple[dict[str, Any], bytes]:
        """Hand a job and its files to a process and give back its reply, a dict and the frames' bytes.

        own: a process beside these that the caller keeps, as for a film that is read piece by piece.
        """
        payer = paying.get()
        with payer.turn() if payer else nullcontext(), self.free:
            with self.lock:
                idle = self.idle.pop()  # the one that was busy last: it is started
                busy = self.size - len(self.idle)
            process = own or idle
            threads = max(1, (os.cpu_count() or 1) // busy)  # clips that are read at once share the processors
            try:
                reply = process.read(job | {"threads": threads}, paths, limits)
                if not own:
                    process.refresh(limits)
                return reply
            finally:
                if payer:
                    payer.pay(process.spent)
                with self.lock:
                    self.idle.append(idle)

    def stop(self):
        for process in self.all:
            process.stop()


class Process:
    """One decoding process, started when it is first wanted."""

    def __init__(self):
        self.process: Any = None  # a Popen, while it runs
        self.channel: socket.socket | None = None  # files are handed over by it
        self.ready = False
        self.clips = 0
        self.spent = 0.0  # seconds of processor time for the last clip
        self.held = 0  # bytes that it holds after it: what stays would be counted against the next one

    def read(self, job, paths, limits):
        self.spent = 0.0
        self.start()
        verdict: list[str] = []  # why the watch killed the process
        done = threading.Event()
        try:
            self._greet()
            watch = threading.Thread(target=self._watch, args=(job["name"], limits, done, verdict), daemon=True)
            watch.start()
            answer = self._ask({**job, "clock": PATIENCE * limits.seconds}, paths)
            done.set()
            watch.join()
        except BaseException:  # an interrupt too: a half-read reply would spoil the next one
            done.set()
            self.stop()
            raise
        self.clips += 1
        if verdict or answer is None:
            self.stop()
            self.start()
        if answer is not None:
            return answer
        crashed = f"'{job['name']}' made the decoder crash. The file is probably damaged: save it again."
        raise D2STError(verdict[0] if verdict else crashed)

    def refresh(self, limits: Limits) -> None:
        """Between two clips: a fresh process in the place of one that has read many, or holds much."""
        if self.clips >= CLIPS_A_PROCESS or self.held > limits.memory / 2:
            self.stop()
            self.start()

    def stop(self):
        process, self.process = self.process, None
        if process:
            process.kill()
            process.wait()
            process.stdout.close()
            if self.channel:
                self.channel.close()
            with suppress(OSError):  # a job that the process never took
                process.stdin.close()

    def start(self):
        if self.process and self.process.poll() is None:
            return
        self.stop()
        self.channel, theirs = socket.socketpair() if handover.POSSIBLE else (None, None)
        passed = [theirs.fileno()] if theirs else []
        # A plain child, not multiprocessing's spawn: that would import the user's program, and torch with it.
        self.process = subprocess.Popen(
            [*COMMAND, *map(str, passed)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=passed,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        if theirs:
            theirs.close()
        self.ready = False
        self.clips = 0

    def _greet(self):
        """Wait until the process has loaded its libraries, which counts for no clip's time; twice if it hangs."""
        for _ in range(2):
            if self.ready:
                return
            process = self.process
            late = threading.Timer(START_SECONDS, process.kill)
            late.start()
            self.ready = bool(process.stdout.readline())
            late.cancel()
            if not self.ready:
                self.stop()
                self.start()
        if not self.ready:
            raise D2STError(
                "The process that reads clips cannot start. "
                "Install the requirements again: pip install -r requirements.txt; on a bare server also what OpenCV "
                "needs: apt install libgl1 libglib2.0-0"
            )

    def _ask(self, job, paths):
        """The reply, or None where the process ended before it was complete."""
        try:
            job |= {"count": len(paths), "paths": [] if self.channel else paths}
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
            self.process.stdin.flush()
            if self.channel:
                handover.give(self.channel, paths)
        except OSError:
            return None
        line = self.process.stdout.readline()
        if not line.endswith(b"\n"):
            return None
        reply = json.loads(line)
        length = math.prod(reply.get("shape", [0]))
        pixels = self.process.stdout.read(length)
        return (reply, pixels) if len(pixels) == length else None

    def _watch(self, name, limits, done, verdict):
        try:
            process = psutil.Process(self.process.pid)
            began, until = _busy(process), time.monotonic() + PATIENCE * limits.seconds
            while not done.wait(min(0.05, limits.seconds)):
                self.spent = _busy(process) - began
                if process.memory_info().rss > limits.memory:
                    verdict.append(
                        f"'{name}' takes more than {limits.memory / 1e9:.3g} GB of memory to decode. "
                        "Save it with fewer pixels."
                    )
                elif self.spent > limits.seconds or time.monotonic() > until:
                    verdict.append(
                        f"'{name}' took longer than {limits.seconds:.3g} s to decode. "
                        "Trim the clip or save it with fewer pixels."
                    )
                if verdict:
                    process.kill()
                    return
            self.spent, self.held = _busy(process) - began, process.memory_info().rss
        except psutil.NoSuchProcess:
            pass  # it crashed, and the reader of its reply will notice


def _busy(process: psutil.Process) -> float:
    """Seconds of processor time so far."""
    times = process.cpu_times()
    return times.user + times.system
