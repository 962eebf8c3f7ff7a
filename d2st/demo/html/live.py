"""Live: the camera's own stage, its answer, and what its script is told after every picture."""

import json
from typing import Any

from d2st.demo.events import WatchCamera
from d2st.demo.living import LONGEST, SHORTEST, Seen
from d2st.demo.reel import SECONDS
from d2st.demo.workspace import Workspace
from d2st.explain import explorer
from d2st.models.model import Model
from d2st.trace import SamplingTrace

USUAL = 2.5  # seconds that are looked at, at first
MOST_BARS = 8  # actions that are shown: the nearest


def stage(model: Model) -> str:
    """The camera's picture with the points over it, what can be chosen, and the last seconds as a strip."""
    return f"""<section class="live" aria-label="Live" data-side="{model.image}" data-kept="{SECONDS}">
<div class="picture"><video muted playsinline></video>
<canvas role="img" aria-label="Where the network reads now"></canvas>
<div class="note" hidden><p role="status"></p>
<div class="row"><button type="button" class="primary" data-live="again">Start again</button></div></div>
<span class="pace" aria-hidden="true"></span></div>
<div class="history"><div class="moments" role="slider" tabindex="0" aria-label="The last {SECONDS} seconds"
 aria-valuemin="-{SECONDS}" aria-valuemax="0" aria-valuenow="0" aria-valuetext="now"></div>
<p class="quiet">The last {SECONDS} s and their answers. Press a moment to look at it closely, or to teach it.</p>
<div class="row chosen" hidden><span></span><button type="button" data-live="stage">Show on the stage</button>
<button type="button" data-live="teach">Make it an example</button>
<button type="button" data-live="on">Go on</button></div></div>
<div class="row"><button type="button" class="primary" data-live="stop">Stop</button>
<label>Looks at the last <input type="range" min="{SHORTEST}" max="{LONGEST}" step="0.5" value="{USUAL}">
<output>{USUAL} s</output></label><span class="together" role="group" aria-label="Pathway"></span>
<select aria-label="Layer" hidden></select>
<button type="button" data-live="mirror" aria-pressed="false">Mirror</button></div></section>"""


def answer() -> str:
    """Where the answer stands while the camera films; a script fills it in."""
    return (
        '<p class="label" role="status"></p><p class="quiet" data-why></p>'
        '<table class="bars" hidden><thead><tr><th>Action</th><th>How near</th><th>Score</th></tr></thead>'
        "<tbody></tbody></table>"
        '<p class="quiet" data-line hidden>What passes the line is said; where it lies is learnt from the '
        "examples.</p>"
    )


def answered(event: WatchCamera, seen: Seen | None, workspace: Workspace, took: float) -> str:
    """JSON for the script: what is said of the last seconds, the points over the newest picture, and how many seconds
    it took here."""
    said: dict[str, Any] = {"number": event.number, "missing": missing(workspace), "took": took}
    if seen:
        traces = seen.encoding.traces
        said |= {"start": seen.start, "end": seen.end, "said": seen.said, "bars": bars(seen)}
        said |= {"layers": named(traces, "layer"), "pathways": named(traces, "pathway")}
        said["points"] = points(traces, event.layer, event.pathway)
    return json.dumps(said)


def problem(data: Any, sentence: str) -> str:
    """JSON for the script: why there is no answer to a picture."""
    number = data.get("number") if isinstance(data, dict) else None
    return json.dumps({"number": number, "problem": sentence})


def missing(workspace: Workspace) -> str:
    """What it takes before anything can be said."""
    return workspace.missing or "" if len(workspace.recognizer.support) < 2 else ""


def bars(seen: Seen) -> list[tuple[str, float, float]]:
    """The nearest actions in the order of the examples: name, score, and how near in 0…1, ½ at the threshold."""
    if seen.threshold is None:
        return []
    nearest = sorted(seen.scores, key=lambda action: -seen.scores[action])[:MOST_BARS]
    span = 2 * max(abs(seen.threshold), 1e-6)
    return [
        (action, score, min(max(0.5 + (score - seen.threshold) / span, 0.0), 1.0))
        for action, score in seen.scores.items()
        if action in nearest
    ]


def named(traces: list[SamplingTrace], what: str) -> list[str]:
    return list(dict.fromkeys(getattr(trace, what) for trace in traces))


def points(traces: list[SamplingTrace], layer: str, pathway: str) -> dict[str, Any] | None:
    """The points of a layer and pathway; where they are unknown, of the first."""
    chosen = [trace for trace in traces if trace.layer == layer] or traces
    chosen = [trace for trace in chosen if trace.pathway == pathway] or chosen
    return explorer.points_of(chosen[0]) if chosen else None
