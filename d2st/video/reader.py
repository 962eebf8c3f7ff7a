"""A clip file → frames, safely.

Files come from strangers and decoders are old C: they hang, grow and crash. So a clip is decoded
in a process of its own, which lives on for the next clip and is killed when one takes too long or
too much memory. Here is the side of the program that asks; `d2st.video.decoder` is the process that answers.
"""

import atexit
import json
import math
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np
import psutil

from d2st.errors import D2STError

_CLIPS_A_WORKER = 100  # decord's memory grows with each clip that it reads


@dataclass(frozen=True)
class Limits:
    """What a clip may ask for."""

    size: int = 200_000_000  # bytes of the file
    duration: float = 300  # seconds that the clip lasts
    side: int = 8192  # pixels along width or height
    seconds: float = 10  # time that reading may take
    memory: int = 2_000_000_000  # bytes that the decoding process may hold


@dataclass(frozen=True, eq=False)
class Clip:
    """Frames of one clip, evenly spread over it, and what the clip is.

    Width and height are as displayed, after rotation. `duration` is the number of frames times the
    mean interval between them, `fps` its inverse, so that both mean the same for every container.
    """

    name: str  # of the file, without its folder
    frames: np.ndarray = field(repr=False)  # uint8 RGB [T, H, W, 3], read-only
    times: np.ndarray = field(repr=False)  # float64 [T], seconds after the clip's first frame
    notes: tuple[str, ...]  # what a person should know, one plain sentence each
    duration: float  # seconds
    fps: float  # frames a second, mean
    width: int  # pixels
    height: int  # pixels
    frame_count: int  # of the clip, not of `frames`

    @cached_property
    def digest(self) -> str:
        """A name for what `frames` holds (hex): equal frames, equal digest."""
        return blake2b(repr(self.frames.shape).encode() + self.frames.tobytes(), digest_size=16).hexdigest()


def read_clip(path, frames=8, short_side=None, crop=224, limits=Limits(), within=None, window=None) -> Clip:
    """Read T = `frames` frames of the clip at `path`, evenly spread from its first to its last one.

    `within`, T numbers from 0 to 1, takes one frame in each of T equal parts instead, so far into
    its part. `window`, (seconds, share), keeps to that many seconds of a longer clip, so that
    `share` (0 to 1) of the rest lies before them. Even means in number of frames, not in seconds: it
    makes a difference only where the frame rate varies, and `times` tells the true time of each. The whole
    frame is pressed into `crop` × `crop` pixels, so that nothing at its sides is lost. With
    `short_side`, its short side is resized to so many pixels instead, then the centre `crop` × `crop`
    is kept, as the paper's code does; `crop=None` keeps all of it. Rotation flags are honoured, pixel
    aspect ratios are not. Safe to call from many threads: clips are read one after another.

    Raises D2STError where the file is missing, empty, no video, cut off or damaged, over the
    limits, or brings the decoder down; ValueError for settings that no clip could satisfy.
    """
    sides = [side for side in (crop, short_side) if side is not None]
    if frames < 1 or not sides or min(sides) < 1 or sides != sorted(sides):
        raise ValueError("frames must be at least 1, and so must crop or short_side, of which crop is the smaller")
    within = np.linspace(0, 1, frames).tolist() if within is None else [float(share) for share in within]
    if len(within) != frames or not all(0 <= share <= 1 for share in within):
        raise ValueError(f"within must hold {frames} numbers from 0 to 1")
    path = os.path.abspath(path)  # an absolute path is no option, no address and no pattern
    name = os.path.basename(path).encode(errors="replace").decode()
    _check_file(path, name, limits)
    job = dict(
        path=path,
        name=name,
        within=within,
        window=window,
        short_side=short_side,
        crop=crop,
        max_duration=limits.duration,
        max_side=limits.side,
    )
    reply, pixels = _worker.read(job, limits)
    if "error" in reply:
        raise D2STError(reply["error"])
    pixels = np.frombuffer(pixels, np.uint8).reshape(reply.pop("shape"))
    return Clip(name, pixels, np.array(reply.pop("times")), tuple(reply.pop("notes")), **reply)


