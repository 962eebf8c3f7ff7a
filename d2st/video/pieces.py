"""A long file, gone through once: its pictures at regular times, as they are decoded."""

import os
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count

import numpy as np

from d2st.video.ahead import ahead
from d2st.video.clip import Limits
from d2st.video.files import check_encoding
from d2st.video.forms import name_of
from d2st.video.processes import Process
from d2st.video.reader import check_file, decoded
from d2st.video.wanted import Wanted

LONG = Limits(size=8_000_000_000, duration=4 * 3600)  # `seconds` are of a piece


@dataclass
class LongFilm:
    """A film that is being read."""

    name: str
    duration: float  # seconds that its container says it lasts, 0 where it says nothing
    pictures: Iterator[tuple[float, np.ndarray]] = field(repr=False)  # seconds, uint8 RGB [H, W, 3]; to be had once
    until: float = 0.0  # seconds of it that were read
    notes: list[str] = field(default_factory=list)  # what a person should know, so far


@contextmanager
def long_film(path: str | os.PathLike, every: float, crop: int, limits: Limits = LONG) -> Iterator[LongFilm]:
    """Go through a video file once: the pictures nearest to the middles of parts of `every` seconds, in order.

    They are as `read_clip` gives them with `crop`. It is decoded in a process of its own, a little ahead of whoever
    takes the pictures; memory does not grow with its length. limits: `seconds` and `memory` are of a piece of it.

    Raises `D2STError`, here or on the way, where `read_clip` does.
    """
    path = os.path.abspath(os.fsdecode(path))
    check_encoding(path)
    name = name_of(path)
    check_file(path, name, limits)
    wanted = Wanted.checked(1, None, crop, None, None, None, None, "pyav", False)
    job = dict(name=name, every=float(every), wanted=asdict(wanted), limits=asdict(limits))
    process = Process()
    try:
        latest = begin = decoded(job, [path], limits, process)

        def following(_):
            nonlocal latest
            if not latest[0]["over"]:  # it is asked for ahead of that
                latest = decoded(job, [], limits, process)
            return latest

        film = LongFilm(name, begin[0]["duration"], iter(()))
        with closing(_pieces(begin, following)) as pieces:
            film.pictures = _pictures(film, pieces)
            yield film
    finally:
        process.stop()


def _pieces(piece, following) -> Generator[tuple[dict, np.ndarray]]:
    """All pieces from the first one; the next is decoded while one is looked at."""
    yield piece
    if piece[0]["over"]:
        return
    with closing(ahead(following, count(), most=1)) as pieces:
        for each in pieces:
            yield (piece := each.result())
            if piece[0]["over"]:
                return


def _pictures(film: LongFilm, pieces) -> Iterator[tuple[float, np.ndarray]]:
    for facts, pictures in pieces:
        film.notes += facts["notes"]
        film.until = facts["until"]
        yield from zip(facts["times"], pictures, strict=True)
