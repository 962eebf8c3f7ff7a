"""How far frames are from each other, and what each matching makes of it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from d2st import matching
from d2st.explain.distances import frame_distances


@pytest.fixture
def pair():
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(t, 6, generator=generator) + 2 for t in (3, 3)]


def cosine_distances(example, query):
    unit = [(each / each.norm(dim=-1, keepdim=True)).numpy() for each in (example, query)]
    return 1 - unit[0] @ unit[1].T


@pytest.mark.parametrize("centred", [False, True])
def test_rows_are_the_examples_frames(pair, centred):
    found = frame_distances(*pair, centred)
    expected = cosine_distances(*[each - each.mean(0) if centred else each for each in pair])
    assert np.allclose(found.distance, expected, atol=1e-6) and ("Centred" in found.title) == centred
    assert found.nearest_query == expected.argmin(1).tolist()
    assert found.nearest_example == expected.argmin(0).tolist()
    assert found.nearest_query != found.nearest_example  # else nothing would tell rows from columns
    assert found.nearness.min() == 0 and found.nearness.argmax() == expected.argmin()


def test_every_row_of_the_matchings_is_answered(pair, monkeypatch):
    toy = replace(matching.MATCHINGS["otam"], name="toy", title="Toy", score=lambda d: d.sum(), alignment=lambda d: [])
    monkeypatch.setitem(matching.MATCHINGS, "toy", toy)
    found = frame_distances(*pair, False)
    assert list(found.scores) == list(found.alignments) == list(matching.MATCHINGS)
    assert found.scores["toy"] == pytest.approx(float(found.distance.sum()), abs=1e-5)
    assert found.scores["frame-to-frame"] == pytest.approx(-float(np.trace(found.distance)), abs=1e-5)
    assert found.alignments["frame-to-frame"] == [(0, 0), (1, 1), (2, 2)]


def test_equal_clips_have_no_distance_and_no_fault():
    one = torch.ones(2, 4)
    assert (frame_distances(one, one, False).nearness == 1).all()
