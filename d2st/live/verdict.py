"""What is said of a film as it goes on, so that it does not flicker."""

from collections.abc import Mapping


class Verdict:
    """The action that is said, or none: another one, or none, is said when it held `held` times in a row.

    margin: of scores, by which the threshold is to be passed to say an action, and missed to take it back.
    """

    def __init__(self, threshold: float, margin: float, held: int = 2):
        self.threshold, self.margin, self.held = threshold, margin, held
        self.said: str | None = None
        self._next: str | None = None
        self._times = 0

    def hear(self, scores: Mapping[str, float]) -> str | None:
        """The scores of the newest stretch, none where it shows nothing to compare → what is said now."""
        best = max(scores, key=lambda action: scores[action], default=None)
        sure = self.threshold + (-self.margin if best == self.said else self.margin)
        heard = best if best is not None and scores[best] >= sure else None
        if heard == self.said:
            self._times = 0
        elif heard == self._next:
            self._times += 1
        else:
            self._next, self._times = heard, 1
        if self._times >= self.held:
            self.said, self._times = heard, 0
        return self.said
