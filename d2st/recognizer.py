"""Support set and query → prediction."""

from dataclasses import dataclass, field

import torch

from d2st import matching
from d2st.errors import D2STError
from d2st.models.zoo import Model
from d2st.trace import SamplingTrace
from d2st.video import Clip, read_clip


@dataclass(frozen=True)
class Prediction:
    """The answer for one query clip."""

    query: Clip
    label: str
    scores: dict[str, float]  # action → score, best first; minus a matched distance, higher is closer
    margin: float  # best score minus the second best
    matches: bool  # False where the query is further from every action than the actions are from each other
    nearest: Clip  # the support clip of the predicted action that the query is closest to
    alignment: list[tuple[int, int]]  # matched frames (of `nearest`, of the query)
    trace: list[SamplingTrace] = field(default_factory=list, repr=False)

    @property
    def shares(self) -> dict[str, float]:
        """Softmax of the scores, the quantity that training maximises: sums to 1 over the actions
        at hand, and is no calibrated probability."""
        shares = torch.tensor(list(self.scores.values())).softmax(0).tolist()
        return dict(zip(self.scores, shares))


class Recognizer:
    """A support set, and the answers that it gives.

    matching: "bi-mhm", "otam" or "frame-to-frame"; centre: subtract each clip's temporal mean
    first. A clip's features are computed once, whatever it is used for.
    """

    def __init__(self, model: Model, matching: str = matching.DEFAULT, centre: bool = matching.CENTRED):
        self.model = model
        self.matching, self.centre = matching, centre
        self.support: dict[str, list[Clip]] = {}
        self._features: dict[str, torch.Tensor] = {}

    def read(self, clip) -> Clip:
        """A path or `Clip` → a `Clip` with the frames that the model takes."""
        return clip if isinstance(clip, Clip) else read_clip(clip, self.model.frames, crop=self.model.image)

    def add(self, action: str, clip) -> Clip:
        """Add one example, a path or a `Clip`, to an action; the action begins with its first one."""
        action = action.strip()
        if not action:
            raise D2STError("An action needs a name. Type one, such as 'wave'.")
        clip = self.read(clip)
        self.features(clip)
        self.support.setdefault(action, []).append(clip)
        return clip

    def remove(self, action: str, clip: Clip | None = None) -> None:
        """Remove one example of an action, or the whole action."""
        if action not in self.support:
            raise D2STError(f"There is no action '{action}' to remove.")
        kept = [] if clip is None else [c for c in self.support[action] if c.digest != clip.digest]
        if kept:
            self.support[action] = kept
        else:
            del self.support[action]

    def features(self, clip: Clip) -> torch.Tensor:
        """Frame features [T, F]."""
        if clip.digest not in self._features:
            self._features[clip.digest], _ = self.model.encode(clip.frames)
        return self._features[clip.digest]

    def know(self, clip: Clip, features: torch.Tensor) -> None:
        """Take a clip's frame features [T, F] as given instead of computing them."""
        self._features[clip.digest] = features

    def trace(self, clip: Clip) -> list[SamplingTrace]:
        """The sampling points of every adapter and pathway; the features come along and are kept."""
        self._features[clip.digest], traces = self.model.encode(clip.frames, trace=True)
        return traces

    def predict(self, clip, trace: bool = False) -> Prediction:
        """Name the action of a query, a path or a `Clip`; with its sampling points on request."""
        if len(self.support) < 2:
            have = f"There is only '{next(iter(self.support))}'" if self.support else "There are none"
            raise D2STError(f"A query is compared with at least two actions. {have}: add clips of another action.")
        query = self.read(clip)
        traces = self.trace(query) if trace else []
        features = self.features(query)

        prototypes = self.prototypes()  # [C, T, F]
        logits = self.score(prototypes, features)
        order = logits.argsort(descending=True).tolist()
        actions = list(self.support)
        label = actions[order[0]]

        shots = torch.stack([self.features(c) for c in self.support[label]])  # [K, T, F]
        nearest = int(self.score(shots, features).argmax())
        pair = torch.stack([shots[nearest], features])  # [2, T, F]
        pair = matching.centre(pair) if self.centre else pair
        distance = matching.frame_distance(pair[:1], pair[1:])[0, 0]  # [T_s, T_q]
        return Prediction(
            query,
            label,
            {actions[i]: float(logits[i]) for i in order},
            margin=float(logits[order[0]] - logits[order[1]]),
            matches=bool(logits[order[0]] > self.typical_score_between_actions(prototypes)),
            nearest=self.support[label][nearest],
            alignment=matching.align(distance, self.matching),
            trace=traces,
        )

    def prototypes(self) -> torch.Tensor:
        """Every action's mean over its shots, [C, T, F]."""
        return torch.stack(
            [torch.stack([self.features(clip) for clip in clips]).mean(0) for clips in self.support.values()]
        )

    def score(self, support: torch.Tensor, query: torch.Tensor) -> torch.Tensor:
        """[C, T, F], [T, F] → scores [C]."""
        return matching.scores(support, query[None], self.matching, self.centre)[0]

    def typical_score_between_actions(self, prototypes: torch.Tensor) -> float:
        """Median score of one action's prototype against another's: what no match looks like here."""
        between = matching.scores(prototypes, prototypes, self.matching, self.centre)
        return float(between[~torch.eye(len(between), dtype=torch.bool)].median())
