"""From an action's name and a seed to a clip."""

import zlib
from typing import Any

import cv2
import numpy as np

from ..errors import D2STError
from . import camera, film, people, table
from .engine import World
from .look import LOOKS
from .people_actions import ALONE
from .table_meetings import MEETINGS
from .table_moves import MOVES
from .table_strokes import STROKES
from .together import TOGETHER

TABLE: dict[str, Any] = MOVES | MEETINGS | STROKES
PEOPLE: dict[str, Any] = ALONE | TOGETHER


def render(action, seed, look="base", size=224, frames=None, fps=12):
    """One clip of `action`: uint8 RGB [N, size, size, 3], the same for the same arguments.

    A clip shows the whole action in the time it takes, about 2 to 4 seconds. N is what `fps` makes of that,
    or `frames`, then spread evenly over the same clip. `look` is one of look.LOOKS: splits have looks of their names.
    """
    if action not in TABLE and action not in PEOPLE:
        raise D2STError(f"There is no action {action!r} to simulate: `simulate.actions(split)` lists them.")
    rng = np.random.default_rng([zlib.crc32(action.encode()), seed])
    style = LOOKS[look]
    with World() as world:
        shots = (_table if action in TABLE else _people)(world, action, rng, style, frames, fps)
        drawn = round(size * rng.uniform(*style.detail))
        smooth = cv2.INTER_AREA if drawn > size else cv2.INTER_LINEAR
        pictures = [cv2.resize(world.draw(view, drawn), (size, size), interpolation=smooth) for view in shots]
    return film.develop(np.stack(pictures), rng, style.faults)


def moments(rng, seconds, frames, fps):
    """The times of the frames in seconds; a clip may start a little late and stop a little early."""
    start, stop = rng.uniform(0, 0.05) * seconds, rng.uniform(0.95, 1) * seconds
    return np.linspace(start, stop, frames or max(2, round((stop - start) * fps)))


def _table(world, action, rng, style, frames, fps):
    script = TABLE[action](rng, style)
    seconds = script.pace * rng.uniform(*style.seconds)
    table.furnish(world, script, rng, style)
    play, times = table.Play(world, script, rng, style, seconds), moments(rng, seconds, frames, fps)
    views = camera.shoot(rng, style, times, script.centre, script.span)
    for view, _ in zip(views, play.run(times / seconds), strict=True):
        yield view


def _people(world, action, rng, style, frames, fps):
    performance = PEOPLE[action](rng)
    yield from people.film(world, performance, rng, style, moments(rng, performance.seconds, frames, fps))
