"""A workspace in one file, to go on with later: pictures, features and settings as plain arrays, and no code."""

import json
import zipfile
from dataclasses import fields
from typing import Any

import numpy as np
import torch

from d2st.demo.kept import KeptClip, kept, unpacked
from d2st.demo.workspace import Workspace
from d2st.errors import D2STError
from d2st.models.model import Model
from d2st.recognizer import Recognizer
from d2st.video import Clip

FORMAT, BEFORE = "d2st session 2", "d2st session 1"  # the one before kept whole frames, and did not know its weights
LARGEST = 2_000_000_000  # bytes of all arrays: some hundred clips
# Of a clip, as JSON: its frames and times are arrays, its preview is made anew where wanted, its file is gone.
SAID = tuple(each.name for each in fields(Clip) if each.name not in ("frames", "times", "preview", "source"))


def save(workspace: Workspace, file) -> None:
    """Write a workspace to an .npz file: its actions with their clips, the query, the matching."""
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
        return said | {"number": count, "digest": clip.digest}

    content = {
        "format": FORMAT,
        "model": recognizer.model.fingerprint,
        "matching": recognizer.matching,
        "centre": recognizer.centre,
        "actions": {action: [record(clip) for clip in clips] for action, clips in recognizer.support.items()},
        "query": record(workspace.query) if workspace.query else None,
    }
    np.savez_compressed(file, session=np.frombuffer(json.dumps(content).encode(), np.uint8), **arrays)


def load(file, model: Model) -> Workspace:
    """The workspace that a file holds. Features that other weights computed are computed anew.

    Raises `D2STError` where the file is no session, or one that is damaged.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
                raise D2STError(f"The session is larger than {LARGEST / 1e9:.0f} GB. Save one with fewer clips.")
        with np.load(file, allow_pickle=False) as arrays:
            content = json.loads(arrays["session"].tobytes())
            if content["format"] not in (FORMAT, BEFORE):
                raise D2STError(
                    f"The session is of the format '{content['format']}', and this program reads '{FORMAT}'."
                )
            return _workspace(content, arrays, model)
    except D2STError:
        raise
    except Exception as error:  # whatever a file may hold
        raise D2STError(
            f"This file is no session, or a damaged one ({type(error).__name__}). "
            "Choose a file that 'Save' has written."
        ) from None


def _workspace(content: dict, arrays, model: Model) -> Workspace:
    recognizer = Recognizer(model, content["matching"], bool(content["centre"]))
    same = content["format"] == FORMAT and content["model"] == model.fingerprint
    for action, records in content["actions"].items():
        for record in records:
            clip = recognizer.read(_clip(record, arrays))  # of the size that the model takes
            if same:
                recognizer.know(clip, _features(arrays, record["number"]))
            else:
                recognizer.features(clip)
            recognizer.add(action, kept(clip))
    workspace = Workspace(recognizer)
    if content["query"]:
        workspace.ask(_clip(content["query"], arrays))
    return workspace


def _features(arrays, number: int) -> torch.Tensor:
    features = torch.tensor(arrays[f"{number}.features"])
    if features.dim() != 2 or not torch.isfinite(features).all():
        raise ValueError("features")
    return features


def _clip(record: dict, arrays) -> Clip:
    number, sizes, digest = (record.pop(name, None) for name in ("number", "sizes", "digest"))
    record["number"] = number
    said = {name: record[name] for name in SAID} | {"notes": tuple(record["notes"])}
    times = arrays[f"{number}.times"]
    if sizes is None:
        frames = arrays[f"{number}.frames"]
        if frames.dtype != np.uint8:
            raise ValueError("frames")
        return Clip(frames=frames, times=times, **said)
    joined, ends = arrays[f"{number}.pictures"].tobytes(), np.cumsum(sizes)
    pictures = tuple(joined[end - size : end] for size, end in zip(sizes, ends, strict=True))
    clip = Clip(frames=unpacked(pictures, int(record["side"])), times=times, **said)
    clip.__dict__["digest"] = str(digest)  # of the frames that the pictures were made of
    return KeptClip(clip, pictures)
