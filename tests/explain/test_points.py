"""Points of any deformable attention: they lie where torch's sampler reads, and what does not fit is said."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from d2st.errors import D2STError
from d2st.explain.points import Points, as_levels

GRIDS = [(5, 9), (12, 4), (3, 6, 8), (2, 1, 7)]
BOTH = [True, False]


def anywhere(grid, count=60, reach=1.0, seed=0):
    """[1, P, D] within −reach…reach; in the middle of axes of one token, the only place that reads it wholly."""
    return np.random.default_rng(seed).uniform(-reach, reach, (1, count, len(grid))) * (np.asarray(grid) > 1)


def read(feature_map, position, align_corners):
    """[C, *grid] at [1, P, D] as torch reads it → [C, P]."""
    at = torch.tensor(position, dtype=torch.float32).flip(-1)  # (x, y) or (x, y, t)
    at = at.reshape(1, *[1] * (feature_map.dim() - 2), -1, feature_map.dim() - 1)
    return F.grid_sample(feature_map[None], at, padding_mode="zeros", align_corners=align_corners)[0].flatten(1)


@pytest.mark.parametrize("align_corners", BOTH)
@pytest.mark.parametrize("grid", GRIDS)
def test_a_point_lies_where_the_sampler_reads(grid, align_corners):
    centres = [(torch.arange(size) + 0.5) / size for size in grid]  # as shares of the axis
    ramps = torch.stack(torch.meshgrid(*centres, indexing="ij"))  # [D, *grid]
    points = Points(grid, [0] * len(grid), anywhere(grid), align_corners)
    whole = points.in_bounds[0] > 0.999  # elsewhere zeros are mixed in
    placed = points.place(points.position)[0]
    told = read(ramps, points.position, align_corners).T.numpy()
    assert whole.sum() > 10
    assert np.allclose(placed[whole][:, -len(grid) :], told[whole], atol=1e-4)
    assert (placed[:, 0] == 0.5).all() or len(grid) == 3


@pytest.mark.parametrize("align_corners", BOTH)
@pytest.mark.parametrize("grid", GRIDS)
def test_what_lies_outside_reads_the_share_that_is_told(grid, align_corners):
    points = Points(grid, [0] * len(grid), anywhere(grid, reach=1.6), align_corners)
    told = read(torch.ones(1, *grid), points.position, align_corners)[0].numpy()
    assert np.allclose(points.in_bounds[0], told, atol=1e-5)
    assert 0 < (told < 0.999).sum() < len(told)


def test_a_bright_token_is_found_under_the_point_that_reads_it():
    for align_corners, position in (
        (True, 0.5),
        (False, 0.4),
    ):  # token 4 of 5: half the way, and 0.9 of the axis less ½
        spot = torch.zeros(1, 5, 5)
        spot[0, 2, 3] = 1
        points = Points((5, 5), [0, 0], [[[0, position]]], align_corners)
        assert float(read(spot, points.position, align_corners)) == pytest.approx(1, abs=1e-6)
        assert np.allclose(points.place(points.position)[0, 0], [0.5, 2.5 / 5, 3.5 / 5])


GOOD = dict(grid=(4, 6), reference=[0, 0], position=np.zeros((2, 3, 2)), align_corners=False)


@pytest.mark.parametrize(
    "wrong, words",
    [
        (dict(grid=(4,)), ["grid is (4,)", "(H, W)"]),
        (dict(grid=(4, 2.5)), ["grid is (4, 2.5)"]),
        (dict(grid=(4, 0)), ["grid is (4, 0)"]),
        (dict(grid=7), ["grid is 7"]),
        (dict(position=np.zeros((3, 2))), ["position has the shape (3, 2)", "(groups, points, 2)", "(y, x)"]),
        (dict(position=np.zeros((2, 3, 3))), ["position has the shape (2, 3, 3)"]),
        (dict(grid=(2, 4, 6), reference=[0, 0, 0]), ["position has the shape (2, 3, 2)", "(t, y, x)"]),
        (dict(position=np.zeros((2, 0, 2))), ["position has the shape (2, 0, 2)"]),
        (dict(position=np.full((2, 3, 2), np.nan)), ["position", "(2, 3, 2)", "12 values that are not finite"]),
        (dict(position="here"), ["position is no array of numbers"]),
        (dict(position=torch.zeros(2, 3, 2, requires_grad=True)), ["position is no array", "detach()"]),
        (dict(weight=np.ones((2, 4))), ["weight has the shape (2, 4)", "(2, 3)", "(2, 24, 3)"]),
        (dict(weight=-np.ones((2, 3))), ["weight has values below 0"]),
        (dict(weight=np.zeros((2, 3))), ["weight is 0 everywhere"]),
        (dict(reference=np.zeros((2, 3, 2))), ["reference has the shape (2, 3, 2)", "(3, 2)"]),
        (dict(name="1/8", reference=np.zeros(3)), ["'1/8'", "reference has the shape (3)"]),
    ],
)
def test_what_does_not_fit_is_named_with_its_shape(wrong, words):
    with pytest.raises(D2STError) as error:
        Points(**GOOD | wrong)
    assert all(word in str(error.value) for word in words), error.value


def test_without_weights_all_points_are_alike_and_of_queries_the_mean_is_shown():
    assert np.allclose(Points(**GOOD).mean_weight, 1 / 3)
    of_queries = np.random.default_rng(0).dirichlet(np.ones(3), (2, 24))
    assert np.allclose(Points(**GOOD, weight=of_queries).mean_weight, of_queries.mean(1))


def test_scales_are_numbered_and_each_has_a_name_of_its_own():
    one, other = Points(**GOOD), Points(**GOOD, query="cat")
    assert [(p.name, p.query) for p in as_levels([one, one, other])] == [
        ("scale 1", ""), ("scale 2", ""), ("scale 1", "cat"),
    ]  # fmt: skip
    assert as_levels(one)[0].name == "scale 1"
    with pytest.raises(D2STError, match="same name"):
        as_levels([Points(**GOOD, name="1/8")] * 2)
    with pytest.raises(D2STError, match="empty"):
        as_levels([])
    with pytest.raises(D2STError, match="ndarray"):
        as_levels([np.zeros(3)])
