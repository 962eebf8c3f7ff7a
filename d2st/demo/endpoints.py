"""The page's functions for programs: what `gradio_client`, or an assistant over MCP, can call by name."""

from collections.abc import Callable
from copy import copy
from functools import cache, partial, wraps
from inspect import signature

import gradio as gr

from d2st import matching as matchings
from d2st.demo.by_name import fill_by_name
from d2st.demo.entrance import Entrance, Saying
from d2st.demo.given import GIVEN
from d2st.demo.known import KnownClips
from d2st.demo.limits import STANDARD, VisitLimits
from d2st.demo.many import answer_all
from d2st.demo.others import Others
from d2st.demo.workspace import Visit
from d2st.errors import D2STError
from d2st.explain.compare import Answer, contenders
from d2st.explain.compare import compare as compare_all
from d2st.explain.distances import frame_distances
from d2st.explain.explorer import explore as explorer_of
from d2st.explain.usual import own_of_all
from d2st.explain.what_if import what_if as ask_again
from d2st.models.model import Model
from d2st.recognizer import Prediction, Recognizer


class Endpoints:
    """The functions; their docstrings are what a caller is told."""

    def __init__(self, model: Model, limits: VisitLimits = STANDARD, others: Others | None = None):
        self.model, self.limits = model, limits
        self.others = others or Others(model)
        self.known = KnownClips(limits.clips_at_once)

    def of(self, visit: Visit) -> "Endpoints":
        """The same for a visitor, whose clips are known."""
        theirs = copy(self)
        theirs.known = visit.known
        return theirs

    def predict(
        self,
        examples: list[str],
        actions: list[str],
        query: str,
        matching: str = matchings.DEFAULT,
        centre: bool = matchings.CENTRED,
    ):
        """Name the action of a query clip.

        Returns label, scores (minus a matched distance, higher is closer; of more than 20 actions, the
        best 20), shares (their softmax, no calibrated probability), actions (how many), margin, matches
        (false where nothing matches well), nearest (the closest example's file name), alignment (matched
        frames of nearest and query), notes, model, kind and trained.
        """
        with Saying():
            recognizer = self.filled(examples, actions, matching, centre)
            found = recognizer.predict(self.known.clip(recognizer, _given(query)))
        return told(found) | dict(
            nearest=found.nearest.name,
            alignment=found.alignment,
            notes=found.notes,
            model=self.model.name,
            kind=self.model.kind,
            trained=self.model.trained,
        )

    def predict_many(
        self,
        examples: list[str],
        actions: list[str],
        queries: list[str],
        matching: str = matchings.DEFAULT,
        centre: bool = matchings.CENTRED,
    ):
        """Name the actions of many query clips.

        Returns a list with query, and label, scores, shares, margin and matches or a problem; truth is
        the action that a query's file, or a folder of a .zip, is named after, if any.
        """
        with Saying():
            recognizer = self.filled(examples, actions, matching, centre)
            answers = answer_all(recognizer, queries or [], limits=self.limits)
        return [
            dict(query=a.name, truth=a.truth) | (told(a.prediction) if a.prediction else dict(problem=a.problem))
            for a in answers
        ]

    def what_if(
        self,
        examples: list[str],
        actions: list[str],
        query: str,
        matching: str = matchings.DEFAULT,
        centre: bool = matchings.CENTRED,
    ):
        """Ask again with the query or the network changed: backwards, shuffled, frozen, mirrored, without
        the spatial or temporal pathway, without adapters, with all offsets at zero.

        Returns a list with change, meaning, flipped, and label, scores, shares, margin and matches.
        """
        with Saying():
            recognizer = self.filled(examples, actions, matching, centre, frames=True)
            outcomes = ask_again(recognizer, recognizer.read(_given(query)))
        return [
            dict(change=o.change.title, meaning=o.change.meaning, flipped=o.flipped)
            | (told(o.prediction) if o.prediction else dict(problem=o.problem))
            for o in outcomes
        ]

    def compare(self, examples: list[str], actions: list[str], query: str, checkpoint: str | None = None):
        """Answer under other adapters on the same frozen backbone (none, ST, DST, D²ST), and under every matching,
        as it is and centred.

        Returns a list with row, adapters, about, and answers: a list with matching, centre, label, scores,
        shares, margin and matches or a problem; differs tells whether the label is another one than the
        page gives. The row "own" is the page's model.
        """
        with Saying():
            recognizer = self.filled(examples, actions, matchings.DEFAULT, matchings.CENTRED, frames=True)
            asked = recognizer.read(_given(query))
            dropped = self.others.dropped(checkpoint) if checkpoint else None
            among = contenders(self.model, self.others.along(), dropped)
            rows = compare_all(recognizer, asked, among)
        return [
            dict(row=row.contender.name, adapters=row.contender.title, about=row.contender.model.described)
            | dict(answers=[compared(answer) for answer in row.answers])
            for row in rows
        ]

    def distances(self, example: str, query: str, centre: bool = matchings.CENTRED):
        """How far each frame of one clip is from each of another: 1 − cosine of their features, 0 to 2.

        Returns distances (a row for each frame of the example), and for every matching its score and the
        frames it pairs.
        """
        with Saying():
            recognizer = Recognizer(self.model)
            one, other = (recognizer.features(recognizer.read(_given(clip))) for clip in (example, query))
        found = frame_distances(one, other, bool(centre), self.model.frames, self.model.weights)
        return dict(
            distances=found.distance.tolist(),
            matchings={
                name: dict(score=score, alignment=found.alignments[name]) for name, score in found.scores.items()
            },
        )

    def inspect(self, clip: str):
        """Where the network reads in a clip: for each look at it (from 0; a long clip has several), layer
        and pathway the reference points, and for each group positions, offsets, weights, places as (frame,
        y pixel, x pixel) in `size` pixels, and in_bounds, the share from 0 to 1 of what a point reads that
        lies inside the clip. No traces where the model has no sampling points.

        Also changes: for each layer and pathway, by frame, how much the pathway changes the features.
        """
        with Saying():
            recognizer = Recognizer(self.model)
            seen = recognizer.read(_given(clip))
        encoding = recognizer.inspect(seen)
        traces, changes = encoding.traces, encoding.contributions
        return dict(
            clip=seen.name,
            times=seen.times.tolist(),
            size=self.model.image,
            trained=self.model.trained,
            traces=[trace.to_json() for trace in traces],
            changes={layer: {name: c.tolist() for name, c in by.items()} for layer, by in changes.items()},
        )

    def explore(self, clip: str):
        """A page, one HTML file that needs no network, to explore a clip's sampling points in."""
        with Saying():
            recognizer = Recognizer(self.model)
            seen = recognizer.read(_given(clip))
        encoding = recognizer.inspect(seen)
        return explorer_of(seen, encoding, self.model, own=own_of_all(encoding.traces, self.model.usual))

    def filled(self, examples, actions, matching, centre, frames: bool = False) -> Recognizer:
        """A recognizer that holds the examples.

        frames: whether the network will look at their frames again, so that compressed ones will not do.
        """
        if not isinstance(actions or [], list):
            raise D2STError("The actions are no list. Give a list of names, one for each example.")
        examples, actions = examples or [], actions or []
        recognizer = Recognizer(self.model, matching, centre)
        if examples and not actions:
            fill_by_name(recognizer, examples, self.limits)
            return recognizer
        if len(examples) != len(actions):
            raise D2STError(
                f"There are {len(examples)} examples and {len(actions)} actions. Give one action for each example."
            )
        self.limits.check_files(examples, self.limits.clips_at_once)
        taken = cache(recognizer.read if frames else partial(self.known.clip, recognizer))  # one may be named twice
        for action, clip in zip(actions, examples, strict=True):
            self.limits.check_action(str(action))
            self.limits.check_support(recognizer.support, str(action).strip())
            recognizer.add(str(action), taken(clip))
        return recognizer


