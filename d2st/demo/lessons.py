"""Guided tours of the page, each a minute long: what to look at, in which order, on bundled clips.

A step's text may name numbers of the clip that is shown, `{clip.…}`: the properties of `told.Told`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MATCHING, WHAT_IF, COMPARE = "matching", "what-if", "compare"  # the tabs
DISENTANGLED, LAYERS = "disentangled", "layers"
STAGE, ANSWER, CARDS = "#stage", "#answer", "#cards"  # what steps outline, as selectors; and what views have


@dataclass(frozen=True)
class Step:
    """A paragraph, and what the page shows beside it."""

    text: str
    query: str  # of the lesson's example set: the true action of the query
    target: str  # a selector of what the step speaks of, which is outlined and scrolled to
    tab: str | None = None  # that is opened
    go: Mapping[str, Any] | None = None  # what the stage shows; a layer by its place, from 0
    walks: bool = False  # whether the stage points at what `Told.walk` follows: "point" and "token" come from there
    formula: str = ""

    @property
    def view(self) -> str:
        """The view of Present that the target stands in."""
        return "inside" if self.tab else "examples" if self.target == CARDS else "stage"


@dataclass(frozen=True)
class Lesson:
    title: str
    workspace: str  # an example set
    steps: tuple[Step, ...] = field(repr=False)
    points: bool = False  # whether it is about sampling points, which not all models have


FILM = {
    "view": "film", "pathway": "spatial", "layer": 0, "group": "all", "heat": False, "usual": False, "token": None,
    "point": None,
}  # fmt: skip

LESSONS = {
    "matching": Lesson(
        "What few-shot matching is",
        "people",
        (
            Step(
                "These are five actions with two clips each, their shots. The network was never trained on any of "
                "them: all that it knows of “kick” are its two clips. The query on the stage is another clip, of "
                "somebody else.",
                "kick", CARDS,
            ),
            Step(
                "Each clip becomes eight frames, and each frame a list of numbers, its features. The answer is the "
                "action whose frames are nearest to those of the query: “{clip.label}”, ahead of “{clip.second}” by a "
                "margin of {clip.margin}.",
                "kick", ANSWER,
            ),
            Step(
                "This is every distance between a frame of the query and a frame of the nearest example: the stronger "
                "a cell's colour, the nearer. Bi-MHM lets each frame go to its nearest, the circles. OTAM wants a path "
                "that never goes back in time, the line. {clip.otam}",
                "kick", "#matrices", MATCHING,
            ),
            Step(
                "Choose another example here, of another action: the distances along its circles are larger, and the "
                "scores above the matrix fall. {clip.matched} That is all there is to matching.",
                "kick", "#compare-with", MATCHING,
            ),
            Step(
                "The margin of {clip.margin} is no more than a sum over frames: {clip.best_frame}. Beside it stands "
                "how near the query is to every example by itself. Press a frame, and the stage shows it.",
                "kick", "#decided", MATCHING,
            ),
        ),
    ),
    "order": Lesson(
        "Why order matters",
        "table",
        (
            Step(
                "“Lift up” and “put down” show the same pictures. Only their order tells them apart, as with most of "
                "what hands do.",
                "lift up", CARDS,
            ),
            Step(
                "Press this button. Played backwards, the clip of lifting shows putting down: where the network has "
                "seen the order, the answer flips. Frozen on one frame, there is hardly anything left to go by.",
                "lift up", "#ask-again", WHAT_IF,
            ),
            Step(
                "Bi-MHM does not know of order: a frame may go to any other. With it, order must be in the features "
                "themselves. {clip.diagonal}",
                "lift up", "#matrices", MATCHING,
            ),
            Step(
                "That is what the adapters are for. They let every frame read from the others, so that a hand on its "
                "way to the left has other features than one on its way to the right. Press the button: with the "
                "adapters off, this answer flips.",
                "push left", "#ask-again", WHAT_IF,
            ),
        ),
    ),
    "points": Lesson(
        "What the points do",
        "people",
        (
            Step(
                "An adapter asks at every place of every frame, and reads at a few points only. A cross is where a "
                "point starts, on a regular grid; a small network then moves it along the arrow, through the picture "
                "and through time.",
                "punch", STAGE, go=FILM,
            ),
            Step(
                "The same in space and time. The spatial pathway has many places at two moments, two dense sheets. "
                "Press “temporal”: few places at every moment, which are threads. Turn the box with the pointer.",
                "punch", STAGE, go=FILM | {"view": "box"},
            ),
            Step(
                "One place was pressed here, {clip.asking}: points take the size of the attention that it pays them. "
                "They do not move, since all places of the clip share them. Press another place.",
                "punch", STAGE, go=FILM, walks=True,
            ),
            Step(
                "How much does each pathway change? The bars are its share of the features, frame by frame.",
                "punch", "#pathways", DISENTANGLED,
            ),
            Step(
                "From layer to layer the maps get coarser and the points fewer, and many have left the clip. "
                "{clip.outside}: up to one token beyond the edge they still read a share of it, further out nothing. "
                "A network may learn not to look.",
                "punch", "#layers", LAYERS,
            ),
        ),
        points=True,
    ),
    "adapter": Lesson(
        "Through the adapter, step by step",
        "people",
        (
            Step(
                "Tokens. At {clip.walk.layer} the clip is {clip.tokens}, frames by rows by columns. The adapter first "
                "narrows what each of them holds, and adds what a small convolution says of its neighbourhood.",
                "punch", STAGE, go=FILM, formula="z = down(x) + position(down(x))",
            ),
            Step(
                "Offsets. A small network looks at the tokens around each cross and says where to read instead. "
                "Follow {clip.point}: it starts at {clip.start}, and is moved {clip.offset}; no point may move further "
                "than one cell of its grid.",
                "punch", STAGE, go=FILM, walks=True, formula="p = r + tanh(Δ) · min(1, 2/n)",
            ),
            Step(
                "Reading. It arrives at {clip.end}, between the tokens, so that it reads those around it in shares: "
                "{clip.read}. What lies beyond the clip is read as zero.",
                "punch", STAGE, go=FILM, walks=True, formula="read(p) = Σ share(p, token) · z(token); k, v from it",
            ),
            Step(
                "Attention. Every token asks all points of its group. The one at {clip.asking} pays this point "
                "{clip.attention} of its attention, where an even share would be {clip.even}; the sizes are what it "
                "pays to each, or it and the tokens beside it.",
                "punch", STAGE, go=FILM, walks=True, formula="A(z) = softmax(q · k(p) / √d) · v(p)",
            ),
            Step(
                "Two pathways. The spatial one has {clip.spatial_points} points for each of {clip.walk.groups} groups: "
                "many places at few moments. The temporal one, here, does the same with {clip.temporal_points}: few "
                "places at every moment.",
                "punch", STAGE, go=FILM | {"pathway": "temporal"}, formula="z + A_S(z), z + A_T(z)",
            ),
            Step(
                "The sum. The mean of both is widened again and added to what the frozen network had. At "
                "{clip.walk.layer} the spatial pathway changes this clip's features by {clip.spatial_change} of their "
                "length, the temporal one by {clip.temporal_change}: small corrections, at each layer anew.",
                "punch", "#pathways", DISENTANGLED, formula="x̂ = x + up(GELU(½ (z + A_S(z)) + ½ (z + A_T(z))))",
            ),
        ),
        points=True,
    ),
    "honest": Lesson(
        "How much of this is the clip?",
        "table",
        (
            Step(
                "The arrows look as if the network had followed the hand. How much of them has to do with this clip?",
                "push left", STAGE, go=FILM,
            ),
            Step(
                "“What this clip changed” is on now. {clip.usual} The rest stands where it always does, whatever the "
                "clip shows.",
                "push left", STAGE, go=FILM | {"usual": True},
                formula="offset = u + d, share = 1 − |u|² / (|u|² + |d|²)",
            ),
            Step(
                "So it is in all layers. {clip.shares} Most of each arrow is the same for every clip: the network has "
                "learnt where it pays to look, and adjusts it a little.",
                "push left", "#layers", LAYERS,
            ),
            Step(
                "Does it matter then that the points move? Press the button, and look at the rows “offsets at zero” "
                "and at either pathway off: this answer stays. With the adapters off, it does not.",
                "push left", "#ask-again", WHAT_IF,
            ),
            Step(
                "What is the clip's own is where attention falls. “Heat” lays it down where it was read: on one token "
                "falls {clip.peak}. Colours mean the same in every layer.",
                "push left", STAGE, go=FILM | {"heat": True},
            ),
            Step(
                "Where does the answer come about? Press this button: it is asked behind every layer, with the "
                "adapters and without. Press a column to see its layer on the stage.",
                "push left", "#ask-layers", LAYERS,
            ),
            Step(
                "And which frames decided? The margin over “{clip.second}” is {clip.margin}; {clip.best_frame}. The "
                "same marks stand on the stage's time line.",
                "push left", "#decided", MATCHING,
            ),
        ),
        points=True,
    ),
    "limits": Lesson(
        "When it fails",
        "table",
        (
            Step(
                "The network always names one of the actions at hand, right or not. Look at the margin, {clip.margin} "
                "here, and whether the page says “nothing matches well”.",
                "wave", ANSWER,
            ),
            Step(
                "Press × on the card of this clip's own action; a lesson has a copy of the examples, so nothing is "
                "lost. Something else is now the answer, because something must be: few-shot recognition knows no "
                "“none of these”.",
                "wave", CARDS,
            ),
            Step(
                "It learnt from simulated clips only. On clips of real people it answers less often right than here, "
                "and small things far from the camera escape it. Drop in clips of your own and see.",
                "push left", ANSWER,
            ),
            Step(
                "Left and right: mirrored, “push left” shows “push right”. A network that was shown mirrored clips as "
                "the same action could not tell them apart; this one was not. Press the button and see whether it can.",
                "push left", "#ask-again", WHAT_IF,
            ),
        ),
    ),
}  # fmt: skip
