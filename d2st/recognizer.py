"""Support set and query → prediction."""

import operator
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import torch

from d2st import matching as matchings
from d2st.errors import D2STError
from d2st.trace import Encoding, SamplingTrace
from d2st.video import Clip, Looks, read_clip

SHOWN = 20  # actions, of however many
AMONG = 200  # actions, between which the typical score is taken
AT_ONCE = 50  # actions that are worked on at a time, so that memory holds little besides features


class Encoder(Protocol):
    """What a recognizer wants of a model."""

    @property
    def frames(self) -> int:
        """How many frames of a look it takes."""

    @property
    def image(self) -> int:
        """The side of a frame in pixels."""

    @property
    def weights(self) -> tuple[float, ...]:
        """Of the parts that its frame features consist of, as `matching.directions` has them."""

    @property
    def looks(self) -> Looks | None:
        """How it sees a clip of a file that is longer than it knows; None: in one look, whatever its length."""

    def encode(self, frames, inspect: bool = False) -> Encoding:
        """Frames uint8 RGB [L·T, H, W, 3] → features [L·T, F], and on request what went on inside."""


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

    @cached_property
    def shares(self) -> dict[str, float]:
        """Softmax of the scores, the quantity that training maximises: sums to 1 over the actions
        at hand, and is no calibrated probability."""
        shares = torch.tensor(list(self.scores.values())).softmax(0).tolist()
        return dict(zip(self.scores, shares, strict=True))

    @property
    def best(self) -> list[str]:
        """The best actions, as many as are shown; best first."""
        return list(self.scores)[:SHOWN]


