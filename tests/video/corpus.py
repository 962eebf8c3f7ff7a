"""Writes clips of every kind that people have, and knows what each shows when.

A clip is a `Recipe`: its tracks, its container, and what is done to its bytes afterwards. Every picture shows
its number as in `clips.py`, each clip other numbers, so that a picture of another clip is noticed.
"""

import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from clips import number_in, picture

SIZE = (96, 64)
SOUNDS = {".webm": "libopus", ".ogv": "libopus", ".ogg": "libopus", ".mpg": "mp2", ".vob": "mp2", ".avi": "mp2",
          ".wmv": "wmav2", ".asf": "wmav2", ".dat": "mp2", ".mod": "mp2"}  # fmt: skip
ROUNDED = {".mkv": 1e-3, ".webm": 1e-3, ".flv": 1e-3, ".f4v": 1e-4, ".wmv": 1e-3, ".asf": 1e-3}
LENGTHS = {".mp4", ".mov", ".m4v", ".3gp", ".3g2", ".mkv", ".webm", ".gif", ".avi"}  # that tell how long the last lasts
Entry = tuple[int, Fraction]  # a picture's number, and when it is shown


@dataclass(frozen=True)
class Track:
    """Pictures in one codec; at a constant rate, or at `times` (seconds)."""

    codec: str = "libx264"
    count: int = 30
    rate: Fraction | int = 25
    times: tuple[float, ...] | None = None
    lasting: float | None = None  # seconds that the last picture is shown
    base: Fraction = Fraction(1, 1000)  # of time stamps at `times`
    offset: float = 0.0  # seconds before the first picture
    pixels: str = "yuv420p"
    size: tuple[int, int] = SIZE
    options: Mapping[str, str] = field(default_factory=dict)
    aspect: Fraction | None = None
    default: bool | None = None
    cover: bool = False
    tag: str | None = None
    flags: int = 0
    rotation: int | None = None  # degrees, as FFmpeg's muxers write it

    def __len__(self) -> int:
        return self.count if self.times is None else len(self.times)

    @property
    def tick(self) -> Fraction:
        return self.base if self.times is not None else 1 / Fraction(self.rate)

    def stamps(self) -> list[int]:
        """When each picture is shown, and when the last one is over, in ticks."""
        begin = round(Fraction(self.offset) / self.tick)
        if self.times is None:
            stamps = list(range(len(self)))
        else:
            stamps = [round(Fraction(time) / self.tick) for time in self.times]
        last = 1 if self.times is None else stamps[-1] - stamps[-2] if len(stamps) > 1 else round(0.04 / self.tick)
        if self.lasting is not None:
            last = round(Fraction(self.lasting) / self.tick)
        return [begin + stamp for stamp in [*stamps, stamps[-1] + last]]


@dataclass(frozen=True)
class Recipe:
    """A clip to be written."""

    name: str  # of the file; its suffix says the container unless `format` does
    tracks: tuple[Track, ...] = (Track(),)
    film: int = 0  # the track that is to be shown
    sound: tuple[float, float] | None = None  # seconds where it begins, and that it lasts
    format: str | None = None
    muxer: Mapping[str, str] = field(default_factory=dict)
    then: Callable[[bytes], bytes] | None = None  # what is done to the file's bytes
    copy: Callable[[Path, Path], None] | None = None  # what is done with the whole file
    left: Callable[[list[Entry]], list[Entry]] | None = None  # what of the pictures that leaves to be shown
    turn: Callable[[np.ndarray], np.ndarray] = lambda stored: stored  # the picture as displayed

    @property
    def suffix(self) -> str:
        return Path(self.name).suffix


@dataclass(frozen=True, eq=False)
class Truth:
    """A written clip, and what it shows."""

    recipe: Recipe
    file: Path
    numbers: list[int]
    times: np.ndarray  # float64 [N], seconds after the first picture
    lasting: float | None  # seconds that the last picture is shown; None where the container cannot say
    size: tuple[int, int]  # width and height as displayed
    exact: float  # seconds that the container rounds times to

    def at(self, time: float) -> int:
        """The index of the picture that begins at that time."""
        index = int(np.abs(self.times - time).argmin())
        assert abs(self.times[index] - time) <= self.exact, f"no picture begins at {time} s"
        return index

    def number(self, frame: np.ndarray) -> int:
        """The number in a frame as displayed. The whole picture must stand as it should."""
        stored = next(each for each in _turns(frame) if np.array_equal(self.recipe.turn(each), frame))
        number = number_in(stored)
        height, width = stored.shape[:2]
        off = np.abs(stored.astype(int) - drawn(number, (width, height))).mean()
        assert off < 13, f"picture {number} does not stand right: {off:.0f} grey levels off"
        return number


def drawn(number: int, size: tuple[int, int]) -> np.ndarray:
    """`picture` for any width."""
    width, height = size
    wide = picture(number, (8 * width, height))
    return np.ascontiguousarray(wide[:, ::8])


def _turns(frame: np.ndarray) -> Iterator[np.ndarray]:
    for each in (frame, frame.swapaxes(0, 1)):
        for down in (1, -1):
            for across in (1, -1):
                yield each[::down, ::across]


