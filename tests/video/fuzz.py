"""Damaged clips of every container: frames or one sentence, nothing else. python tests/video/fuzz.py [COUNT]"""

import random
import sys
import tempfile
from pathlib import Path

from d2st.errors import D2STError
from d2st.video import read_clip

SEEDS = sorted(p for p in (Path(__file__).parent / "hard-clips").iterdir() if p.suffix not in (".json", ".md"))


def damage(data: bytes, rng: random.Random) -> bytes:
    """Bytes changed, zeroed, cut out, doubled or cut off."""
    bytes_ = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 10))):
        at, length = rng.randrange(len(bytes_)), rng.choice((1, 4, 16, 200))
        kind = rng.randrange(5)
        if kind == 0:
            bytes_[at : at + length] = rng.randbytes(len(bytes_[at : at + length]))
        elif kind == 1:
            bytes_[at : at + length] = bytes(len(bytes_[at : at + length]))
        elif kind == 2:
            del bytes_[at : at + length]
        elif kind == 3:
            bytes_[at:at] = bytes_[at : at + length]
        elif at > 16:
            del bytes_[at:]
    return bytes(bytes_)


def fuzz(count: int, seed: int = 0) -> tuple[int, int]:
    """Read so many damaged clips: how many gave frames and how many a sentence."""
    rng = random.Random(seed)
    read = refused = 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            source = SEEDS[number % len(SEEDS)]
            file = Path(folder) / f"fuzzed{source.suffix}"
            file.write_bytes(damage(source.read_bytes(), rng))
            try:
                clip = read_clip(file, preview=number % 3 == 0)
                assert clip.frames.shape == (8, 224, 224, 3), (number, clip.frames.shape)
                read += 1
            except D2STError as error:
                assert str(error).startswith("'fuzzed") and "\n" not in str(error), (number, error)
                if "crash" in str(error) or "longer" in str(error) or "kind that cannot" in str(error):
                    print(number, source.name, error)
                refused += 1
    return read, refused


if __name__ == "__main__":
    print(*fuzz(int(sys.argv[1]) if len(sys.argv) > 1 else 3000), "read and refused")
