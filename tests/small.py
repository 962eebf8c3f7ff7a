"""A small ViT, random clips for it, and where the bundled example clips are."""

from pathlib import Path

import torch

from d2st.backbones import ViTConfig

EXAMPLES = Path(__file__).parent.parent / "assets" / "examples"
SMALL_VIT = ViTConfig(width=64, layers=2, heads=4, patch=16, image=112)


def clips(config, count=1, seed=0, frames=None):
    """Random normalised clips [count, T, 3, H, W]."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, frames or config.frames, 3, config.image, config.image, generator=generator)


def randomise(host, seed=1):
    """Make untrained adapters do something."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in host.parameters():
        if parameter.requires_grad:
            with torch.no_grad():
                parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.05)
    return host
