"""Which shots and which frames decided: what the margin between the first and the second action rests on."""

from dataclasses import dataclass

import numpy as np

from d2st import matching
from d2st.errors import D2STError
from d2st.recognizer import Recognizer
from d2st.video import Clip


@dataclass(frozen=True)
class Shot:
    """One example, and the query's score against it alone."""

    action: str
    clip: Clip
    score: float  # minus a matched distance, higher is closer


@dataclass(frozen=True)
class Decided:
    """Frame by frame, by how much the second action's prototype costs more than the first's."""

    first: str
    second: str
    margin: float  # of the scores: frames.sum() + rest
    frames: np.ndarray  # [T_q] above 0 where a frame speaks for the first action, below for the second
    rest: float  # what belongs to no frame: 0 but for OTAM, whose soft minimum counts many paths at once


def shots(recognizer: Recognizer, query: Clip) -> list[Shot]:
    """The score of every example by itself, best first.

    An action's score is that of its prototype, the mean of its shots' features; it is no mean of these.
    """
    clips = [(action, clip) for action, clips in recognizer.support.items() for clip in clips]
    features = matching.alike([recognizer.features(clip) for _, clip in clips], recognizer.model.frames)  # [N, L·T, F]
    scores = recognizer.score(features, recognizer.features(query)).tolist()
    found = [Shot(action, clip, score) for (action, clip), score in zip(clips, scores, strict=True)]
    return sorted(found, key=lambda shot: -shot.score)


def decided(recognizer: Recognizer, query: Clip) -> Decided:
    """What the query's margin rests on. Raises `D2STError` where there are less than two actions."""
    if len(recognizer.support) < 2:
        raise D2STError("A margin is between two actions. Add clips of another one.")
    features, prototypes = recognizer.features(query), recognizer.prototypes()  # [T_q, F], [C, T_s, F]
    scores = recognizer.score(prototypes, features)  # [C]
    best = scores.argsort(descending=True)[:2]
    pair = recognizer.directions(prototypes[best]), recognizer.directions(features)[None]
    distances = matching.distance_of_directions(*pair)[0]  # [2, T_s, T_q]
    first, second = (matching.costs(each, recognizer.matching, recognizer.model.frames) for each in distances)
    names, margin = list(recognizer.support), float(scores[best[0]] - scores[best[1]])
    frames = (second - first).numpy()
    return Decided(names[int(best[0])], names[int(best[1])], margin, frames, margin - float(frames.sum()))
