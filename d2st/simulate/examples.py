"""Makes the example clips of the page again: python -m d2st.simulate.examples [FOLDER]."""

import sys
from pathlib import Path

from .clips import save
from .scenes import render

FPS, FRAMES, SIZE = 16, 40, 256
SUPPORT, QUERY, QUALITY = 2, 1, 25
SETS = {  # the first seed of each set, and its actions; picked so that the default model shows what it can do
    "table": (0, ("push left", "push right", "lift up", "put down", "wave")),
    "people": (3, ("cartwheel", "crawl", "jump", "kick", "punch")),
}


def make(folder):
    """Writes <folder>/<set>/support/<action>/<n>.mp4 and <folder>/<set>/query/<action>.mp4."""
    for name, (seed, actions) in SETS.items():
        for action in actions:
            paths = [Path(folder, name, "support", action, f"{number + 1}.mp4") for number in range(SUPPORT)]
            paths += [Path(folder, name, "query", f"{action}.mp4") for _ in range(QUERY)]
            for number, path in enumerate(paths):
                path.parent.mkdir(parents=True, exist_ok=True)
                save(path, render(action, seed + number, "showcase", SIZE, FRAMES, FPS), FPS, QUALITY)


if __name__ == "__main__":
    make(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2] / "assets" / "examples")
