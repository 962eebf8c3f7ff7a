"""Frozen batch norms, taken into the convolutions before them."""

import copy

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from d2st.adapter import Ablation
from d2st.backbones import Host


def folded(host: Host) -> Host:
    """A copy of a host whose frozen batch norms are taken into the convolutions before them.

    The same function, a quarter faster. Where norms do not follow their convolutions, so that it
    would be another function, the host itself comes back.
    """
    copied = copy.deepcopy(host)
    for parent in list(copied.backbone.modules()):
        names = list(parent._modules)
        for conv, norm in zip(names, names[1:], strict=False):
            first, second = getattr(parent, conv), getattr(parent, norm)
            if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                if first.out_channels != second.num_features:
                    return host
                setattr(parent, conv, fuse_conv_bn_eval(first.eval(), second.eval()).requires_grad_(False))
                # timm's norms bring their activation along.
                setattr(parent, norm, getattr(second, "act", nn.Identity()))
    return copied if _compute_the_same(host, copied) else host


@torch.no_grad()
def _compute_the_same(one: Host, other: Host) -> bool:
    frame = torch.linspace(-1, 1, 3 * one.config.image**2, device=one.mean.device)
    frame = frame.view(1, 1, 3, one.config.image, one.config.image)
    frozen = Ablation(adapters=True)
    return torch.allclose(one(frame, frozen)[0], other(frame, frozen)[0], rtol=1e-3, atol=1e-3)
