"""A model whose network runs on a GPU that is lent for each call, as on a ZeroGPU Space."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module

import torch

from d2st.adapter import NOTHING, Ablation
from d2st.models.model import Model, Stem, around
from d2st.trace import Encoding


@dataclass(frozen=True)
class LentModel(Model):
    """As the model that it is made of, but the network runs in one call, which takes and gives plain data."""

    run: Callable[..., Encoding] = Model.encode

    def encode(self, frames, inspect: bool = False, ablation: Ablation = NOTHING) -> Encoding:
        return self.run(frames, inspect, ablation)

    def stem(self, frames):
        """The frames themselves: what lies on a lent device cannot be kept."""
        return Stem(torch.tensor(frames)[None])

    def adapt(self, stem, inspect: bool = False, ablation: Ablation = NOTHING) -> Encoding:
        return self.run(stem.maps[0].numpy(), inspect, ablation)


def lender():
    """The package that lends GPUs, or None. It must be imported before anything asks for a CUDA device."""
    try:
        return import_module("spaces")
    except ImportError:
        return None


def on_lent_device(model: Model) -> Model:
    """The model, its calls wrapped by `spaces.GPU` where that package is there; elsewhere as it is."""
    spaces = lender()
    if spaces is None:
        return model

    def run(frames, inspect, ablation):
        return model.encode(frames, inspect, ablation)

    return around(LentModel, replace(model, lent=True), run=spaces.GPU(run))
