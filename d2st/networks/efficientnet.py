"""EfficientNet-Lite0 (Tan and Le, ICML 2019, arXiv 1905.11946; Lite: no squeeze-and-excitation, ReLU6 for swish).

Module for module and number for number what timm's `tf_efficientnet_lite0` is, without its classifier.
"""

from collections import OrderedDict
from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Blocks, side of the kernel, stride, channels: of each stage after the first, all with an expansion of 6.
STAGES = ((2, 3, 2, 24), (2, 5, 2, 40), (3, 3, 2, 80), (3, 5, 1, 112), (4, 5, 2, 192), (1, 3, 1, 320))
EXPANSION = 6
EPSILON = 1e-3  # of the norms, as TensorFlow's weights were trained with


class EfficientNetLite0(nn.Module):
    """Pictures [B, 3, H, W] → a map [B, 1280, H/32, W/32]."""

    def __init__(self):
        super().__init__()
        self.conv_stem, self.bn1 = convolution(3, 32, 3, stride=2), Norm(32)
        self.blocks = nn.Sequential(nn.Sequential(first_block()))
        width = 16
        for blocks, kernel, stride, wider in STAGES:
            first, others = Inverted(width, wider, kernel, stride), range(blocks - 1)
            self.blocks.append(nn.Sequential(first, *[Inverted(wider, wider, kernel, 1) for _ in others]))
            width = wider
        self.conv_head, self.bn2 = convolution(width, 1280, 1), Norm(1280)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                fan_out = module.weight[:, 0, 0, 0].numel() * module.weight[0, 0].numel() // module.groups
                nn.init.normal_(module.weight, 0, sqrt(2 / fan_out))

    def forward(self, x: Tensor) -> Tensor:
        x = self.blocks(self.bn1(self.conv_stem(x)))
        return self.bn2(self.conv_head(x))


def first_block() -> nn.Sequential:
    """Depthwise, then to 16 channels."""
    return nn.Sequential(
        OrderedDict(
            conv_dw=convolution(32, 32, 3, groups=32), bn1=Norm(32), conv_pw=convolution(32, 16, 1), bn2=Norm(16, False)
        )
    )


class Inverted(nn.Module):
    """Wider, depthwise, narrower; the input is added where it has the output's shape."""

    def __init__(self, width: int, out: int, kernel: int, stride: int):
        super().__init__()
        wide = EXPANSION * width
        self.added = stride == 1 and width == out
        self.conv_pw, self.bn1 = convolution(width, wide, 1), Norm(wide)
        self.conv_dw, self.bn2 = convolution(wide, wide, kernel, stride, wide), Norm(wide)
        self.conv_pwl, self.bn3 = convolution(wide, out, 1), Norm(out, False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn1(self.conv_pw(x))
        y = self.bn3(self.conv_pwl(self.bn2(self.conv_dw(y))))
        return y + x if self.added else y


class Relu6(nn.Module):
    """In place where nothing is learnt: a gradient needs the input, which would be copied first."""

    def forward(self, x: Tensor) -> Tensor:
        return F.hardtanh(x, 0, 6, inplace=not torch.is_grad_enabled())


class Norm(nn.BatchNorm2d):
    """A batch norm and, unless `active` is False, the activation behind it."""

    def __init__(self, channels: int, active: bool = True):
        super().__init__(channels, EPSILON)
        self.act = Relu6() if active else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(super().forward(x))


def convolution(channels: int, out: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    """A convolution that gives `stride` times fewer places along each side, rounded up."""
    kind = Strided if stride > 1 else nn.Conv2d
    return kind(channels, out, kernel, stride, kernel // 2, groups=groups, bias=False)


class Strided(nn.Conv2d):
    """One with a stride of 2, that pads as TensorFlow does: as little as is needed, an odd one below and on the right.

    An even side needs an odd one. Another column of zeros in the kernel, on its left, comes to the same, and costs
    less than a padded copy of the map.
    """

    def forward(self, x: Tensor) -> Tensor:
        rows, columns = (1 - side % 2 for side in x.shape[2:])
        kernel = F.pad(self.weight, (columns, 0, rows, 0))
        return F.conv2d(x, kernel, self.bias, self.stride, self.padding, groups=self.groups)
