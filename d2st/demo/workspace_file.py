"""A workspace in one file, to go on with later: pictures, features and settings as plain arrays, and no code."""

import json
import math
from typing import Any

import numpy as np
import torch

from d2st.demo.kept import LARGEST, KeptClip, check_picture, kept, unpacked
from d2st.demo.session_schema import FORMAT, MOST_FEATURES, MOST_FRAMES, Arrays, Record, Session, described, opened
from d2st.demo.workspace import Workspace
from d2st.errors import D2STError
from d2st.models.model import Model
from d2st.recognizer import Recognizer
from d2st.video import Clip, Preview

SAID = ("name", "notes", "duration", "fps", "width", "height", "frame_count", "looks")  # of a clip, in the description
SHEET = ("columns", "times", "width", "height")  # of a preview
MOST = 64_000_000  # bytes of a clip's frames


def save(workspace: Workspace, file) -> None:
    """Write a workspace to an .npz file: its actions with their clips, the query with its preview, the matching."""
    recognizer = workspace.recognizer
    arrays: dict[str, Any] = {}
    count = 0

    def record(clip: Clip) -> dict:
        nonlocal count
        count += 1
        said = {name: getattr(clip, name) for name in SAID}
        arrays[f"{count}.features"] = recognizer.features(clip).numpy()
        arrays[f"{count}.times"] = clip.times
        if isinstance(clip, KeptClip):
            arrays[f"{count}.pictures"] = np.frombuffer(b"".join(clip.pictures), np.uint8)
            said |= {"side": clip.side, "sizes": [len(picture) for picture in clip.pictures]}
        else:
            arrays[f"{count}.frames"] = clip.frames
        if clip.preview:
            arrays[f"{count}.preview"] = np.frombuffer(clip.preview.picture, np.uint8)
            said["preview"] = {"size": len(clip.preview.picture)} | {n: getattr(clip.preview, n) for n in SHEET}
        return said | {"number": count, "digest": clip.digest}

    content = {
        "format": FORMAT,
        "model": recognizer.model.fingerprint,
        "matching": recognizer.matching,
        "centre": recognizer.centre,
        "actions": {action: [record(clip) for clip in clips] for action, clips in recognizer.support.items()},
        "query": record(workspace.query) if workspace.query else None,
        "part": workspace.part if workspace.query else None,
    }
    np.savez_compressed(file, session=np.frombuffer(json.dumps(content).encode(), np.uint8), **arrays)


def load(file, model: Model) -> Workspace:
    """The workspace that a file holds. Features that other weights computed are computed anew.

    Raises `D2STError` where the file is no session, or one that is damaged or larger than sessions are.
    """
    try:
        with open(file, "rb") as source, opened(source) as archive:
            arrays = Arrays(archive)
            return _workspace(described(arrays), arrays, model)
    except D2STError:
        raise
    except Exception as error:  # whatever a file may hold
        raise D2STError(
            f"This file is no session, or a damaged one ({type(error).__name__}). "
            "Choose a file that 'Save session' has written."
        ) from None


def _workspace(session: Session, arrays: Arrays, model: Model) -> Workspace:
    recognizer = Recognizer(model, session.matching, session.centre)
    workspace = Workspace(recognizer)
    if session.query:
        workspace.ask(_clip(session.query, arrays))
        workspace.part = session.part or workspace.part
    known = session.format == FORMAT and session.model == model.fingerprint
    width = workspace.encoding.features.shape[1] if workspace.encoding else None
    for action, records in session.actions.items():
        for record in records:
            clip = recognizer.read(_clip(record, arrays))  # of the size that the model takes
            if known and width:
                recognizer.know(clip, _features(arrays, record.number, len(clip.times), width))
            width = recognizer.features(clip).shape[1]
            recognizer.add(action, kept(clip))
    workspace.answer()
    return workspace


def _features(arrays: Arrays, number: int, frames: int, width: int) -> torch.Tensor:
    features = torch.tensor(arrays.read(f"{number}.features", np.float32, (frames, width), 4 * frames * MOST_FEATURES))
    if not torch.isfinite(features).all():
        raise ValueError("features")
    return features


def _clip(record: Record, arrays: Arrays) -> Clip:
    said: dict[str, Any] = {name: getattr(record, name) for name in SAID} | {"notes": tuple(record.notes)}
    preview = _preview(record, arrays)
    if record.sizes is None:
        frames = arrays.read(f"{record.number}.frames", np.uint8, (None, None, None, 3), MOST)
        if len(frames) > MOST_FRAMES:
            raise ValueError("frames")
        return Clip(frames=frames, times=_times(record, len(frames), arrays), preview=preview, **said)
    times = _times(record, len(record.sizes), arrays)
    joined = arrays.read(f"{record.number}.pictures", np.uint8, (sum(record.sizes),), LARGEST).tobytes()
    ends = np.cumsum(record.sizes)
    pictures = tuple(joined[end - size : end] for size, end in zip(record.sizes, ends, strict=True))
    clip = Clip(frames=unpacked(pictures, record.side or 1), times=times, **said)
    clip.__dict__["digest"] = record.digest  # of the frames that the pictures were made of
    return KeptClip(clip, pictures, preview)


def _preview(record: Record, arrays: Arrays) -> Preview | None:
    sheet = record.preview
    if not sheet:
        return None
    picture = arrays.read(f"{record.number}.preview", np.uint8, (sheet.size,), sheet.size).tobytes()
    rows = math.ceil(len(sheet.times) / sheet.columns)
    check_picture(picture, (sheet.columns * sheet.width, rows * sheet.height))
    return Preview(picture, sheet.columns, tuple(sheet.times), sheet.width, sheet.height)


def _times(record: Record, frames: int, arrays: Arrays) -> np.ndarray:
    times = arrays.read(f"{record.number}.times", np.float64, (frames,), 8 * MOST_FRAMES)
    if not np.isfinite(times).all() or (np.diff(times) < 0).any() or not 0 <= times[0] <= times[-1] <= 1e6:
        raise ValueError("times")
    return times
