"""Guided tours of the page, each a minute long: what to look at, in which order, on bundled clips."""

from dataclasses import dataclass

MATCHING, WHAT_IF, COMPARE = "matching", "what-if", "compare"  # the tabs
DISENTANGLED, LAYERS = "disentangled", "layers"


@dataclass(frozen=True)
class Step:
    """A paragraph, and what the page shows beside it."""

    text: str
    query: str  # of the lesson's example set: the true action of the query
    tab: str | None = None  # that is opened


@dataclass(frozen=True)
class Lesson:
    title: str
    workspace: str  # an example set
    steps: tuple[Step, ...]


LESSONS = {
    "matching": Lesson(
        "What few-shot matching is",
        "people",
        (
            Step(
                "On the left are five actions with two clips each. The network was never trained on any of "
                "them: all that "
                "it knows of “kick” are these two clips. The query is a third clip, of somebody else.",
                "kick",
            ),
            Step(
                "Each clip becomes eight frames, and each frame becomes a list of numbers, its features. The "
                "answer is "
                "the action whose frames are nearest to those of the query. The bars say how near each one is.",
                "kick",
            ),
            Step(
                "Below is every distance between a frame of the query and a frame of the nearest example. Dark "
                "is near. "
                "Bi-MHM lets each frame go to its nearest; OTAM wants a path that never goes back in time.",
                "kick",
                MATCHING,
            ),
            Step(
                "Choose another example above the matrix, of another action: the dark cells fade, and the sums "
                "grow. "
                "That is all there is to matching.",
                "kick",
                MATCHING,
            ),
        ),
    ),
    "order": Lesson(
        "Why order matters",
        "table",
        (
            Step(
                "“Lift up” and “put down” show the same pictures. Only their order tells them apart, as with "
                "most of what "
                "hands do.",
                "lift up",
            ),
            Step(
                "Press the button in this tab. Played backwards, the clip of lifting shows putting down: where the "
                "network has seen the order, the answer flips. Frozen on one frame, there is hardly anything "
                "left to "
                "go by.",
                "lift up",
                WHAT_IF,
            ),
            Step(
                "Bi-MHM does not know of order: a frame may go to any other. With it, order must be in the "
                "features "
                "themselves. Look at the circles: they need not lie along the diagonal.",
                "lift up",
                MATCHING,
            ),
            Step(
                "That is what the adapters are for. They let every frame read from the others, so that a hand "
                "on its way "
                "to the left has other features than one on its way to the right. Press the button: with the "
                "adapters "
                "off, this answer flips.",
                "push left",
                WHAT_IF,
            ),
        ),
    ),
    "points": Lesson(
        "What the points do",
        "people",
        (
            Step(
                "An adapter asks at every place of every frame, and reads at a few points only. A cross is "
                "where a point "
                "starts, on a regular grid; a small network then moves it along the arrow, through the picture and "
                "through time.",
                "punch",
            ),
            Step(
                "The spatial pathway has many places at two moments; the temporal one few places at every "
                "moment. Choose "
                "“Space and time” and turn the box: one is two dense sheets, the other is threads.",
                "punch",
            ),
            Step(
                "Press a place in a frame. The points take the size of the attention that this place pays them. "
                "They do "
                "not move: all places of the clip share them.",
                "punch",
            ),
            Step(
                "How much does each pathway change? The bars are its share of the features, frame by frame.",
                "punch",
                DISENTANGLED,
            ),
            Step(
                "From layer to layer the maps get coarser and the points fewer. Many of them have left the "
                "clip: up to one "
                "token outside they still read a share of its edge, further out nothing. A network may learn "
                "not to look.",
                "punch",
                LAYERS,
            ),
        ),
    ),
    "limits": Lesson(
        "When it fails",
        "table",
        (
            Step(
                "The network always names one of the actions at hand, right or not. Look at the margin, and "
                "whether the "
                "page says “nothing matches well”.",
                "wave",
            ),
            Step(
                "Press “remove” on the card of this clip's own action. Something else is now the answer, because "
                "something must be: few-shot recognition knows no “none of these”.",
                "wave",
            ),
            Step(
                "It learnt from simulated clips only. On clips of real people it answers less often right than "
                "here, and "
                "small things far from the camera escape it. Drop in clips of your own and see.",
                "push left",
            ),
            Step(
                "Left and right: mirrored, “push left” shows “push right”. A network that was shown mirrored "
                "clips as the "
                "same action could not tell them apart; this one was not. Press the button and see whether it can.",
                "push left",
                WHAT_IF,
            ),
        ),
    ),
}
