"""Damaged clips of every container: frames or one sentence, nothing else, and nothing is left of them.

PYTHONPATH=.:tests python tests/video/fuzz.py [COUNT] [SEED]
"""

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from boxes import boxes
from corpus import write
from corpus_changed import ALL

from d2st.errors import D2STError
from d2st.video import read_clip

HARD = sorted(p for p in (Path(__file__).parent / "hard-clips").iterdir() if p.suffix not in (".json", ".md"))
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 40, (1 << 63) - 1)
LONGEST = 400  # characters of a sentence


@dataclass
class Figures:
    """What came of the clips, and what the reader held while it read them."""

    read: int = 0
    refused: int = 0
    sentences: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0  # seconds for one clip
    decoder: int = 0  # bytes that a decoding process held at most
    growth: int = 0  # bytes that this process holds more than after the first clips


def damage(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """Damage once or several times. other: a clip that pieces are taken from."""
    for _ in range(rng.choice((1, 1, 1, 3, 10))):
        if not data:
            break
        data = rng.choice(WAYS)(bytearray(data), other, rng)
    return bytes(data)


def _range(data: bytearray, rng: random.Random) -> slice:
    at = rng.randrange(len(data))
    return slice(at, min(len(data), at + rng.choice((1, 4, 16, 200, 2000))))


def _noise(data: bytearray, other: bytes, rng: random.Random) -> bytearray:
    place = _range(data, rng)
    data[place] = rng.randbytes(place.stop - place.start)
    return data


def _bits(data: bytearray, other: bytes, rng: random.Random) -> bytearray:
    for _ in range(rng.choice((1, 10, 100))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def _zeros(data: bytearray, other: bytes, rng: random.Random) -> bytearray:
    place = _range(data, rng)
    data[place] = bytes(place.stop - place.start)
    return data


def _cut_out(data: bytearray, other: bytes, rng: random.Random) -> bytearray:
    del data[_range(data, rng)]
    return data


def _cut_off(data: bytearray, other: bytes, rng: random.Random) -> bytearray:
    del data[rng.randrange(len(data)) :]
    return data


def _doubled(data: bytearray, other: bytes, rng: random.Random) -> bytearray:
    place = _range(data, rng)
    data[place.start : place.start] = data[place]
    return data


def _spliced(data: bytearray, other: bytes, rng: random.Random) -> bytearray:
    """A piece of another clip, of another container perhaps."""
    place = _range(bytearray(other), rng)
    at = rng.randrange(len(data))
    data[at : at + rng.choice((0, place.stop - place.start))] = other[place]
    return data


def _header(data: bytearray, other: bytes, rng: random.Random) -> bytearray:
    """A number near the start or the end, where containers keep what they say of themselves."""
    width = rng.choice((1, 2, 4, 8))
    near = rng.randrange(min(len(data), 1200))
    at = near if rng.random() < 0.6 else len(data) - 1 - near
    value = rng.choice(EXTREMES) & ((1 << 8 * width) - 1)
    data[at : at + width] = value.to_bytes(width, rng.choice(("big", "little")))
    return data


def _swapped(data: bytearray, other: bytes, rng: random.Random) -> bytearray:
    """Two boxes in each other's place, in MP4; elsewhere two pieces."""
    parts = [(start, end) for _, start, end in boxes(bytes(data)) if start < end <= len(data)]
    if not 2 <= len(parts) < 1000:
        middle = rng.randrange(len(data))
        parts = [(0, middle), (middle, len(data))]
    (a, b), (c, d) = sorted(rng.sample(parts, 2))
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


WAYS: tuple[Callable[[bytearray, bytes, random.Random], bytearray], ...] = (
    _noise, _bits, _zeros, _cut_out, _cut_off, _doubled, _spliced, _header, _header, _swapped,
)  # fmt: skip


def fuzz(count: int, seed: int = 0) -> Figures:
    """Read so many damaged clips. AssertionError where one gives anything but frames or a sentence."""
    rng, figures = random.Random(seed), Figures()
    with tempfile.TemporaryDirectory() as folder:
        recipes = rng.sample(ALL, min(len(ALL), max(8, count)))
        sources = [*HARD, *(write(recipe, Path(folder)).file for recipe in recipes)]
        rng.shuffle(sources)
        before = 0
        for number in range(count):
            source = sources[number % len(sources)]
            file = Path(folder) / f"fuzzed{source.suffix}"
            file.write_bytes(damage(source.read_bytes(), rng.choice(sources).read_bytes(), rng))
            began = time.monotonic()
            _read(file, number, source.name, figures)
            figures.slowest = max(figures.slowest, time.monotonic() - began)
            figures.decoder = max(figures.decoder, *(child.memory_info().rss for child in decoders()), 0)
            held = psutil.Process().memory_info().rss
            before = held if number == min(50, count // 2) else before
        figures.growth = held - before
    return figures


def _read(file: Path, number: int, source: str, figures: Figures) -> None:
    settings = ({}, dict(preview=True), dict(window=(0.3, 0.5)), dict(short_side=64, crop=None))[number % 4]
    try:
        clip = read_clip(file, **settings)
    except D2STError as error:
        said = str(error)
        assert said.startswith(f"'{file.name}'") and said.endswith(".") and "\n" not in said, (number, source, said)
        assert len(said) < LONGEST and "Traceback" not in said, (number, source, said)
        figures.refused += 1
        figures.sentences[said.split("'", 2)[2].split(":")[0].split(".")[0][:60]] += 1
        return
    assert len(clip.frames) == len(clip.times) == 8 and clip.frames.shape[-1] == 3, (number, source)
    assert (clip.times[1:] >= clip.times[:-1]).all() and clip.times[0] >= 0, (number, source, clip.times)
    assert clip.times[-1] <= clip.duration and clip.fps > 0, (number, source, clip)
    figures.read += 1


def decoders() -> list[psutil.Process]:
    """The decoding processes of this one."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if "d2st.video.decoder" in " ".join(child.cmdline())]


if __name__ == "__main__":
    figures = fuzz(*(int(each) for each in (sys.argv[1:] or ["3000"])))
    print(f"{figures.read} read, {figures.refused} refused, {figures.slowest:.1f} s for the slowest")
    print(f"a decoding process held {figures.decoder / 1e6:.0f} MB at most")
    print(f"this process grew by {figures.growth / 1e6:.1f} MB")
    for sentence, times in figures.sentences.most_common():
        print(f"{times:6d}{sentence}")
