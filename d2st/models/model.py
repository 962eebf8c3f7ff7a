"""A model: a host ready to encode clips, and what there is to say about it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from hashlib import blake2b
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from d2st.adapter import NOTHING, Ablation
from d2st.backbones import Host, config_to_json
from d2st.errors import D2STError
from d2st.matching import ALONE
from d2st.models.usual import Usual
from d2st.trace import Encoding, collect
from d2st.video.looks import Looks

FROZEN = Ablation(adapters=True)


@dataclass(frozen=True, eq=False)
class Stem:
    """What stays the same of a clip whatever its adapters do, and of each frame whatever the others are."""

    maps: Tensor  # [1, L·T, …], what comes before the first adapter
    frozen: Encoding | None = None  # of the frozen backbone, where its features stand beside the adapted ones

    @classmethod
    def joined(cls, stems: Sequence["Stem"]) -> "Stem":
        """Of all their frames, one after the other."""
        frozen = [stem.frozen for stem in stems if stem.frozen]
        return cls(torch.cat([stem.maps for stem in stems], dim=1), joined(frozen) if frozen else None)

    def to(self, device) -> "Stem":
        return replace(self, maps=self.maps.to(device))


@dataclass(frozen=True)
class Model:
    """A host with its weights. It never changes: many threads may encode at once, each with its own ablation."""

    name: str
    host: Host
    device: torch.device
    kind: str | None  # one of `KINDS`, or None: the frozen backbone
    trained: bool  # whether the adapters were trained; else they are the identity, offsets random
    about: str  # where the adapters come from
    knows_frozen: bool = True  # False where a checkpoint brought a backbone without what training replaced in it
    usual: Usual | None = None  # where its sampling points usually are, where that is known
    beside: float = 0.0  # weight of the frozen backbone's features, which stand beside the adapted ones; 0: they do not
    looks: Looks | None = None  # how a clip is seen that is longer than what its adapters know; None: in one look
    lent: bool = False  # whether each call goes to a device that is lent for it, and keeps nothing

    @property
    def frames(self) -> int:
        """How many frames of a look it takes."""
        return self.host.config.frames

    @property
    def image(self) -> int:
        """Side of the frames that it takes, in pixels."""
        return self.host.config.image

    @property
    def weights(self) -> tuple[float, ...]:
        """Of the parts that its frame features consist of: the adapted ones, and where they stand there the frozen."""
        return (1.0, self.beside) if self.beside else ALONE

    @property
    def described(self) -> str:
        """What a person is told of it in a sentence: where the adapters come from, and what stands beside them."""
        if not (self.trained and self.beside):
            return self.about
        return f"{self.about}; compared by the frozen backbone's features too, which weigh {self.beside:g}"

    @cached_property
    def fingerprint(self) -> str:
        """A name for all that its features depend on (hex): configuration, kind and every weight."""
        return _digest([fingerprint(self.host), len(self.weights)], {})

    def encode(self, frames: np.ndarray, inspect: bool = False, ablation: Ablation = NOTHING) -> Encoding:
        """One clip, uint8 RGB [L·T, H, W, 3] → frame features [L·T, P·F], P parts; on request what went on inside.

        Its L looks, T frames each, are seen one by one.

        Raises `D2STError` where the frozen backbone is asked for and is not known.
        """
        return self.adapt(self.stem(frames), inspect, ablation)

    @torch.inference_mode()
    def stem(self, frames: np.ndarray) -> Stem:
        """What no adapter changes, for one clip or for single frames of it."""
        pixels = torch.tensor(frames, device=self.device)
        maps = self.host.stem(self.host.normalise(pixels.permute(0, 3, 1, 2)[None]))  # [1, L·T, …]
        return Stem(maps, self._looks(maps, True, FROZEN) if self.beside else None)

    @torch.inference_mode()
    def adapt(self, stem: Stem, inspect: bool = False, ablation: Ablation = NOTHING) -> Encoding:
        """The rest of `encode`. Raises `D2STError` where what comes out is no number."""
        if ablation.adapters and not self.knows_frozen:
            raise D2STError(
                f"What {self.name} was before it was trained is not known: its checkpoint holds the trained class "
                "embedding and norm in place of the frozen ones. Load the model without an adapter for comparison."
            )
        if ablation.own_offsets and not self.usual:
            raise D2STError(
                f"Where the points of {self.name} usually are is not known. Compute it for its checkpoint first: "
                "python -m d2st usual FILE."
            )
        is_frozen = self.kind is None or ablation.adapters
        encoding = stem.frozen if stem.frozen and is_frozen else self._looks(stem.maps, inspect, ablation)
        return beside(encoding, stem.frozen) if stem.frozen else encoding

    def _looks(self, maps: Tensor, inspect: bool, ablation: Ablation) -> Encoding:
        """All looks once through the network: one part."""
        looks = maps.split(self.frames, dim=1)
        return joined([self._look(look, index, inspect, ablation) for index, look in enumerate(looks)])

    def _look(self, maps: Tensor, index: int, inspect: bool, ablation: Ablation) -> Encoding:
        """One look at a clip, [1, T, …], the `index`th: in a batch of its own, so that no other changes it."""
        features, insides = self.host.adapt(maps, ablation, inspect)
        if not torch.isfinite(features).all():
            raise D2STError(
                f"The network ({self.name}, on {str(self.device).upper()}) gave values for a clip that are no numbers, "
                "so there is no answer. Try again; if it comes back, the device or the weights are faulty."
            )
        inspected = collect(self.host, insides, maps.shape[1], look=index) if inspect else ([], {})
        return Encoding(features[0].cpu(), *inspected)


def beside(adapted: Encoding, frozen: Encoding) -> Encoding:
    """The adapted features with the frozen ones as a second part, behind every layer alike."""
    features, by_layer = adapted.features, adapted.by_layer
    return replace(
        adapted,
        features=torch.cat([features, frozen.features], dim=-1),
        by_layer={layer: torch.cat([each, frozen.by_layer[layer]], dim=-1) for layer, each in by_layer.items()},
    )


def joined(looks: Sequence[Encoding]) -> Encoding:
    """The looks at a clip, one after the other."""
    if len(looks) == 1:
        return looks[0]
    first = looks[0]
    return Encoding(
        torch.cat([look.features for look in looks]),
        [trace for look in looks for trace in look.traces],
        {
            layer: {name: np.concatenate([look.contributions[layer][name] for look in looks]) for name in by_pathway}
            for layer, by_pathway in first.contributions.items()
        },
        {layer: torch.cat([look.by_layer[layer] for look in looks]) for layer in first.by_layer},
    )


M = TypeVar("M", bound=Model)


def around(kind: type[M], model: Model, /, **more) -> M:
    """A model of a kind that reaches the network in a way of its own, with all that there is to say about another."""
    return kind(**{each.name: getattr(model, each.name) for each in fields(Model)}, **more)


def fingerprint(host: Host) -> str:
    """A name (hex) for all that a host's features depend on."""
    return _digest([config_to_json(host.config), host.kind], host.state_dict())


def frozen_fingerprint(host: Host) -> str:
    """A name (hex) for its frozen backbone alone, whatever was trained on it."""
    trained = host.trainable_state()  # of a ViT also a part of its backbone
    frozen = {name: t for name, t in host.backbone.state_dict().items() if f"backbone.{name}" not in trained}
    return _digest(config_to_json(replace(host.config, classes=0)), frozen)


def _digest(said, state: dict[str, Tensor]) -> str:
    digest = blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=16)
    for name, tensor in sorted(state.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
