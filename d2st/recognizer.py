"""Support set and query → prediction."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch

from d2st import matching as matchings
from d2st.errors import D2STError
from d2st.trace import Encoding, SamplingTrace
from d2st.video import Clip, read_clip


class Encoder(Protocol):
    """What a recognizer wants of a model."""

    @property
    def frames(self) -> int:
        """How many frames of a clip it takes."""

    @property
    def image(self) -> int:
        """The side of a frame in pixels."""

    def encode(self, frames, inspect: bool = False) -> Encoding:
        """Frames uint8 RGB [T, H, W, 3] → features [T, F], and on request what went on inside."""


@dataclass(frozen=True)
class Prediction:
    """The answer for one query clip."""

    query: Clip
    label: str
    scores: dict[str, float]  # action → score, best first; minus a matched distance, higher is closer
    margin: float  # best score minus the second best
    matches: bool  # False where the query is further from every action than the actions are from each other
    nearest: Clip  # the support clip of the predicted action that the query is closest to
    alignment: matchings.Alignment  # matched frames (of `nearest`, of the query)
    trace: list[SamplingTrace] = field(default_factory=list, repr=False)
    notes: tuple[str, ...] = ()  # what a person should know of the query, and of how it was computed

    @property
    def shares(self) -> dict[str, float]:
        """Softmax of the scores, the quantity that training maximises: sums to 1 over the actions
        at hand, and is no calibrated probability."""
        shares = torch.tensor(list(self.scores.values())).softmax(0).tolist()
        return dict(zip(self.scores, shares, strict=True))


class Recognizer:
    """A support set, and the answers that it gives.

    matching: one of `MATCHINGS`; centre: subtract each clip's temporal mean first. A clip's features
    are computed once, whatever it is used for. Raises `D2STError` for an unknown matching.
    """

    def __init__(self, model: Encoder, matching: str = matchings.DEFAULT, centre: bool = matchings.CENTRED):
        self.model: Any = model
        self.match(matching, centre)
        self.support: dict[str, list[Clip]] = {}
        self._features: dict[str, torch.Tensor] = {}
        self._notes: dict[str, tuple[str, ...]] = {}

    def match(self, matching: str, centre: bool) -> None:
        """Match in another way from now on; no feature is computed again."""
        self.matching, self.centre = matchings.matching_named(matching).name, bool(centre)

    def read(self, clip, preview: bool = False) -> Clip:
        """A `Clip`, or whatever `read_clip` reads → a `Clip` with the frames that the model takes.

        With `preview`, a video file brings a small film of its pictures along.

        Raises `D2STError` where it cannot be read, or has another number or size of frames.
        """
        if not isinstance(clip, Clip):
            clip = read_clip(clip, self.model.frames, crop=self.model.image, preview=preview)
        wanted = (self.model.frames, self.model.image, self.model.image, 3)
        if clip.shape != wanted:
            has, takes = (f"{t} frames of {w}×{h} pixels" for t, h, w, _ in (clip.shape, wanted))
            raise D2STError(f"'{clip.name}' has {has}, and this model takes {takes}. Read the clip again for it.")
        return clip

    def add(self, action: str, clip) -> Clip:
        """Add one example, whatever `read` takes, to an action; the action begins with its first one."""
        if not isinstance(action, str) or not action.strip():
            raise D2STError("An action needs a name. Type one, such as 'wave'.")
        clip = self.read(clip)
        self.features(clip)
        self.support.setdefault(action.strip(), []).append(clip)
        return clip

    def remove(self, action: str, clip: Clip | None = None) -> None:
        """Remove one example of an action, or the whole action."""
        if action not in self.support:
            raise D2STError(f"There is no action '{action}' to remove.")
        before = self.support[action]
        kept = [] if clip is None else [c for c in before if c.digest != clip.digest]
        if kept:
            self.support[action] = kept
        else:
            del self.support[action]
        for each in before:
            self.forget(each)

    @property
    def clips(self) -> list[Clip]:
        """Every example, action by action."""
        return [clip for clips in self.support.values() for clip in clips]

    def features(self, clip: Clip) -> torch.Tensor:
        """Frame features [T, F]."""
        if clip.digest not in self._features:
            self._keep(clip, self.model.encode(clip.frames))
        return self._features[clip.digest]

    def _keep(self, clip: Clip, encoding: Encoding) -> None:
        self._features[clip.digest], self._notes[clip.digest] = encoding.features, encoding.notes

    def forget(self, clip: Clip) -> None:
        """Keep no features of a clip, unless it is an example."""
        if all(clip.digest != each.digest for each in self.clips):
            self._features.pop(clip.digest, None)
            self._notes.pop(clip.digest, None)

    def forget_all_but(self, clips: Iterable[Clip]) -> None:
        """Keep features of these clips and of the examples alone."""
        kept = {clip.digest for clip in [*clips, *self.clips]}
        self._features = {digest: features for digest, features in self._features.items() if digest in kept}
        self._notes = {digest: notes for digest, notes in self._notes.items() if digest in kept}

    def know(self, clip: Clip, features: torch.Tensor, notes: tuple[str, ...] = ()) -> None:
        """Take a clip's frame features [T, F], and what is to be said of them, as given instead of computing them."""
        self._features[clip.digest], self._notes[clip.digest] = features, notes

    def inspect(self, clip: Clip) -> Encoding:
        """A clip's features, sampling points and contributions, in one go; the features are kept."""
        encoding = self.model.encode(clip.frames, inspect=True)
        self._keep(clip, encoding)
        return encoding

    def predict(self, clip, trace: bool = False) -> Prediction:
        """Name the action of a query, whatever `read` takes; with its sampling points on request.

        Raises `D2STError` where there are less than two actions, or where centring leaves nothing to
        compare of the query or of an action, since all its frames are the same.
        """
        if len(self.support) < 2:
            have = f"There is only '{next(iter(self.support))}'" if self.support else "There are none"
            raise D2STError(f"A query is compared with at least two actions. {have}: add clips of another action.")
        query = self.read(clip)
        traces = self.inspect(query).traces if trace else []
        features = self.features(query)

        prototypes = self.prototypes()  # [C, T, F]
        self.refuse_what_stands_still(prototypes, query)
        logits = self.score(prototypes, features)
        order = logits.argsort(descending=True).tolist()
        actions = list(self.support)
        label = actions[order[0]]

        shots = torch.stack([self.features(c) for c in self.support[label]])  # [K, T, F]
        nearest = int(self.score(shots, features).argmax())
        pair = torch.stack([shots[nearest], features])  # [2, T, F]
        pair = matchings.centre(pair) if self.centre else pair
        distance = matchings.frame_distance(pair[:1], pair[1:])[0, 0]  # [T_s, T_q]
        return Prediction(
            query,
            label,
            {actions[i]: float(logits[i]) for i in order},
            margin=float(logits[order[0]] - logits[order[1]]),
            matches=bool(logits[order[0]] > self.typical_score_between_actions(prototypes)),
            nearest=self.support[label][nearest],
            alignment=matchings.align(distance, self.matching),
            trace=traces,
            notes=tuple(dict.fromkeys((*query.notes, *self._said_of(query)))),
        )

    def _said_of(self, query: Clip) -> Iterator[str]:
        """How the features of the query and of all examples were computed, where there is something to say."""
        for clip in [query, *self.clips]:
            yield from self._notes.get(clip.digest, ())

    def prototypes(self) -> torch.Tensor:
        """Every action's mean over its shots, [C, T, F]."""
        return torch.stack(
            [torch.stack([self.features(clip) for clip in clips]).mean(0) for clips in self.support.values()]
        )

    def refuse_what_stands_still(self, prototypes: torch.Tensor, query: Clip) -> None:
        """Centred, such a clip is equally far from everything, and an answer would be chance."""
        if not self.centre:
            return
        still = [f"The action '{action}'" for action, p in zip(self.support, prototypes, strict=True)
                 if matchings.stands_still(p)]  # fmt: skip
        if matchings.stands_still(self.features(query)):
            still.insert(0, f"The query '{query.name}'")
        if still:
            raise D2STError(
                f"{still[0]} stands still: centred, nothing is left of it to compare. "
                "Turn centring off, or take clips that move."
            )

    def score(self, support: torch.Tensor, query: torch.Tensor) -> torch.Tensor:
        """[C, T, F], [T, F] → scores [C]."""
        return matchings.scores(support, query[None], self.matching, self.centre)[0]

    def typical_score_between_actions(self, prototypes: torch.Tensor) -> float:
        """Median score of one action's prototype against another's: what no match looks like here."""
        between = matchings.scores(prototypes, prototypes, self.matching, self.centre)
        return float(between[~torch.eye(len(between), dtype=torch.bool)].median())
