"""bfloat16 where a device computes in it, and float32 where that is faster all the same."""

import copy

import torch
from torch import nn

from d2st.backbones import Host
from d2st.training.recipes import Recipe


def mixed_precision(recipe: Recipe, device: torch.device):
    """bfloat16 where the recipe allows it and the device computes in it; elsewhere it would only cost time."""
    able = device.type == "cuda" or (device.type == "cpu" and torch.cpu._is_avx512_bf16_supported())
    return torch.autocast(device.type, torch.bfloat16, enabled=recipe.mixed_precision and able)


class InFloat:
    """Goes before a convolution's class: on processors it then computes in float32 where a gradient will be wanted."""

    def forward(self, x, *groups):
        if not torch.is_grad_enabled():
            return super().forward(x, *groups)  # type: ignore[misc]
        with torch.autocast("cpu", enabled=False):
            return super().forward(x.float(), *groups).to(x.dtype)  # type: ignore[misc]


def with_float_convolutions(host: Host) -> Host:
    """A copy of a host whose depthwise convolutions with a stride learn in float32 on processors.

    Their bfloat16 gradient takes ten times as long there, as much as all the rest of a step.
    """
    copied = copy.deepcopy(host)
    for conv in copied.modules():
        if isinstance(conv, nn.Conv2d | nn.Conv3d) and conv.groups > 1 and max(conv.stride) > 1:
            conv.__class__ = type(f"Float{type(conv).__name__}", (InFloat, type(conv)), {})
    return copied
