"""The explorer: one self-contained page that plays a clip with a network's sampling points over it.

It opens from disk and asks no server; the demo shows the same page in a frame, and sends it what to show.
"""

import base64
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from d2st.explain.offline import OfflinePage
from d2st.trace import Encoding, SamplingTrace
from d2st.video import Clip, Preview
from d2st.video.webp import address, webp

FRAME_BYTES = 64_000  # of all frames together that the network saw in one look
ATTENTION_BYTES = 32_000  # of one trace, at most
ATTENTION_TOGETHER = (
    360_000  # bytes of all traces of a look: however deep the network is, the file stays below a megabyte
)
QUALITIES = (85, 70, 50, 30, 10)  # WebP's, until they are small enough
WAYS = {"spatial": "many places at few moments", "temporal": "few places at every moment"}
_FOLDER = Path(__file__).parent
_SCRIPTS = (
    "data", "film", "draw", "heat", "box", "words", "line", "controls", "pointer", "gif", "svg", "save", "keys",
    "window",
)  # fmt: skip
_NOTHING = '<script type="application/json" id="message">null</script>'


@cache
def page() -> str:
    """HTML of the explorer without anything to show: a window around it sends that, as `{"show": shown(…)}`."""
    text = _FOLDER.joinpath("explorer.html").read_text(encoding="utf-8")
    scripts = "\n".join(_FOLDER.joinpath(f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)
    style = _FOLDER.joinpath("explorer.css").read_text(encoding="utf-8")
    return text.replace("/* style */", style).replace("/* scripts */", scripts)


def shown(
    clip: Clip,
    inside: Encoding | list[SamplingTrace],
    model,
    *,
    own: Mapping[tuple[str, str], Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """What the explorer draws of one clip, as plain values that become JSON.

    clip: the frames that the traces belong to, and its `preview`, if it has one; inside: a model's encoding of it,
    or its traces of all layers and pathways, which may be none; model: a `Model`, for what is said about it;
    own: by layer and pathway, what of the arrows is this clip's: `usual` [G, P, 3] normalised and `share` 0…1.

    more: `decided`, {"first", "second": actions, "margins": [T], which frame of the query carries how much of the
    margin}; `part`, [first, last] second of the clip that the frames are from.
    """
    places: dict[tuple[str, str], list[SamplingTrace]] = {}  # the looks of each layer and pathway
    for trace in inside if isinstance(inside, list) else inside.traces:
        places.setdefault((trace.layer, trace.pathway), []).append(trace)
    share = min(ATTENTION_BYTES, ATTENTION_TOGETHER // max(len(places), 1))
    return {
        "clip": clip.name,
        "duration": clip.duration,
        "width": clip.width,
        "height": clip.height,
        "times": [float(time) for time in clip.times],
        "frames": pictures(clip.frames, clip.looks * FRAME_BYTES),
        "looks": clip.looks,
        "image": clip.frames.shape[1],
        "pixels": clip.frames.shape[1:3],
        "film": _film(clip.preview) if clip.preview else None,
        "model": model.name,
        "kind": model.kind,
        "about": model.described,
        "trained": model.trained,
        "traces": [
            _together([_trace(look, (own or {}).get(place), share) for look in looks])
            for place, looks in places.items()
        ],
        **more,
    }


def explore(clip: Clip, inside: Encoding | list[SamplingTrace], model, **more: Any) -> OfflinePage:
    """HTML of the explorer with what it shows of one clip, as one file; see `shown`."""
    return standalone(shown(clip, inside, model, **more))


def standalone(data: dict[str, Any]) -> OfflinePage:
    """HTML of the explorer with what it shows, such as `shown` gives, as one file."""
    # "<" could end the script that holds it, as in a clip's name.
    message = json.dumps({"show": data}).replace("<", "\\u003c")
    return OfflinePage(page().replace(_NOTHING, _NOTHING.replace("null", message)))


def _trace(trace: SamplingTrace, own, most: int) -> dict[str, Any]:
    said = {} if own is None else {"usual": floats(own.usual), "own_share": float(own.share)}
    each = "" if trace.groups == 1 else f" for each of {trace.groups} groups"
    return said | {
        "title": f"the {trace.pathway} pathway, {trace.layer}",
        "about": f"The {trace.pathway} pathway reads {WAYS[trace.pathway]}: "
        f"{' × '.join(map(str, trace.points))} points{each}",
        **points_of(trace),
        **attention_of(trace, most),
    }


def _together(looks: list[dict[str, Any]]) -> dict[str, Any]:
    """What is sent of a layer and pathway: of several looks the arrays one after the other, `looks` of them."""
    if len(looks) == 1:
        return looks[0]
    arrays = {
        name: base64.b64encode(b"".join(base64.b64decode(look[name]) for look in looks)).decode()
        for name in ("position", "weight", "in_bounds", "attention")
    }
    return looks[0] | arrays | {"peaks": [peak for look in looks for peak in look["peaks"]]}


def points_of(trace: SamplingTrace) -> dict[str, Any]:
    """The points of a trace, arrays as base64. `even`: the attention that each would get if all were alike."""
    return {
        "layer": trace.layer,
        "pathway": trace.pathway,
        "grid": trace.grid,
        "points": trace.points,
        "groups": trace.groups,
        "reference": floats(trace.reference),
        "position": floats(trace.position),
        "weight": floats(trace.weight),
        "weighed": True,
        "even": 1 / len(trace.reference),
        "in_bounds": floats(trace.in_bounds),
    }


def attention_of(trace: SamplingTrace, most: int) -> dict[str, Any]:
    """Attention of boxes of `block` × `block` tokens in `span` frames, in 255ths of its group's peak.

    Before them, where there are class tokens, their mean. most: bytes, which decide how large the boxes are.
    """
    block, span, attention = _coarse(trace, most)
    peaks = np.maximum(attention.max((1, 2)), 1e-9)  # of a group that gets nothing, too
    return {
        "class_queries": int(trace.class_queries > 0),
        "block": block,
        "span": span,
        "attention": _base64((attention / peaks[:, None, None] * 255).round().astype(np.uint8)),
        "peaks": [float(peak) for peak in peaks],
    }


def _coarse(trace: SamplingTrace, most: int) -> tuple[int, int, np.ndarray]:
    """How many tokens a box is wide, how many frames long, and the attention [G, Q, P] of boxes, each the mean.

    The boxes are as small as the bytes allow: one token, where they do. They grow where the clip has more of them,
    over the picture or through time.
    """
    own, (frames, height, width) = trace.class_queries, trace.grid
    groups, _, count = trace.attention.shape
    side = max(height, width)
    block = span = 1
    while True:
        along, moments = -(-side // block), -(-frames // span)
        boxes = moments * -(-height // block) * -(-width // block) + (own > 0)
        if groups * count * boxes <= most or along == moments == 1:
            break
        if along >= moments:
            block += 1
        else:
            span += 1
    tokens = trace.attention[:, own:].reshape(groups, frames, height, width, count)
    for axis, length, step in ((1, frames, span), (2, height, block), (3, width, block)):
        starts = np.arange(0, length, step)
        sizes = np.diff([*starts, length]).reshape(-1, *[1] * (4 - axis))
        tokens = np.add.reduceat(tokens, starts, axis) / sizes
    parts = [tokens.reshape(groups, -1, count)]
    if own:
        parts.insert(0, trace.attention[:, :own].mean(1, keepdims=True))
    return block, span, np.concatenate(parts, 1)


def floats(array: np.ndarray) -> str:
    return _base64(array.astype("<f4"))


def _base64(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def _film(preview: Preview) -> dict[str, Any]:
    return {
        "picture": address(preview.picture),
        "columns": preview.columns,
        "times": list(preview.times),
        "width": preview.width,
        "height": preview.height,
    }


def pictures(frames: np.ndarray, most: int = FRAME_BYTES) -> list[str]:
    """uint8 RGB [T, H, W, 3] → addresses that hold the pictures, as good as fits into that many bytes."""
    for quality in QUALITIES:
        packed = [webp(frame, quality) for frame in frames]
        if sum(map(len, packed)) <= most:
            break
    return [address(picture) for picture in packed]
