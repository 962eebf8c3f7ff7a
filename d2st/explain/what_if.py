"""What if: the same query again, with the clip or the network changed, to see what the answer hangs on."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from d2st.adapter import Ablation
from d2st.errors import D2STError
from d2st.kinds import KINDS
from d2st.recognizer import Prediction, Recognizer
from d2st.video import Clip


def reverse(frames: np.ndarray) -> np.ndarray:
    return frames[::-1]


def shuffle(frames: np.ndarray) -> np.ndarray:
    return frames[np.random.default_rng(0).permutation(len(frames))]


def freeze(frames: np.ndarray) -> np.ndarray:
    return np.repeat(frames[len(frames) // 2 :][:1], len(frames), axis=0)


def mirror(frames: np.ndarray) -> np.ndarray:
    return frames[:, :, ::-1]


@dataclass(frozen=True)
class Change:
    """One change: of the query's frames [T, H, W, 3], or of what the network leaves out."""

    title: str
    meaning: str
    frames: Callable[[np.ndarray], np.ndarray] | None = None
    ablation: Ablation | None = None


CHANGES = (
    Change("played backwards", "Does the order of the frames count?", frames=reverse),
    Change("shuffled", "Is it the order, or only what the frames show?", frames=shuffle),
    Change("frozen on one frame", "Does a single picture give the action away?", frames=freeze),
    Change("mirrored", "Do left and right count?", frames=mirror),
    Change("spatial pathway off", "What do many places at few moments add?", ablation=Ablation(spatial=True)),
    Change("temporal pathway off", "What do few places at every moment add?", ablation=Ablation(temporal=True)),
    Change("adapters off", "What does the frozen backbone know by itself?", ablation=Ablation(adapters=True)),
    Change("offsets at zero", "Does it matter that the points move?", ablation=Ablation(offsets=True)),
)


@dataclass(frozen=True)
class Outcome:
    """The answer under a change, and whether it is another one than without; or why there is none."""

    change: Change
    prediction: Prediction | None
    flipped: bool
    problem: str = ""


def changes_for(model) -> list[Change]:
    """Those that make sense: one can only leave out what the model's kind of adapter has."""
    return [change for change in CHANGES if change.ablation is None or can_leave_out(model, change.ablation)]


def can_leave_out(model, ablation: Ablation) -> bool:
    if model.kind is None:
        return False
    kind = KINDS[model.kind]
    pathways = [name for name in ("spatial", "temporal") if getattr(ablation, name)]
    return (
        (model.knows_frozen or not ablation.adapters)
        and (kind.samples or not ablation.offsets)
        # With a single pathway, nothing would be left but the bottleneck.
        and (not pathways or (len(kind.pathways) > 1 and set(pathways) <= set(kind.pathways)))
    )


def what_if(recognizer: Recognizer, query: Clip, progress=iter) -> list[Outcome]:
    """The query under every change. `progress` wraps the clips that are gone through, as tqdm does.

    A change of the network changes the examples' features too; they are computed again. A change that
    leaves nothing to compare, such as a frozen clip that is centred, has a problem in place of an answer.
    """
    label, changes = recognizer.predict(query).label, changes_for(recognizer.model)
    asked = {change: copied(recognizer) for change in changes if change.ablation}
    clips = [query, *recognizer.clips]
    for clip in progress(clips):  # clip by clip, so that the stem's map of only one is held
        stem = recognizer.model.stem(clip.frames)
        for change, other in asked.items():
            other.know(clip, recognizer.model.adapt(stem, ablation=change.ablation).features)
    return [outcome(asked.get(change, recognizer), changed(query, change), change, label) for change in changes]


def copied(recognizer: Recognizer) -> Recognizer:
    """The same support set, for features of a changed network."""
    other = Recognizer(recognizer.model, recognizer.matching, recognizer.centre)
    other.support = recognizer.support
    return other


def changed(query: Clip, change: Change) -> Clip:
    if not change.frames:
        return query
    return replace(query, frames=np.ascontiguousarray(change.frames(query.frames)))


def outcome(recognizer: Recognizer, clip: Clip, change: Change, label: str) -> Outcome:
    try:
        prediction = recognizer.predict(clip)
    except D2STError as error:
        return Outcome(change, None, False, str(error))
    finally:
        if change.frames:
            recognizer.forget(clip)
    return Outcome(change, prediction, prediction.label != label)
