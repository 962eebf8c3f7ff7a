"""What lessons say of the clip that is shown: its numbers as words. What needs mathematics is asked of `explain`."""

from functools import cached_property

import numpy as np

from d2st.demo.html.pieces import number
from d2st.demo.workspace import Workspace
from d2st.explain.decided import Decided, decided
from d2st.explain.distances import FrameDistances, frame_distances
from d2st.explain.heat import heat
from d2st.explain.usual import Own, own_of_all
from d2st.explain.walk import Walk, walk
from d2st.matching import MATCHINGS
from d2st.recognizer import Prediction
from d2st.trace import Encoding


def percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.095 else f"{100 * share:.1f} %"


class Told:
    """A workspace as lessons speak of it: their texts name these properties, as in `{clip.margin}`.

    The workspace has a query and an answer; what sampling points are asked for need a model that has some.
    """

    def __init__(self, workspace: Workspace):
        self.recognizer = workspace.recognizer
        assert workspace.prediction and workspace.encoding
        self.found: Prediction = workspace.prediction
        self.encoding: Encoding = workspace.encoding

    # The answer

    @property
    def label(self) -> str:
        return self.found.label

    @property
    def second(self) -> str:
        return list(self.found.scores)[1]

    @property
    def margin(self) -> str:
        return number(self.found.margin)

    @cached_property
    def decided(self) -> Decided:
        return decided(self.recognizer, self.found.query)

    @property
    def best_frame(self) -> str:
        frame = int(self.decided.frames.argmax())
        return f"frame {frame + 1} adds most to it, {number(float(self.decided.frames[frame]))}"

    # The matching with the nearest example

    @cached_property
    def distances(self) -> FrameDistances:
        example, query = (self.recognizer.features(clip) for clip in (self.found.nearest, self.found.query))
        model = self.recognizer.model
        return frame_distances(example, query, self.recognizer.centre, model.frames, model.weights)

    @property
    def matched(self) -> str:
        """What the matching that is chosen makes of the pair."""
        score = number(self.distances.scores[self.recognizer.matching])
        title = MATCHINGS[self.recognizer.matching].title
        return f"Here {title} gives this pair {score}."

    @property
    def otam(self) -> str:
        """Why OTAM's score may lie above 0."""
        score, cost = number(self.distances.scores["otam"]), number(self.distances.path_cost)
        return (
            f"The cheapest path, there and back, costs {cost} here, and yet OTAM's score is {score}: it takes a soft "
            "minimum, which counts the nearly as cheap paths too and so lies below the cheapest one; a score of OTAM's "
            "can even be above 0."
        )

    @property
    def diagonal(self) -> str:
        """Whether the nearest frames lie along the diagonal, as the matrix shows them."""
        off, count = self.distances.off_diagonal, 2 * len(self.found.query.times)
        how = "centred" if self.recognizer.centre else "as the features are"
        if off == 0:
            return f"Look at the matrix, {how}: all {count} circles lie along the diagonal. So it is in the features."
        return (
            f"Look at the matrix, {how}: {count - off} of the {count} circles lie along the diagonal, and {off} do "
            "not: nothing but the features keeps them there."
        )

    # The sampling points

    @cached_property
    def own(self) -> dict[tuple[str, str], Own]:
        return own_of_all(self.encoding.traces, self.recognizer.model.usual)

    @property
    def usual(self) -> str:
        """How much of the first layer's spatial arrows is this clip's."""
        if not self.own:
            return "Where the points of this model usually are is not known."
        (layer, pathway), own = next(iter(self.own.items()))
        return (
            f"It draws each arrow from where its point is on average over {own.clips} other clips to where it is in "
            f"this one. Of the {pathway} offsets of {layer}, {percent(own.share)} is this clip's own; over many clips "
            f"it is {percent(own.typical)}."
        )

    @property
    def shares(self) -> str:
        """The range of this clip's share over layers and pathways."""
        if not self.own:
            return "Where the points of this model usually are is not known."
        ranked = sorted(self.own.items(), key=lambda each: each[1].share)
        (low, least), (high, most) = ranked[0], ranked[-1]
        return (
            f"From {percent(least.share)} ({', '.join(low)}) to {percent(most.share)} ({', '.join(high)}) of the "
            "offsets' mean square is this clip's own."
        )

    @cached_property
    def walk(self) -> Walk:
        found = walk(self.encoding)
        assert found
        return found

    @property
    def tokens(self) -> str:
        time, height, width = self.walk.grid
        return f"{time} × {height} × {width} = {time * height * width:,} tokens"

    @property
    def point(self) -> str:
        return f"point {self.walk.point + 1} of group {self.walk.group + 1}"

    @property
    def start(self) -> str:
        return _place(self.walk.start)

    @property
    def end(self) -> str:
        return _place(self.walk.end)

    @property
    def offset(self) -> str:
        frames, down, right = self.walk.moved
        return (
            f"{number(abs(frames))} frames {'later' if frames >= 0 else 'earlier'}, "
            f"{number(abs(right), 0)} pixels to the {'right' if right >= 0 else 'left'} and "
            f"{number(abs(down), 0)} {'down' if down >= 0 else 'up'}"
        )

    @property
    def read(self) -> str:
        shares = list(self.walk.read.values())
        nearest = ", ".join(percent(share) for share in shares[:3]) or "nothing of the clip"
        return f"{nearest}{f' and less of {len(shares) - 3} more' if len(shares) > 3 else ''}"

    @property
    def asking(self) -> str:
        frame, row, column = self.walk.token
        return f"row {row + 1}, column {column + 1} of frame {frame + 1}"

    @property
    def attention(self) -> str:
        return percent(self.walk.attention)

    @property
    def even(self) -> str:
        return percent(self.walk.even)

    @property
    def spatial_points(self) -> str:
        return " × ".join(map(str, self.walk.points["spatial"]))

    @property
    def temporal_points(self) -> str:
        return " × ".join(map(str, self.walk.points["temporal"]))

    @property
    def spatial_change(self) -> str:
        return percent(self.walk.changes["spatial"])

    @property
    def temporal_change(self) -> str:
        return percent(self.walk.changes["temporal"])

    @property
    def peak(self) -> str:
        """Where attention is densest, in the first layer's spatial pathway."""
        trace = self.encoding.traces[0]
        found = heat(trace)
        frame = int(np.unravel_index(found.argmax(), found.shape)[0])
        return f"{number(float(found.max()), 0)} times as much as if it fell on all alike, in frame {frame + 1}"

    @property
    def outside(self) -> str:
        """The largest share that reads beyond the clip, and where."""
        trace = max(self.encoding.traces, key=lambda each: each.outside)
        return (
            f"In the {trace.pathway} pathway of {trace.layer}, {percent(trace.outside)} of what they read lies outside"
        )


def _place(place: tuple[float, float, float]) -> str:
    frame, y, x = place
    return f"frame {number(frame + 1, 1)}, {number(x, 0)} pixels from the left and {number(y, 0)} from the top"
