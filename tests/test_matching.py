from itertools import accumulate, product

import pytest
import torch

from d2st import matching
from d2st.matching import MATCHINGS


def random_clips(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_the_papers_figures(matching_reference):
    distance = matching.frame_distance(matching_reference["support"], matching_reference["query"])
    for ours, name in (
        (distance, "frame_distance"),
        (matching.bi_mhm(distance), "bi_mhm_logits"),
        (matching.otam(distance), "otam_logits"),
    ):
        torch.testing.assert_close(ours, matching_reference[name], atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", MATCHINGS)
@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize("actions, shots, queries, frames", [(2, 1, 1, 8), (5, 3, 4, 8), (3, 2, 7, 5), (1, 1, 1, 2)])
def test_any_numbers_and_the_same_clip_scores_best(name, centred, actions, shots, queries, frames):
    support = random_clips(actions, 1, frames, 16).expand(-1, shots, -1, -1)
    query = support[torch.arange(queries) % actions, 0]
    scores = matching.scores(support, query, name, centred)
    assert scores.shape == (queries, actions)
    assert scores.argmax(1).tolist() == [q % actions for q in range(queries)]


@pytest.mark.parametrize("name", ["bi-mhm", "frame-to-frame"])
def test_a_perfect_match_scores_zero(name):
    clip = random_clips(1, 8, 16)
    assert matching.scores(clip, clip, name, centred=False).item() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("centred", [False, True])
def test_only_order_tells_a_clip_from_its_reverse(centred):
    clip = random_clips(1, 8, 16)
    clip, reverse = clip, clip.flip(1)
    support = torch.cat([clip, reverse])
    forwards, backwards = matching.scores(support, clip, "bi-mhm", centred)[0]
    assert forwards == pytest.approx(float(backwards), abs=1e-5)
    for name in ("otam", "frame-to-frame"):
        forwards, backwards = matching.scores(support, clip, name, centred)[0]
        assert forwards > backwards + 1


def test_centring_takes_out_the_scene_and_nothing_else():
    clip, scene = random_clips(2, 8, 16), 10 * random_clips(1, 1, 16, seed=1)
    torch.testing.assert_close(
        matching.scores(clip + scene, clip, "bi-mhm", centred=True),
        matching.scores(clip, clip, "bi-mhm", centred=True),
        atol=1e-4,
        rtol=0,
    )
    assert matching.centre(clip).mean(1).abs().max() < 1e-6


def test_shots_are_averaged():
    shots, query = random_clips(2, 3, 8, 16), random_clips(1, 8, 16, seed=1)
    torch.testing.assert_close(
        matching.scores(shots, query, "otam", False), matching.scores(shots.mean(1), query, "otam", False)
    )


def test_otam_goes_to_the_cheapest_ordered_path_as_its_smoothing_goes_to_zero():
    distance = random_clips(4, 6).abs()
    cheapest = sum(sum(float(d[s, q]) for s, q in matching.align(d, "otam")) for d in (distance, distance.T))
    assert -float(matching.otam(distance, smoothing=1e-3)) == pytest.approx(cheapest, abs=0.05)


@pytest.mark.parametrize("frames", [(7, 3), (4, 4), (3, 6)])
def test_otams_path_is_the_cheapest_that_goes_right_or_diagonally(frames):
    """Each query frame once, the example's frame the same as before or the next: tried against all such paths."""
    rows, columns = frames
    steps = list(product((0, 1), repeat=columns - 1))
    paths = [list(accumulate((first, *each))) for first in range(rows) for each in steps]
    paths = [path for path in paths if path[-1] < rows]
    for seed in range(10):
        distance = random_clips(rows, columns, seed=seed).abs()
        costs = [sum(float(distance[s, q]) for q, s in enumerate(path)) for path in paths]
        cheapest = paths[costs.index(min(costs))]
        assert matching.align(distance, "otam") == [(s, q) for q, s in enumerate(cheapest)]


def test_otams_path_does_not_wait_for_the_example():
    """Where the second query frame is like two of the example's, one of the two is all that it may have."""
    distance = torch.ones(5, 4)
    for example, query in [(0, 0), (1, 1), (2, 1), (3, 2), (4, 3)]:
        distance[example, query] = 0.01
    path = matching.align(distance, "otam")
    assert [q for _, q in path] == [0, 1, 2, 3]
    assert sum(float(distance[pair]) for pair in path) == pytest.approx(1.03)


def test_bi_mhms_pairs_are_nearest_both_ways():
    distance = torch.tensor([[0.0, 0.1], [0.2, 0.9]])
    assert matching.align(distance, "bi-mhm") == [(0, 0), (0, 1), (1, 0)]
    assert matching.align(distance.T, "bi-mhm") == [(0, 0), (0, 1), (1, 0)]


@pytest.mark.parametrize("frames", [(8, 8), (5, 7), (7, 5)])
def test_what_the_frames_cost_sums_to_what_was_matched(frames):
    for seed in range(5):
        distance = random_clips(*frames, seed=seed).abs()
        for name, row in MATCHINGS.items():
            if name == "frame-to-frame" and frames[0] != frames[1]:
                continue
            costs = row.costs(distance)
            assert costs.shape == (frames[1],) and costs.min() >= 0
            score = matching.otam(distance, smoothing=1e-3) if name == "otam" else row.score(distance)
            assert float(costs.sum()) == pytest.approx(-float(score), abs=0.05 if name == "otam" else 1e-4)


def test_a_frame_pays_for_itself_and_for_those_whose_nearest_it_is():
    distance = torch.tensor([[0.1, 0.9], [0.2, 0.8], [0.7, 0.3]])  # three frames of the example, two of the query
    torch.testing.assert_close(matching.costs_of_nearest(distance), torch.tensor([0.1 + 0.1 + 0.2, 0.3 + 0.3]))
    # There: the example's second and third frame for the query's two. Back: 0 and 1 to the first, 2 to the second.
    torch.testing.assert_close(matching.costs_of_paths(distance), torch.tensor([0.2 + 0.1 + 0.2, 0.3 + 0.3]))
    torch.testing.assert_close(matching.costs_of_same_frames(distance[:2]), torch.tensor([0.1, 0.8]))


def test_otams_soft_minimum_lies_below_its_cheapest_paths():
    distance = random_clips(8, 8).abs()
    assert -float(matching.otam(distance)) < float(matching.costs_of_paths(distance).sum())


def test_alignments():
    same = 1 - torch.eye(4)
    straight = [(t, t) for t in range(4)]
    assert all(matching.align(same, name) == straight for name in MATCHINGS)
    assert matching.align(same.flip(1), "bi-mhm") == [(t, 3 - t) for t in range(4)]
    path = matching.align(random_clips(5, 7).abs(), "otam")
    assert {q for _, q in path} == set(range(7))  # every query frame finds its place
    assert all(a[0] <= b[0] and a[1] <= b[1] for a, b in zip(path, path[1:], strict=False))