def add_endpoints(model: Model, entrance: Entrance, others: Others) -> None:
    """Add the endpoints to the page that is being built."""
    offered = Endpoints(model, entrance.turns.limits, others)

    def of_visit(name: str) -> Callable:
        return lambda visit, *inputs: getattr(offered.of(visit), name)(*inputs)

    given = {name: row.component() for name, row in GIVEN.items()}
    found, page, button = gr.JSON(visible=False), gr.Textbox(visible=False), gr.Button(visible=False)
    for kind, function, output in (
        ("predict", offered.predict, found),
        ("many", offered.predict_many, found),
        ("what if", offered.what_if, found),
        ("compare", offered.compare, found),
        ("inspect", offered.distances, found),
        ("inspect", offered.inspect, found),
        ("inspect", offered.explore, page),
    ):
        answer = wraps(function)(entrance.for_programs(kind, of_visit(function.__name__)))
        inputs = [given[name] for name in signature(function).parameters]
        button.click(answer, inputs, output, api_name=function.__name__, api_description=described(function))


def described(function: Callable) -> str:
    """What a caller is told of a function: its docstring, and the matchings to choose from where it takes one."""
    said = " ".join((function.__doc__ or "").split())
    if "matching" not in signature(function).parameters:
        return said
    rows = (f"{row.name} ({row.title}: {row.sentence})" for row in matchings.MATCHINGS.values())
    return f"{said} Matchings: {' '.join(rows)}"


def told(found: Prediction) -> dict:
    scores, shares = ({action: each[action] for action in found.best} for each in (found.scores, found.shares))
    actions = len(found.scores)
    return dict(
        label=found.label, scores=scores, shares=shares, actions=actions, margin=found.margin, matches=found.matches
    )  # fmt: skip


def compared(answer: Answer) -> dict:
    way = dict(matching=answer.matching, centre=answer.centre)
    if answer.prediction is None:
        return way | dict(problem=answer.problem)
    return way | dict(differs=answer.differs) | told(answer.prediction)


def _given(clip):
    if not clip:
        raise D2STError("There is no clip. Give a file.")
    return clip