def write(recipe: Recipe, folder: Path) -> Truth:
    file = folder / recipe.name
    track = recipe.tracks[recipe.film]
    first = zlib.crc32(recipe.name.encode()) % (257 - len(track))
    _encode(recipe, file, first)
    if recipe.then:
        file.write_bytes(recipe.then(file.read_bytes()))
    if recipe.copy:
        source = file.rename(file.with_name(f"source of {file.name}"))
        recipe.copy(source, file)
    *stamps, end = track.stamps()
    shown = [(first + index, stamp * track.tick) for index, stamp in enumerate(stamps)]
    lasting = float(end * track.tick - shown[-1][1])
    if recipe.left:
        shown = recipe.left(shown)
    times = np.array([float(time - shown[0][1]) for _, time in shown])
    width, height = track.size
    width = round(width * (track.aspect or 1))
    if recipe.turn(np.zeros((height, width))).shape != (height, width):
        width, height = height, width
    known = recipe.suffix in LENGTHS and not recipe.left and recipe.muxer.get("live") != "1"
    numbers = [number for number, _ in shown]
    exact = ROUNDED.get(recipe.suffix, 1e-4) + 1e-6
    return Truth(recipe, file, numbers, times, lasting if known else None, (width, height), exact)


@contextmanager
def ordinary_priority():
    """SVT-AV1, where root runs it, leaves its caller with a real-time priority, before which all else waits."""
    if not hasattr(os, "sched_setscheduler"):  # neither Windows nor macOS has it
        yield
        return
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    yield
    os.sched_setscheduler(0, *before)


def _encode(recipe: Recipe, file: Path, first: int) -> None:
    with ExitStack() as stack:
        stack.enter_context(ordinary_priority())
        container = stack.enter_context(av.open(str(file), "w", format=recipe.format, options=dict(recipe.muxer)))
        streams = [_stream(container, track) for track in recipe.tracks]
        sound = recipe.sound and container.add_stream(SOUNDS.get(recipe.suffix, "aac"), rate=48000, layout="mono")
        if sound:
            sound.bit_rate = 64000
        packets = []
        for index, (stream, track) in enumerate(zip(streams, recipe.tracks, strict=True)):
            begin = first if index == recipe.film else (first + 128) % (257 - len(track))
            packets += pictures(stream, track, begin)
        if sound:
            packets += _silence(sound, *recipe.sound)
        # The muxer wants them in the order of decoding, but is patient with tracks.
        for packet in sorted(packets, key=lambda each: each.dts * each.time_base):
            container.mux(packet)


def _stream(container, track: Track):
    stream = container.add_stream(track.codec, rate=Fraction(track.rate))
    context = stream.codec_context
    context.width, context.height = track.size
    context.pix_fmt, context.time_base = track.pixels, track.tick
    context.options = {"threads": "1"} | _hasty(track.codec) | dict(track.options)
    context.flags |= track.flags
    if track.codec not in ("libsvtav1", "libx264", "libx265"):
        context.gop_size = 12
    if track.aspect:
        context.sample_aspect_ratio = track.aspect
    if track.tag:
        context.codec_tag = track.tag
    if track.default is not None:
        stream.disposition = av.stream.Disposition.default if track.default else av.stream.Disposition(0)
    if track.cover:
        stream.disposition = av.stream.Disposition.attached_pic
    if track.rotation is not None:
        stream.set_display_rotation(track.rotation)
    return stream


def _hasty(codec: str) -> dict[str, str]:
    """Options that make an encoder quick."""
    if codec.startswith("libx26"):
        return {"preset": "ultrafast"}
    if codec.startswith("libvpx"):
        return {"deadline": "realtime", "cpu-used": "8"}
    return {"preset": "11", "svtav1-params": "lp=1"} if codec == "libsvtav1" else {}


def pictures(stream, track: Track, first: int) -> list[av.Packet]:
    """The packets of a track; each lasts until the next picture is shown."""
    stamps = track.stamps()
    lengths = {stamp: later - stamp for stamp, later in zip(stamps, stamps[1:], strict=False)}
    packets = []
    for index, stamp in enumerate([*stamps[:-1], None]):
        frame = None
        if stamp is not None:
            frame = av.VideoFrame.from_ndarray(drawn(first + index, track.size), format="rgb24")
            frame = frame.reformat(format=track.pixels)
            frame.pts, frame.time_base, frame.duration = stamp, track.tick, lengths[stamp]
        for packet in stream.encode(frame):
            packet.duration = lengths.get(round(packet.pts * packet.time_base / track.tick), packet.duration)
            packets.append(packet)
    return packets


def _silence(stream, begin: float, seconds: float) -> list[av.Packet]:
    packets, step = [], stream.codec_context.frame_size or 1024
    for at in range(0, round(48000 * seconds), step):
        layout = stream.codec_context.format.name
        kind = np.float32 if "flt" in layout else np.int16
        frame = av.AudioFrame.from_ndarray(np.zeros((1, step), kind), format=layout, layout="mono")
        frame.rate, frame.pts, frame.time_base = 48000, round(48000 * begin) + at, Fraction(1, 48000)
        packets += stream.encode(frame)
    return packets + stream.encode()
