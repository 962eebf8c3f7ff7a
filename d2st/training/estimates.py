"""Accuracies and their differences over episodes and trainings, with 95 % intervals.

Right answers are arrays [S, E] in per cent: of each training (another seed) in each episode. All that are
compared answer the same episodes, so that a difference is taken episode by episode: what makes an
episode hard is in both and falls out.
"""

from collections.abc import Sequence

import numpy as np

from d2st.training.evaluation import Accuracy


def mean_accuracy_of(right: np.ndarray) -> Accuracy:
    """The mean of [S, E]. As an `estimate`, from its episodes (their means over trainings) and its trainings."""
    return estimate(right.mean(0), [right.mean(1)])


def difference(ours: np.ndarray, others: np.ndarray, same_trainings: bool) -> Accuracy:
    """The mean of ours [S, E] less that of the others [S', E], in points.

    As an `estimate`: from the differences in each episode, of the means over trainings, and from the trainings
    of both, which are independent. With the same trainings, tested in two ways, the trainings' differences are
    one sample too.
    """
    if same_trainings:
        return mean_accuracy_of(ours - others)
    return estimate(ours.mean(0) - others.mean(0), [ours.mean(1), others.mean(1)])


def estimate(episodes: np.ndarray, trainings: Sequence[np.ndarray]) -> Accuracy:
    """The mean over episodes [E], with an interval for other episodes and other trainings.

    Its variance is the sum of the variances of the means: s²/E of the episodes, and s²/S of each sample of
    trainings [S]. Half the interval is the root of that times Student's t, with the degrees of freedom of such
    a sum (Satterthwaite, Biometrics Bulletin 2, 1946): (Σ v)² / Σ v²/(n − 1). A sample of one says nothing of
    its spread and is left out: with one training, the interval is for other episodes alone.
    """
    samples = [each for each in (episodes, *trainings) if len(each) > 1]
    variances = np.array([each.var(ddof=1) / len(each) for each in samples])
    freedom = np.array([len(each) - 1 for each in samples])
    variance = variances.sum()
    if not variance:
        return Accuracy(float(episodes.mean()), 0.0)
    t = student_t(variance**2 / (variances**2 / freedom).sum())
    return Accuracy(float(episodes.mean()), float(t * variance**0.5))


def student_t(freedom: float, share: float = 0.95) -> float:
    """Within ± this lies a share of Student's t distribution with so many degrees of freedom (1 or more).

    With t = √freedom · tan θ the density is cos(θ)^(freedom − 1) over ±π/2; it is summed in small steps.
    """
    angle, step = np.linspace(0, np.pi / 2, 20_001, retstep=True)
    below = np.cumsum(np.cos(angle[1:] - step / 2) ** (freedom - 1))
    return float(freedom**0.5 * np.tan(np.interp(share, below / below[-1], angle[1:])))
