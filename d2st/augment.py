"""Augmentation: one draw for all frames of a clip, so that its motion stays what it is."""

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as F

JITTER, HUE, GREY = 0.5, 0.25, 0.3  # brightness, contrast and saturation ±; hue ±; share of grey clips


def augment(frames: np.ndarray, crop: int, flip: bool, colour: bool, rng: np.random.Generator) -> Tensor:
    """uint8 RGB [T, H, W, 3] → uint8 [T, 3, crop, crop]: random crop, flip by half, colour jitter."""
    x = torch.tensor(frames).permute(0, 3, 1, 2)
    top, left = (int(rng.integers(side - crop + 1)) for side in x.shape[2:])
    x = x[:, :, top : top + crop, left : left + crop]
    if flip and rng.random() < 0.5:
        x = x.flip(-1)
    return jitter(x, rng) if colour else x


def jitter(x: Tensor, rng: np.random.Generator) -> Tensor:
    """uint8 [T, 3, H, W] → the same clip in other colours."""
    for change in (F.adjust_brightness, F.adjust_contrast, F.adjust_saturation):
        x = change(x, rng.uniform(1 - JITTER, 1 + JITTER))
    x = F.adjust_hue(x, rng.uniform(-HUE, HUE))
    return F.rgb_to_grayscale(x, num_output_channels=3) if rng.random() < GREY else x