@dataclass(frozen=True)
class Prototypes:
    """A support set as queries are compared with it: computed once for each change of it."""

    made_of: list[tuple[str, list[torch.Tensor]]]  # the actions, and the features of their shots
    directions: torch.Tensor  # [C, L·T, F], of every action's mean over its shots
    still: str | None  # the first action of which centring leaves nothing
    typical: float  # median score of one action against another: what no match looks like here


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
        self._compared: Prototypes | None = None

    def read(self, clip, preview: bool = False) -> Clip:
        """A `Clip`, or whatever `read_clip` reads → a `Clip` with the frames that the model takes.

        With `preview`, a video file brings a small film of its pictures along.

        Raises `D2STError` where it cannot be read, or has another number or size of frames.
        """
        if not isinstance(clip, Clip):
            model = self.model
            clip = read_clip(clip, model.frames, crop=model.image, preview=preview, looks=model.looks)
        wanted = (self.model.frames * clip.looks, self.model.image, self.model.image, 3)
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
        """Frame features [L·T, F], of all looks at the clip."""
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

        compared = self.compared()
        self.refuse_what_stands_still(compared, query)
        logits = self._scores(compared, features)
        order = logits.argsort(descending=True)
        actions = list(self.support)
        ordered = [actions[index] for index in order.tolist()]
        label, best = ordered[0], logits[order].tolist()

        shots = [self.features(c) for c in self.support[label]]
        nearest = int(self.score(self._alike(shots), features).argmax())
        pair = [self.directions(each)[None] for each in (shots[nearest], features)]
        distance = matchings.distance_of_directions(*pair)[0, 0]  # [T_s, T_q]
        return Prediction(
            query,
            label,
            dict(zip(ordered, best, strict=True)),
            margin=best[0] - best[1],
            matches=best[0] > compared.typical,
            nearest=self.support[label][nearest],
            alignment=matchings.align(distance, self.matching, self.model.frames),
            trace=traces,
            notes=tuple(dict.fromkeys((*query.notes, *self._said_of(query)))),
        )

    def _said_of(self, query: Clip) -> Iterator[str]:
        """How the features of the query and of all examples were computed, where there is something to say."""
        for clip in [query, *self.clips]:
            yield from self._notes.get(clip.digest, ())

    def scores(self, features: torch.Tensor) -> torch.Tensor:
        """Frame features [T, F] → a score for each action, in the order of the support set [C]."""
        return self._scores(self.compared(), features)

    def _scores(self, compared: Prototypes, features: torch.Tensor) -> torch.Tensor:
        return self._score_directions(compared.directions, self.directions(features)[None])[0]

    def _score_directions(self, support: torch.Tensor, query: torch.Tensor) -> torch.Tensor:
        return matchings.scores_of_directions(support, query, self.matching, self.model.frames)

    def directions(self, features: torch.Tensor) -> torch.Tensor:
        """What is compared of frame features [..., T, F]."""
        return matchings.directions(features, self.centre, self.model.weights)

    def prototypes(self) -> torch.Tensor:
        """Every action's mean over its shots, [C, L·T, F]; looks are repeated until all have as many."""
        return self._means([features for _, features in self._shots()])

    def _alike(self, features: Sequence[torch.Tensor]) -> torch.Tensor:
        return matchings.alike(features, self.model.frames)

    def _shots(self) -> list[tuple[str, list[torch.Tensor]]]:
        return [(action, [self.features(clip) for clip in clips]) for action, clips in self.support.items()]

    def _means(self, shots: list[list[torch.Tensor]]) -> torch.Tensor:
        """Features [L·T, F] of the shots of every action → their means [C, L·T, F]."""
        return self._alike([each[0] if len(each) == 1 else self._alike(each).mean(0) for each in shots])

    def compared(self) -> Prototypes:
        """The support set as queries are compared with it, anew where anything of it has changed."""
        shots, known = self._shots(), self._compared
        if known is None or not _same(known.made_of, shots):
            self._compared = None  # before the new one needs room
            self._compared = known = self._compare(shots)
        return known

    def _compare(self, shots: list[tuple[str, list[torch.Tensor]]]) -> Prototypes:
        means = self._means([features for _, features in shots])  # [C, L·T, F]
        still = [action for (action, _), mean in zip(shots, means, strict=True) if matchings.stands_still(mean)]
        for some in means.split(AT_ONCE):
            some.copy_(self.directions(some))
        return Prototypes(shots, means, still[0] if still else None, self._typical(means))

    def _typical(self, directions: torch.Tensor) -> float:
        """Median score of one action against another; of very many actions, among `AMONG` that are evenly spread."""
        among = directions[torch.linspace(0, len(directions) - 1, min(len(directions), AMONG)).long()]
        rows = [self._score_directions(among, part) for part in among.split(AT_ONCE)]
        return float(torch.cat(rows)[~torch.eye(len(among), dtype=torch.bool)].median())

    def refuse_what_stands_still(self, compared: Prototypes, query: Clip | None = None) -> None:
        """Of the actions, and the query: centred, it is equally far from everything, and an answer would be chance."""
        if not self.centre:
            return
        still = f"The action '{compared.still}'" if compared.still else None
        if query and matchings.stands_still(self.features(query)):
            still = f"The query '{query.name}'"
        if still:
            raise D2STError(
                f"{still} stands still: centred, nothing is left of it to compare. "
                "Turn centring off, or take clips that move."
            )

    def score(self, support: torch.Tensor, query: torch.Tensor) -> torch.Tensor:
        """[C, L·T, F], [L·T, F] → scores [C]."""
        how = self.matching, self.centre, self.model.frames, self.model.weights
        return matchings.scores(support, query[None], *how)[0]

    def typical_score_between_actions(self) -> float:
        """Median score of one action's prototype against another's: what no match looks like here."""
        return self.compared().typical


def _same(one: list[tuple[str, list[torch.Tensor]]], other: list[tuple[str, list[torch.Tensor]]]) -> bool:
    """Whether they are the same actions with the very same features."""
    return len(one) == len(other) and all(
        action == action_now and len(was) == len(now) and all(map(operator.is_, was, now))
        for (action, was), (action_now, now) in zip(one, other, strict=True)
    )
