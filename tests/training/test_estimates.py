"""Intervals over episodes and trainings, against plain computations on made-up numbers."""

import math
import statistics

import numpy as np
import pytest

from d2st.training.estimates import difference, estimate, mean_accuracy_of, student_t


@pytest.mark.parametrize(
    "freedom, expected", [(1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (9999, 1.9602)],
)  # fmt: skip
def test_students_t_is_that_of_the_tables(freedom, expected):
    assert student_t(freedom) == pytest.approx(expected, abs=2e-3)


def made_up(seed, trainings=3, episodes=40, hard=None, level=60):
    rng = np.random.default_rng(seed)
    own = rng.normal(level, 10, (trainings, episodes)) + rng.normal(0, 2, (trainings, 1))
    return own if hard is None else own + hard


def test_the_interval_is_the_plain_sum_of_variances():
    ours, others = made_up(1), made_up(2, trainings=4)
    per_episode = [
        statistics.mean(ours[:, e]) - statistics.mean(others[:, e]) for e in range(ours.shape[1])
    ]  # fmt: skip
    parts = [(statistics.variance(per_episode) / 40, 39)]
    for each in (ours, others):
        means = [statistics.mean(row) for row in each]
        parts.append((statistics.variance(means) / len(means), len(means) - 1))
    total = sum(v for v, _ in parts)
    freedom = total**2 / sum(v**2 / f for v, f in parts)
    found = difference(ours, others, same_trainings=False)
    assert found.mean == pytest.approx(ours.mean() - others.mean())
    assert found.interval == pytest.approx(student_t(freedom) * math.sqrt(total))


def test_what_makes_an_episode_hard_falls_out_of_a_difference():
    hard = np.random.default_rng(3).normal(0, 200, 40)
    plain = difference(made_up(1), made_up(2), False)
    paired = difference(made_up(1, hard=hard), made_up(2, hard=hard), False)
    assert paired.mean == pytest.approx(plain.mean) and paired.interval == pytest.approx(plain.interval)
    assert mean_accuracy_of(made_up(1, hard=hard)).interval > 5 * paired.interval


def test_of_the_same_trainings_what_makes_one_better_falls_out_too():
    ours = made_up(1)
    apart = ours + np.array([[-9], [0], [9]])
    others = apart - 2
    assert difference(apart, others, same_trainings=True).interval == pytest.approx(0, abs=1e-9)
    assert difference(apart, others, same_trainings=True).mean == pytest.approx(2)
    assert difference(apart, others, same_trainings=False).interval > 10


def test_one_training_says_nothing_of_trainings():
    one = made_up(1, trainings=1)
    found = mean_accuracy_of(one)
    spread = statistics.stdev(one[0]) / math.sqrt(40)
    assert found.interval == pytest.approx(student_t(39) * spread)
    assert estimate(np.full(5, 60.0), []).interval == 0


def test_as_many_intervals_hold_the_truth_as_they_say():
    """Of two kinds that are equally good, with three trainings each."""
    held = sum(
        abs((found := difference(made_up(2 * n), made_up(2 * n + 1), False)).mean) <= found.interval for n in range(400)
    )
    assert held / 400 >= 0.93
