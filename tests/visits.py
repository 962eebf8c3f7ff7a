"""A small model, clips and answers for what the page does, without a browser."""

import base64
import io
from dataclasses import replace

import numpy as np
import torch
from PIL import Image
from small import SMALL_VIT, randomise

from d2st.backbones import build_host
from d2st.demo.examples import ExampleSet, find_examples
from d2st.models.model import Model
from d2st.recognizer import Recognizer
from d2st.video import Clip

SIDE = SMALL_VIT.image


def small_model(kind: str | None = "d2st", seed: int = 0) -> Model:
    """A narrow ViT with random adapters: answers in a blink, and means nothing."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        host = randomise(build_host(SMALL_VIT, kind), seed + 1).eval()
    return Model("small", host, torch.device("cpu"), kind, True, "random adapters")


def clip(seed: int = 0, name: str = "clip.mp4", notes=(), still: bool = False, side: int = SMALL_VIT.image) -> Clip:
    """A clip of noise; standing still, one picture throughout."""
    random = np.random.default_rng(seed)
    frames = random.integers(0, 256, (SMALL_VIT.frames, side, side, 3), np.uint8)
    if still:
        frames[:] = frames[0]
    return Clip(name, frames, np.arange(len(frames)) / 8, tuple(notes), 1.0, 8.0, side, side, len(frames))


def long(*seeds):
    """A clip of so many looks, each what `clip` gives for a seed."""
    parts = [clip(seed) for seed in seeds]
    times = np.concatenate([part.times + 2 * index for index, part in enumerate(parts)])
    frames = np.concatenate([part.frames for part in parts])
    return replace(parts[0], frames=frames, times=times, looks=len(parts), duration=2.0 * len(parts))


def filled(model: Model, names=("wave", "clap"), **options) -> Recognizer:
    """A recognizer with two shots of each action."""
    recognizer = Recognizer(model, **options)
    for number, name in enumerate(names):
        for shot in range(2):
            recognizer.add(name, clip(10 * number + shot, f"{name} {shot}.mp4"))
    return recognizer


def small_sets() -> list[ExampleSet]:
    """The example sets that come along, with one shot of each action and the first query."""
    return [
        replace(
            found, support={action: clips[:1] for action, clips in found.support.items()}, queries=found.queries[:1]
        )
        for found in find_examples()
    ]


def picture(seed, side=SIDE, kind="JPEG"):
    """Some blots, as a camera would send them."""
    small = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), np.uint8)
    data = io.BytesIO()
    Image.fromarray(small).resize((side, side)).save(data, kind)
    return data.getvalue()


def event(number, at, data, **more):
    """A picture of the camera, as the page's script sends it."""
    return {
        "do": "watch", "run": "one", "number": number, "at": at, "picture": base64.b64encode(data).decode(),
        "width": 640, "height": 480, "seconds": 1.0, "layer": "", "pathway": "",
    } | more  # fmt: skip
