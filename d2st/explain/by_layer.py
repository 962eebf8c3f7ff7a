"""The answer layer by layer: what it would be if the features were taken behind each layer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch

from d2st.adapter import NOTHING, Ablation
from d2st.errors import D2STError
from d2st.explain.what_if import can_leave_out, copied
from d2st.models.model import Model
from d2st.recognizer import Recognizer
from d2st.video import Clip

ANSWER = "the answer"  # the last row: the features themselves, behind the backbone's head
WITHOUT = Ablation(adapters=True)
LayerFeatures = dict[str, torch.Tensor]  # {layer: [T, F]}, and under `ANSWER` the features themselves


@dataclass(frozen=True)
class BothFeatures:
    """A clip's features behind every layer, with the adapters and without."""

    adapted: LayerFeatures
    frozen: LayerFeatures  # empty where there is nothing to leave out, or it is not known what would be left


@dataclass(frozen=True)
class LayerAnswer:
    """What would be answered with the features of one layer."""

    layer: str
    leads: str  # the action
    margin: float  # its score minus the next one's, 0…
    lead: float  # the score of the action that the page names minus the best other one's; below 0 where another leads


@dataclass(frozen=True)
class ByLayer:
    """Both rows of answers, the last of which is the answer itself."""

    label: str  # the action that the page names
    adapted: list[LayerAnswer]
    frozen: list[LayerAnswer]  # without the adapters; may be empty


def features_by_layer(recognizer: Recognizer, clip: Clip) -> BothFeatures:
    """A clip's features behind every layer. The stem is computed once; the rest with the adapters and without."""
    model: Model = recognizer.model
    stem = model.stem(clip.frames)

    def computed(ablation: Ablation) -> LayerFeatures:
        encoding = model.adapt(stem, inspect=True, ablation=ablation)
        return encoding.by_layer | {ANSWER: encoding.features}

    adapted = computed(NOTHING) | {ANSWER: recognizer.features(clip)}  # as the page has answered with
    return BothFeatures(adapted, computed(WITHOUT) if can_leave_out(model, WITHOUT) else {})


def layer_by_layer(
    recognizer: Recognizer, query: Clip, known: dict[str, BothFeatures], progress: Callable[[Iterable], Iterable] = iter
) -> ByLayer:
    """What would be answered behind each layer, matched as the recognizer does.

    known: features by clip's digest, from which clips are taken and to which those that are missing are
    added. `progress` wraps the clips that are gone through, as tqdm does.
    Raises `D2STError` as `Recognizer.predict` does.
    """
    label = recognizer.predict(query).label
    clips = [query, *recognizer.clips]
    for clip in progress([clip for clip in clips if clip.digest not in known]):
        known[clip.digest] = features_by_layer(recognizer, clip)
    both = {clip: known[clip.digest] for clip in clips}

    def row(of: Callable[[BothFeatures], LayerFeatures]) -> list[LayerAnswer]:
        answers = (
            answer_behind(layer, label, recognizer, query, {clip: of(each)[layer] for clip, each in both.items()})
            for layer in of(both[query])
        )
        return [answer for answer in answers if answer]

    return ByLayer(label, row(lambda each: each.adapted), row(lambda each: each.frozen))


def answer_behind(
    layer: str, label: str, recognizer: Recognizer, query: Clip, features: dict[Clip, torch.Tensor]
) -> LayerAnswer | None:
    """The answer with these features; None where they are the same throughout a clip, and centred, nothing is left."""
    other = copied(recognizer)
    for clip, each in features.items():
        other.know(clip, each)
    try:
        found = other.predict(query)
    except D2STError:
        return None
    best_other = max(score for action, score in found.scores.items() if action != label)
    return LayerAnswer(layer, found.label, found.margin, found.scores[label] - best_other)
