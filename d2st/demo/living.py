"""What a visit has of its camera while it films: its latest pictures, and what is said of them."""

from dataclasses import dataclass, field
from typing import Any

from d2st.demo.reel import Reel
from d2st.errors import D2STError
from d2st.live import Ring, Verdict, threshold
from d2st.matching import stands_still
from d2st.models.model import Model
from d2st.recognizer import Recognizer
from d2st.trace import Encoding

SHORTEST, LONGEST = 1, 5  # seconds that may be looked at
MOST = 64  # pictures whose stems are kept
MARGIN = 0.05  # of the threshold, by which it is passed to say an action, and missed to take it back
LENT = "Live needs a network on this machine, and here it runs on a device that is lent for each question."


@dataclass(frozen=True)
class Seen:
    """What the last seconds show."""

    start: float  # seconds since Live began
    end: float
    encoding: Encoding = field(repr=False)  # inspected
    said: str | None = None  # the action, once it is sure
    scores: dict[str, float] = field(default_factory=dict)  # by action, as they are; none where nothing moves
    threshold: float | None = None  # from which score on an action is said; None without two actions


class Live:
    """The latest pictures of one run of a camera, in the order of their times, and the verdict on them."""

    def __init__(self, model: Model, run: str):
        if model.lent:
            raise D2STError(LENT)
        self.ring, self.reel = Ring(model, LONGEST, MOST), Reel(model.image)
        self.run = run
        self.verdict: Verdict | None = None
        self._learnt_from: Any = None

    @property
    def latest(self) -> float:
        """When the newest picture was taken; −1 before there is one."""
        return self.ring.pictures[-1].at if self.ring.pictures else -1

    def see(self, picture: bytes, at: float, shape: tuple[int, int]) -> None:
        """Take the next picture, JPEG of the model's size, of a camera that gives height × width of `shape`."""
        self.ring.add(self.reel.add(picture, at, shape), at)

    def answer(self, recognizer: Recognizer, seconds: float) -> Seen | None:
        """What the last `seconds` show, or what there is of them; None before there is half of that."""
        pictures = self.ring.pictures
        seconds, end = min(max(seconds, SHORTEST), LONGEST), pictures[-1].at
        start = max(end - seconds, pictures[0].at)
        stretch = self.ring.stretch(start, end) if end - start >= seconds / 2 else None
        if stretch is None:
            return None
        encoding = recognizer.model.adapt(stretch.stem, inspect=True)
        if len(recognizer.support) < 2:
            self.verdict = None
            return Seen(start, end, encoding)
        self.learn(recognizer)
        assert self.verdict
        scores: dict[str, float] = {}
        if not (recognizer.centre and stands_still(encoding.features)):
            scores = dict(zip(recognizer.support, recognizer.scores(encoding.features).tolist(), strict=True))
        return Seen(start, end, encoding, self.verdict.hear(scores), scores, self.verdict.threshold)

    def learn(self, recognizer: Recognizer) -> None:
        """Where the examples or the matching are others than before, learn from which score on an action is said."""
        now = recognizer.compared()
        if self.verdict is None or now is not self._learnt_from:
            level = threshold(recognizer)
            self.verdict, self._learnt_from = Verdict(level, MARGIN * abs(level)), now