def warm_up():
    """Start the decoding process, without waiting for it: the first clip is then read sooner."""
    _worker.start()


def _check_file(path, name, limits):
    try:
        path.encode()
        if os.path.isdir(path):
            raise D2STError(f"'{name}' is a folder. Choose one clip in it.")
        if not os.path.exists(path):
            raise D2STError(f"There is no file '{name}'. Check its path; only files on this computer can be read.")
        if not os.path.isfile(path):
            raise D2STError(f"'{name}' is not an ordinary file. Save the clip to a file first.")
        with open(path, "rb"):
            size = os.path.getsize(path)
    except UnicodeEncodeError:
        raise D2STError(f"'{name}' has a name that decoders cannot read. Rename the file.") from None
    except OSError as error:
        raise D2STError(f"'{name}' cannot be opened: {error.strerror}. Check that you may read it.") from None
    if size == 0:
        raise D2STError(f"'{name}' is empty. Copy or record it again.")
    if size > limits.size:
        raise D2STError(
            f"'{name}' has {size / 1e6:.0f} MB, and {limits.size / 1e6:.0f} MB is the most. "
            "Trim the clip or save it smaller."
        )


class _Worker:
    """The decoding process, seen from the program that wants clips."""

    def __init__(self):
        self.lock = threading.Lock()
        self.process = None
        self.ready = False
        self.clips = 0

    def start(self):
        with self.lock:
            self._start()

    def read(self, job, limits):
        """Hand a job to the process and give back its reply, a dict and the frames' bytes."""
        with self.lock:
            self._start()
            verdict = []  # why the watch killed the process
            done = threading.Event()
            try:
                self._greet()
                watch = threading.Thread(target=self._watch, args=(job["name"], limits, done, verdict), daemon=True)
                watch.start()
                answer = self._ask({**job, "seconds": limits.seconds})
                done.set()
                watch.join()
            except BaseException:  # an interrupt too: a half-read reply would spoil the next one
                done.set()
                self.stop()
                raise
            self.clips += 1
            if verdict or answer is None or self.clips >= _CLIPS_A_WORKER:
                self.stop()
                self._start()
            if answer is not None:
                return answer
            crashed = f"'{job['name']}' made the decoder crash. The file is probably damaged: save it again."
            raise D2STError(verdict[0] if verdict else crashed)

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            try:
                self.process.stdin.close()
            except OSError:
                pass  # a job that the process never took
        self.process = None

    def _start(self):
        if self.process and self.process.poll() is None:
            return
        self.stop()
        # A plain child, not multiprocessing's spawn: that would import the user's program, and torch with it.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "d2st.video.decoder"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self.ready = False
        self.clips = 0

    def _greet(self):
        """Wait until the process has loaded its libraries, which counts for no clip's time."""
        if not self.ready:
            hello = json.loads(self.process.stdout.readline() or '{"error": "it ended at once"}')
            if "error" in hello:
                raise D2STError(
                    f"The process that reads clips cannot start: {hello['error']}. "
                    "Install the requirements again: pip install -r requirements.txt"
                )
            self.ready = True

    def _ask(self, job):
        """The reply, or None where the process ended before it was complete."""
        try:
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
            self.process.stdin.flush()
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
            for _ in range(math.ceil(limits.seconds / 0.05)):
                if process.memory_info().rss > limits.memory:
                    verdict.append(
                        f"'{name}' takes more than {limits.memory / 1e9:.3g} GB of memory to decode. "
                        "Save it with fewer pixels."
                    )
                    break
                if done.wait(min(0.05, limits.seconds)):
                    return
            else:
                verdict.append(
                    f"'{name}' took longer than {limits.seconds:.3g} s to decode. "
                    "Trim the clip or save it with fewer pixels."
                )
            process.kill()
        except psutil.NoSuchProcess:
            pass  # it crashed, and the reader of its reply will notice


_worker = _Worker()
atexit.register(lambda: _worker.process and _worker.process.kill())
if hasattr(os, "register_at_fork"):
    # Two processes cannot share one pipe: a forked child (a data loader, say) starts a worker of its own.
    os.register_at_fork(after_in_child=_worker.__init__)
