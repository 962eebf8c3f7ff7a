"""The explorer: one self-contained page that plays a clip's sampling points.

It opens from disk and asks no server; the demo shows the same page in a frame.
"""

import base64
import json
from pathlib import Path

import cv2
import numpy as np

from d2st.trace import SamplingTrace
from d2st.video import Clip

_FOLDER = Path(__file__).parent


def explore(clip: Clip, traces: list[SamplingTrace], model) -> str:
    """HTML of the explorer for one clip.

    clip: the frames that the traces belong to; traces: of all layers and pathways, may be empty;
    model: a `Model`, for what is said about it.
    """
    data = {
        "clip": clip.name,
        "times": [float(time) for time in clip.times],
        "image": clip.frames.shape[1],
        "model": model.name,
        "kind": model.kind,
        "about": model.about,
        "trained": model.trained,
        "frames": [_picture(frame) for frame in clip.frames],
        "traces": [_trace(trace) for trace in traces],
    }
    page = _FOLDER.joinpath("explorer.html").read_text(encoding="utf-8")
    for name in ("explorer.css", "explorer.js"):
        page = page.replace(f"/* {name} */", _FOLDER.joinpath(name).read_text(encoding="utf-8"))
    # "<" could end the script that holds the data, as in a clip's name.
    return page.replace("__DATA__", json.dumps(data).replace("<", "\\u003c"))


def _trace(trace: SamplingTrace) -> dict:
    """Arrays as base64; attention in 255ths of its group's peak."""
    peaks = trace.attention.max((1, 2))
    return {
        "layer": trace.layer,
        "pathway": trace.pathway,
        "grid": trace.grid,
        "points": trace.points,
        "token_pixels": trace.token_pixels,
        "class_queries": trace.class_queries,
        "groups": trace.groups,
        "reference": _floats(trace.reference),
        "position": _floats(trace.position),
        "weight": _floats(trace.weight),
        "in_bounds": _floats(trace.in_bounds),
        "attention": _base64((trace.attention / peaks[:, None, None] * 255).round().astype(np.uint8)),
        "peaks": [float(peak) for peak in peaks],
    }


def _floats(array: np.ndarray) -> str:
    return _base64(array.astype("<f4"))


def _base64(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def _picture(frame: np.ndarray) -> str:
    _, data = cv2.imencode(".webp", frame[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, 90])
    return f"data:image/webp;base64,{base64.b64encode(data.tobytes()).decode()}"
