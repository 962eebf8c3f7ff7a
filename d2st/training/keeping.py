"""What the frozen backbone knows of clips' appearance, held in the adapted features."""

from torch import Tensor
from torch.nn import functional as F


def forgotten(adapted: Tensor, frozen: Tensor) -> Tensor:
    """How differently the clips of a task lie to each other with the adapters and without.

    Both [N, T, F]: frame features of the same clips. The mean squared difference of `likeness`, 0 where the
    adapters have changed nothing about it (relational distillation: Park et al., CVPR 2019, arXiv 1904.05068).
    """
    return F.mse_loss(likeness(adapted), likeness(frozen))


def likeness(features: Tensor) -> Tensor:
    """Frame features [N, T, F] → the cosine of each two clips' temporal means, as they differ from the mean clip."""
    means = features.mean(1)  # [N, F]
    directions = F.normalize(means - means.mean(0), dim=-1)
    return directions @ directions.T  # [N, N]
