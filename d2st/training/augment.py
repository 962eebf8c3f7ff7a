"""Augmentation: one draw for all frames of a clip, so that its motion stays what it is."""

from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torchvision.transforms.v2 import functional as F

JITTER, HUE, GREY = 0.5, 0.25, 0.3  # brightness, contrast and saturation ±; hue ±; share of grey clips


def augment(frames: np.ndarray, crop: int, mirrored: bool, colour: bool, rng: np.random.Generator) -> Tensor:
    """uint8 RGB [T, H, W, 3] → uint8 [T, 3, crop, crop]: random crop, mirror, colour jitter."""
    top, left = (int(rng.integers(side - crop + 1)) for side in frames.shape[1:3])
    frames = frames[:, top : top + crop, left : left + crop]
    if mirrored:
        frames = frames[:, :, ::-1]
    if colour:
        frames = turn_hue(frames, rng.uniform(-HUE, HUE))
    x = torch.tensor(np.ascontiguousarray(frames)).permute(0, 3, 1, 2)
    return jitter(x, rng) if colour else x


def turn_hue(frames: np.ndarray, turn: float) -> np.ndarray:
    """uint8 RGB [T, H, W, 3] → hues turned by that part of the circle; OpenCV's is ten times as fast
    as torchvision's.
    """
    tall = np.ascontiguousarray(frames).reshape(-1, *frames.shape[2:])
    hsv = cv2.cvtColor(tall, cv2.COLOR_RGB2HSV_FULL)
    hsv[..., 0] += np.uint8(round(turn * 256) % 256)  # a byte wraps as the circle does
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB_FULL).reshape(frames.shape)


def jitter(x: Tensor, rng: np.random.Generator) -> Tensor:
    """uint8 [T, 3, H, W] → the same clip brighter or darker, with more or less contrast and colour, or grey."""
    for change in (F.adjust_brightness, F.adjust_contrast, F.adjust_saturation):
        x = change(x, rng.uniform(1 - JITTER, 1 + JITTER))
    return F.rgb_to_grayscale(x, num_output_channels=3) if rng.random() < GREY else x


def stretch(kept: int, frames: int, shortest: float, rng: np.random.Generator) -> np.ndarray:
    """Indices [frames] among `kept` frames: one in each of equal parts of a random stretch.

    The stretch is at least the share `shortest` of the clip.
    """
    length = kept * rng.uniform(shortest, 1)
    start = rng.uniform(0, kept - length)
    places = start + (np.arange(frames) + rng.uniform(0, 1, frames)) / frames * length
    return places.astype(int).clip(0, kept - 1)


class Part(NamedTuple):
    """A part of a map: its sides as shares of the map's, and where its middle is, −1…1 along each."""

    width: float
    height: float
    x: float
    y: float


def some_part(smallest: float, rng: np.random.Generator) -> Part:
    """A random part, each of whose sides is at least the share `smallest` of the map's."""
    width, height = rng.uniform(smallest, 1, 2)
    return Part(width, height, *(rng.uniform(-1, 1, 2) * (1 - width, 1 - height)))


def enlarge(maps: Tensor, part: Part) -> Tensor:
    """Feature maps [T, C, H, W] of a clip → a part of them, the same in all frames, enlarged to [T, C, H, W].

    A map moves as its frame does, so that this stands for another crop, of another shape, of a clip whose frames are
    no longer at hand.
    """
    width, height, x, y = part
    window = torch.tensor([[width, 0, x], [0, height, y]], dtype=maps.dtype, device=maps.device)
    grid = nn.functional.affine_grid(window.expand(len(maps), 2, 3), list(maps.shape), align_corners=False)
    return nn.functional.grid_sample(maps, grid, padding_mode="border", align_corners=False)


def mix_styles(maps: Tensor, rng: np.random.Generator) -> Tensor:
    """Feature maps [B, T, C, H, W] of clips → the same with their channels' means and spreads mixed between clips.

    A clip's colours, light and grain live in these (MixStyle: Zhou et al., ICLR 2021, arXiv 2104.02008).
    """
    mean, spread = maps.mean((1, 3, 4), keepdim=True), maps.std((1, 3, 4), keepdim=True) + 1e-6
    share = torch.tensor(rng.beta(0.3, 0.3, len(maps)), dtype=maps.dtype, device=maps.device)
    share = share.view(-1, 1, 1, 1, 1)
    other = torch.tensor(rng.permutation(len(maps)), device=maps.device)
    return (maps - mean) / spread * (share * spread + (1 - share) * spread[other]) + (
        share * mean + (1 - share) * mean[other]
    )
