"""Compare: the same clips under other adapters on the same frozen backbone, and under every matching."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from d2st.adapter import NOTHING, Ablation
from d2st.errors import D2STError
from d2st.explain.what_if import can_leave_out, copied
from d2st.kinds import KINDS
from d2st.matching import MATCHINGS
from d2st.recognizer import Prediction, Recognizer
from d2st.trace import Encoding
from d2st.video import Clip

OWN, FROZEN, DROPPED = "own", "frozen", "dropped"  # contenders' names; the others are called as their kind


@dataclass(frozen=True)
class Contender:
    """Adapters that are compared: those of a model, or none where the ablation leaves them out."""

    name: str
    title: str
    model: Any
    ablation: Ablation = NOTHING

    def adapt(self, stem: Any, inspect: bool = False) -> Encoding:
        """The stem of a clip, which all contenders share → what these adapters make of it."""
        return self.model.adapt(stem, inspect, self.ablation)


@dataclass(frozen=True)
class Answer:
    """The answer under a matching, or why there is none; and whether it is another than the one that is looked at."""

    matching: str
    centre: bool
    prediction: Prediction | None
    differs: bool
    problem: str = ""


@dataclass(frozen=True)
class Row:
    """A contender's answers, one for each matching as it is and centred."""

    contender: Contender
    answers: tuple[Answer, ...]


def ways() -> list[tuple[str, bool]]:
    """Every matching, as it is and centred."""
    return list(product(MATCHINGS, (False, True)))


def contenders(model: Any, others: Sequence[Any] = (), dropped: Any = None) -> list[Contender]:
    """The frozen backbone, a model's own adapters among others on the same backbone, and those that were dropped in.

    Ordered from no adapters to D²ST; the frozen backbone is left out where it is not known.
    """
    found = []
    if model.kind is None:
        found.append(Contender(OWN, "No adapters", model))
    elif can_leave_out(model, Ablation(adapters=True)):
        frozen = replace(model, kind=None, trained=False, about="the frozen backbone", usual=None)
        found.append(Contender(FROZEN, "No adapters", frozen, Ablation(adapters=True)))
    for kind in KINDS.values():
        if model.kind == kind.name:
            found.append(Contender(OWN, kind.title, model))
        found += [Contender(kind.name, kind.title, other) for other in others if other.kind == kind.name]
    if dropped:
        title = f"{KINDS[dropped.kind].title}, dropped in"
        found.append(Contender(DROPPED, title, dropped))
    return found


def compare(recognizer: Recognizer, query: Clip, among: Sequence[Contender], progress=iter) -> list[Row]:
    """The query's answers with every contender's features, under every matching.

    `progress` wraps the clips that are gone through, as tqdm does. The recognizer's own features are
    taken as they are, so that its row holds its answer; the others are computed, the stem once a clip.
    Raises `D2STError` as `Recognizer.predict` does.
    """
    label = recognizer.predict(query).label
    asked = {each.name: copied(recognizer) for each in among}
    clips = {clip.digest: clip for clip in [query, *recognizer.clips]}
    for clip in progress(list(clips.values())):
        stem = recognizer.model.stem(clip.frames)
        for each in among:
            own = each.name == OWN
            asked[each.name].know(clip, recognizer.features(clip) if own else each.adapt(stem).features)
    return [Row(each, tuple(answer(asked[each.name], query, *way, label) for way in ways())) for each in among]


def answer(recognizer: Recognizer, query: Clip, matching: str, centre: bool, label: str) -> Answer:
    recognizer.match(matching, centre)
    try:
        found = recognizer.predict(query)
    except D2STError as error:
        return Answer(matching, centre, None, False, str(error))
    return Answer(matching, centre, found, found.label != label)
