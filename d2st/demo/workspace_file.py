"""A bench in one file, to go on with later: frames, features and settings as plain arrays, and no code."""

import json
import zipfile
from dataclasses import fields

import numpy as np
import torch

from d2st.demo.workspace import Bench
from d2st.errors import D2STError
from d2st.matching import MATCHINGS
from d2st.models.model import Model
from d2st.recognizer import Recognizer
from d2st.video import Clip

FORMAT = "d2st session 1"
LARGEST = 2_000_000_000  # bytes of all arrays: some hundred clips
ARRAYS = ("frames", "times")  # of a clip; the rest of it is JSON


def save(bench: Bench, file) -> None:
    """Write a bench to an .npz file: its actions with their clips, the query, the matching."""
    recognizer, arrays = bench.recognizer, {}

    def kept(clip: Clip) -> dict:
        number = len(arrays) // 3
        arrays[f"{number}.features"] = recognizer.features(clip).numpy()
        arrays.update({f"{number}.{name}": getattr(clip, name) for name in ARRAYS})
        return {"number": number} | {f.name: getattr(clip, f.name) for f in fields(Clip) if f.name not in ARRAYS}

    content = {
        "format": FORMAT,
        "model": fingerprint(recognizer.model),
        "matching": recognizer.matching,
        "centre": recognizer.centre,
        "actions": {action: [kept(clip) for clip in clips] for action, clips in recognizer.support.items()},
        "query": kept(bench.query) if bench.query else None,
    }
    np.savez_compressed(file, session=np.frombuffer(json.dumps(content).encode(), np.uint8), **arrays)


def load(file, model: Model) -> Bench:
    """The bench that a file holds. Features of another model than ours are computed anew.

    Raises `D2STError` where the file is no session, or one that is damaged.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
                raise D2STError(f"The session is larger than {LARGEST / 1e9:.0f} GB. Save one with fewer clips.")
        with np.load(file, allow_pickle=False) as arrays:
            content = json.loads(arrays["session"].tobytes())
            if content["format"] != FORMAT:
                raise D2STError(
                    f"The session is of the format '{content['format']}', and this program reads '{FORMAT}'."
                )
            return _bench(content, arrays, model)
    except D2STError:
        raise
    except Exception as error:  # whatever a file may hold
        raise D2STError(
            f"This file is no session, or a damaged one ({type(error).__name__}). "
            "Choose a file that 'Save' has written."
        ) from None


def _bench(content: dict, arrays, model: Model) -> Bench:
    recognizer = Recognizer(model, content["matching"], bool(content["centre"]))
    if recognizer.matching not in MATCHINGS:
        raise KeyError(recognizer.matching)
    same = content["model"] == fingerprint(model)

    def clip_of(kept: dict) -> Clip:
        number = kept.pop("number")
        kept |= {name: arrays[f"{number}.{name}"] for name in ARRAYS} | {"notes": tuple(kept["notes"])}
        clip = Clip(**kept)
        if clip.frames.shape != (model.frames, model.image, model.image, 3) or clip.frames.dtype != np.uint8:
            raise D2STError("The session's clips have another number or size of frames than this model takes.")
        if same:
            recognizer.know(clip, torch.tensor(arrays[f"{number}.features"]))
        return clip

    for action, clips in content["actions"].items():
        for kept in clips:
            recognizer.add(action, clip_of(kept))
    bench = Bench(recognizer)
    if content["query"]:
        bench.ask(clip_of(content["query"]))
    return bench


def fingerprint(model: Model) -> list:
    return [model.fingerprint]
