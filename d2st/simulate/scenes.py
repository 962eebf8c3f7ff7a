"""From an action's name and a seed to a clip."""

import zlib
from typing import Any

import cv2
import numpy as np

from ..errors import D2STError
from . import camera, film, hand_film, one_hand, people, table, two_hands
from .arm_strokes import ARM_STROKES
from .cut import IDLE, LEAST, loosened
from .engine import World
from .floor import FLOOR
from .look import LOOKS
from .meeting import PAIRS
from .people_actions import ALONE
from .table_meetings import MEETINGS
from .table_moves import MOVES
from .table_strokes import STROKES
from .together import TOGETHER

TABLE: dict[str, Any] = MOVES | MEETINGS | STROKES
PEOPLE: dict[str, Any] = ALONE | TOGETHER
HANDS = one_hand.DEEDS | two_hands.DEEDS
WORLD: dict[str, Any] = ARM_STROKES | PAIRS | FLOOR  # people whose clips are cut like the world


def render(action, seed, look="base", size=224, frames=None, fps=12, loose=False):
    """One clip of `action`: uint8 RGB [N, size, size, 3], the same for the same arguments.

    A clip shows the whole action in the time it takes: 2 to 4 seconds on the table and for people, 1 to 15 seconds
    for what is cut like the world, which is `loose` people and tables and all else. N is what `fps` makes of that,
    or `frames`, then spread evenly over the same clip. `look` is one of look.LOOKS: splits have looks of their names.
    """
    shoot = next((shoot for actions, shoot in STAGES if action in actions), None)
    if shoot is None:
        raise D2STError(f"There is no action {action!r} to simulate: `simulate.actions(split)` lists them.")
    rng = np.random.default_rng([zlib.crc32(action.encode()), seed])
    style = LOOKS[look]
    with World() as world:
        shots = shoot(world, action, rng, style, frames, fps, loose)
        drawn = round(size * rng.uniform(*style.detail))
        smooth = cv2.INTER_AREA if drawn > size else cv2.INTER_LINEAR
        pictures = [cv2.resize(world.draw(view, drawn), (size, size), interpolation=smooth) for view in shots]
    return film.develop(np.stack(pictures), rng, style.faults)


def moments(rng, seconds, frames, fps, least=2):
    """The times of the frames in seconds; a clip may start a little late and stop a little early."""
    start, stop = rng.uniform(0, 0.05) * seconds, rng.uniform(0.95, 1) * seconds
    return np.linspace(start, stop, frames or max(least, round((stop - start) * fps)))


def _table(world, action, rng, style, frames, fps, loose):
    script = TABLE[action](rng, style)
    seconds = script.pace * rng.uniform(*style.seconds)
    before, after, least = 0.0, 0.0, 2
    if loose:
        seconds *= np.exp(rng.uniform(*np.log(SLOWER)))
        before, after = rng.uniform(*IDLE, 2)
        least = LEAST
    table.furnish(world, script, rng, style)
    play, times = (
        table.Play(world, script, rng, style, seconds),
        moments(rng, before + seconds + after, frames, fps, least),
    )
    views = camera.shoot(rng, style, times, script.centre, script.span)
    for view, _ in zip(views, play.run((times - before) / seconds), strict=True):
        yield view


def _people(world, action, rng, style, frames, fps, loose):
    performance = (PEOPLE | WORLD)[action](rng)
    if loose:
        performance = loosened(rng, performance)
    least = LEAST if loose or action in WORLD else 2
    yield from people.film(world, performance, rng, style, moments(rng, performance.seconds, frames, fps, least))


def _hands(world, action, rng, style, frames, fps, loose):
    yield from hand_film.film(world, HANDS[action], rng, style, fps, frames)


SLOWER = (0.7, 2.2)  # how much longer than usual a thing on the table takes in a loosely cut clip
STAGES = ((TABLE, _table), (PEOPLE | WORLD, _people), (HANDS, _hands))
