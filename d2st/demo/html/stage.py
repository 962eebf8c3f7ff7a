"""What the stage is sent, and what stands around it."""

import json
from functools import lru_cache
from html import escape

from d2st.data.folders import spoken
from d2st.demo.events import AskBundled, ForgetQuery
from d2st.demo.examples import ExampleSet
from d2st.demo.html.pieces import button, image, local
from d2st.demo.workspace import Workspace
from d2st.explain import draw, explorer
from d2st.explain.decided import decided
from d2st.explain.usual import own_of_all
from d2st.video import Clip


def stage(workspace: Workspace) -> str:
    """JSON for the stage: the query and where the network read in it, and which part of its file that is."""
    query = workspace.query
    if not query:
        return json.dumps({"show": None})
    encoding, model = workspace.on_stage
    start, end = workspace.part
    own = own_of_all(encoding.traces, model.usual) if encoding else {}
    shown = explorer.shown(query, encoding or [], model, part=[start, end], own=own)
    part = {"start": start, "end": end, "duration": query.duration} if workspace.video else None
    return json.dumps({"show": shown, "part": part, "clip": query.name})


def margins(workspace: Workspace) -> str:
    """JSON for the stage: what each frame adds to the margin. Apart from the rest, since a setting may change it."""
    if not workspace.prediction:
        return json.dumps({"decided": None})
    found = decided(workspace.recognizer, workspace.prediction.query)
    return json.dumps({"decided": {"first": found.first, "second": found.second, "margins": found.frames.tolist()}})


def queries(example: ExampleSet | None, clips: list[Clip], video: str | None) -> str:
    """A button for each bundled query."""
    if not example:
        return ""
    buttons = "".join(
        button(
            AskBundled(index),
            f"{thumbnail(clip)}<span>{escape(spoken(path))}</span>",
            aria_pressed=str(video == str(path)).lower(),
        )
        for index, (path, clip) in enumerate(zip(example.queries, clips, strict=True))
    )
    return f'<nav class="queries" aria-label="Queries">{buttons}</nav>'


@lru_cache(maxsize=64)
def thumbnail(clip: Clip) -> str:
    """A clip's middle frame, small."""
    return image(draw.filmstrip(clip.frames[len(clip.frames) // 2 :][:1], 96), "")


def tools() -> str:
    """What brings a query in, and chooses a part of it; scripts fill in what depends on the query."""
    record = local("camera", "Record", title="Record a clip with the camera (R)")
    live = local("live", "Live", title="The camera asks, the page answers while you move (L)")
    choose = local("query-files", "Choose a clip", title="Any video file; it can be dropped on the stage, too (O)")
    part = local("part", "Part", aria_expanded="false", title="Ask about a part of the clip", hidden="")
    forget = button(ForgetQuery(), "Remove", title="Take the query away", hidden="")
    return (
        f'<div class="row">{choose}{record}{live}{part}{forget}<span class="quiet" id="clip-name"></span></div>'
        '<p class="said" id="sending-query" role="status" hidden></p>'
        '<div class="part" hidden><div class="rail"><i></i>'
        '<input type="range" min="0" step="0.05" aria-label="The part begins, in seconds">'
        '<input type="range" min="0" step="0.05" aria-label="The part ends, in seconds"></div>'
        '<output></output><button type="button">Whole clip</button></div>'
        '<div class="camera" hidden><video muted playsinline></video><p role="status"></p>'
        '<div class="row"><button type="button" class="primary">Start recording</button>'
        '<button type="button">Close the camera</button></div></div>'
    )
