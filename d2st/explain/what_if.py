"""What if: the same query again, with the clip or the network changed, to see what the answer hangs on."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch

from d2st.recognizer import Prediction, Recognizer
from d2st.trace import PATHWAYS
from d2st.video import Clip


def reverse(frames: np.ndarray) -> np.ndarray:
    return frames[::-1]


def shuffle(frames: np.ndarray) -> np.ndarray:
    return frames[np.random.default_rng(0).permutation(len(frames))]


def freeze(frames: np.ndarray) -> np.ndarray:
    return np.repeat(frames[len(frames) // 2 :][:1], len(frames), axis=0)


def mirror(frames: np.ndarray) -> np.ndarray:
    return frames[:, :, ::-1]


def silent_pathway(name: str):
    """A pathway adds nothing: its attention is zero, and the other one works on alone."""

    def silence(module, inputs, output):
        mixed, mixed_class, sampling = output
        return torch.zeros_like(mixed), None if mixed_class is None else torch.zeros_like(mixed_class), sampling

    return lambda adapter: getattr(adapter, name).register_forward_hook(silence)


def no_adapter(adapter):
    """The adapter hands on what it gets."""
    return adapter.register_forward_hook(lambda module, inputs, output: (*inputs, None)[:2] + ({},))


def points_at_references(pathway: str):
    """The offset network says zero, so that the points stay on their regular grid."""
    return lambda adapter: getattr(adapter, pathway).offset_head.register_forward_hook(
        lambda module, inputs, output: torch.zeros_like(output)
    )


@dataclass(frozen=True)
class Change:
    """One change; `frames` works on the query's frames [T, H, W, 3], `hooks` on each adapter."""

    title: str
    meaning: str
    frames: Callable | None = None
    hooks: tuple[Callable, ...] = ()


CHANGES = (
    Change("played backwards", "Does the order of the frames count?", frames=reverse),
    Change("shuffled", "Is it the order, or only what the frames show?", frames=shuffle),
    Change("frozen on one frame", "Does a single picture give the action away?", frames=freeze),
    Change("mirrored", "Do left and right count?", frames=mirror),
    Change("spatial pathway off", "What do many places at few moments add?", hooks=(silent_pathway("spatial"),)),
    Change("temporal pathway off", "What do few places at every moment add?", hooks=(silent_pathway("temporal"),)),
    Change("adapters off", "What does the frozen backbone know by itself?", hooks=(no_adapter,)),
    Change(
        "offsets at zero",
        "Does it matter that the points move?",
        hooks=(points_at_references("spatial"), points_at_references("temporal")),
    ),
)


@dataclass(frozen=True)
class Outcome:
    """The answer under a change, and whether it is another one than without."""

    change: Change
    prediction: Prediction
    flipped: bool


def changes_for(model) -> list[Change]:
    """Those that make sense: pathways and offsets want D²ST-Adapters, `adapters off` any."""
    has = {"d2st": CHANGES, None: CHANGES[:4]}
    return list(has.get(model.adapter, (*CHANGES[:4], CHANGES[6])))


def what_if(recognizer: Recognizer, query: Clip, progress=iter) -> list[Outcome]:
    """The query under every change. `progress` wraps the changes, as tqdm does.

    A change of the network changes the examples' features too; they are computed again.
    """
    label, model = recognizer.predict(query).label, recognizer.model
    clips = [query, *(clip for clips in recognizer.support.values() for clip in clips)]
    stems = [model.stem(clip.frames) for clip in clips]
    outcomes = []
    for change in progress(changes_for(model)):
        if change.frames:
            clip = replace(query, frames=np.ascontiguousarray(change.frames(query.frames)))
            prediction = recognizer.predict(clip)
        else:
            other = Recognizer(model, recognizer.matching, recognizer.centre)
            other.support = recognizer.support
            with changed(model.host, change.hooks):
                for clip, stem in zip(clips, stems):
                    other.know(clip, model.adapt(stem)[0])
            prediction = other.predict(query)
        outcomes.append(Outcome(change, prediction, prediction.label != label))
    return outcomes


@contextmanager
def changed(host, hooks):
    """A host whose adapters have hooks, for as long as the block lasts."""
    handles = [hook(adapter) for adapter in host.adapters for hook in hooks]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@torch.inference_mode()
def contributions(model, frames: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    """How much each pathway changes what its adapter hands on: {layer: {pathway: [T]}}, in 0…

    For each frame, the length of the difference that silencing the pathway makes to the adapter's
    output, as a share of the output's length. frames: uint8 RGB [T, H, W, 3].
    """
    calls = []
    handles = [
        adapter.register_forward_hook(lambda adapter, inputs, output: calls.append((adapter, inputs, output[0])))
        for adapter in model.host.adapters
    ]
    model.encode(frames)
    for handle in handles:
        handle.remove()
    found = {}
    for layer, (adapter, inputs, output) in zip(model.host.layers, calls):
        found[layer] = {}
        for pathway in PATHWAYS:
            handle = silent_pathway(pathway)(adapter)
            without = adapter(*inputs)[0]
            handle.remove()
            change = (output - without)[0].flatten(1).norm(dim=1) / output[0].flatten(1).norm(dim=1)
            found[layer][pathway] = change.cpu().numpy()
    return found
