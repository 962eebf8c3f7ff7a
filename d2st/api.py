"""The page's functions for programs: what `gradio_client` can call by name."""

import gradio as gr

from d2st.errors import D2STError
from d2st.matching import MATCHINGS
from d2st.recognizer import Recognizer
from d2st.zoo import Model


def add_endpoints(model: Model, limits: dict) -> None:
    """Add the endpoints to the page that is being built; `limits` are options of every event."""

    def predict(examples: list[str], actions: list[str], query: str, matching: str = "otam", centre: bool = True):
        """Name the action of a query clip.

        examples: clip files; actions: the action of each, in the same order, two different ones at
        least; query: a clip file; matching: bi-mhm, otam or frame-to-frame; centre: subtract each
        clip's mean over time first. Returns label, scores (minus a matched distance, higher is
        closer), shares (their softmax, no calibrated probability), margin, matches (false where
        nothing matches well), nearest (the closest example's file name), alignment (matched frames
        of nearest and query), notes, model, adapter and trained.
        """
        with Saying():
            if len(examples or []) != len(actions or []):
                raise D2STError(f"There are {len(examples or [])} examples and {len(actions or [])} actions. "
                                "Give one action for each example.")
            if matching not in MATCHINGS:
                raise D2STError(f"There is no matching '{matching}'. Choose one of {', '.join(MATCHINGS)}.")
            recognizer = Recognizer(model, matching, centre)
            for action, clip in zip(actions, examples):
                recognizer.add(str(action), clip)
            found = recognizer.predict(_given(query))
        return dict(
            label=found.label, scores=found.scores, shares=found.shares, margin=found.margin, matches=found.matches,
            nearest=found.nearest.name, alignment=found.alignment, notes=found.query.notes,
            model=model.name, adapter=model.adapter, trained=model.trained)

    def sampling_points(clip: str):
        """Where the network reads in a clip: for each layer and pathway the reference points, and for
        each group positions, offsets, weights, and places as (frame, y pixel, x pixel) in `size` pixels.
        """
        with Saying():
            recognizer = Recognizer(model)
            seen = recognizer.read(_given(clip))
        traces = recognizer.trace(seen)
        return dict(clip=seen.name, times=seen.times.tolist(), size=model.image, trained=model.trained,
                    traces=[trace.to_json() for trace in traces])

    # Invisible components, because they check that a file is one that the caller uploaded.
    hidden = dict(visible=False)
    files, query = gr.File(file_count="multiple", **hidden), gr.File(**hidden)
    actions, matching, centre = gr.JSON(**hidden), gr.Textbox("otam", **hidden), gr.Checkbox(True, **hidden)
    found, button = gr.JSON(**hidden), gr.Button(**hidden)
    button.click(predict, [files, actions, query, matching, centre], found, api_name="predict", **limits)
    button.click(sampling_points, query, found, api_name="sampling_points", **limits)


class Saying:
    """Turns our errors into Gradio's, whose message reaches the caller."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, D2STError):
            raise gr.Error(str(error), print_exception=False) from None


def _given(clip):
    if not clip:
        raise D2STError("There is no clip. Give a file.")
    return clip
