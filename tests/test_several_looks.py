"""A clip in several looks, from features to the answer and what is told of it."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from visits import clip, filled, long, small_model

from d2st import matching
from d2st.errors import D2STError
from d2st.explain.decided import decided, shots
from d2st.explain.distances import frame_distances
from d2st.explain.usual import own_of_all
from d2st.explain.what_if import what_if
from d2st.live.thresholds import threshold
from d2st.matching import MATCHINGS
from d2st.models.usual import Usual, UsualPoints
from d2st.models.zoo import DEFAULT, MODELS, looks_at
from d2st.recognizer import Recognizer
from d2st.trace import Encoding

MODEL = small_model()
WAYS = [(name, centred) for name in MATCHINGS for centred in (False, True)]


class Remembering:
    """The model for those who ask for features alone: each look is computed once for all tests."""

    frames, image, looks, weights, known = MODEL.frames, MODEL.image, None, (1.0,), {}

    def encode(self, frames, inspect=False):
        parts = [part.tobytes() for part in np.split(frames, len(frames) // 8)]
        for part in set(parts) - self.known.keys():
            picture = np.frombuffer(part, np.uint8).reshape(-1, *frames.shape[1:])
            self.known[part] = MODEL.encode(picture).features
        return Encoding(torch.cat([self.known[part] for part in parts]), [], {})


def random(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(len(shape)))


@pytest.mark.parametrize("name, centred", WAYS)
def test_the_same_twice_is_as_far_as_once(name, centred):
    one, other, third = random(3, 8, 16)
    once = matching.scores(one[None], other[None], name, centred, 8)
    for mine, yours in ((2, 1), (1, 3), (2, 2), (3, 2)):
        more = matching.scores(one.repeat(mine, 1)[None], other.repeat(yours, 1)[None], name, centred, 8)
        torch.testing.assert_close(more, once)
    two = torch.cat([one, third])
    there, back = (matching.scores(a[None], b[None], name, centred, 8) for a, b in ((two, other), (other, two)))
    torch.testing.assert_close(there, back)  # symmetric
    assert float(there) != pytest.approx(float(once), abs=1e-3)


@pytest.mark.parametrize("name", ["otam", "frame-to-frame"])
def test_each_look_goes_to_its_nearest(name):
    looks = random(3, 8, 16)
    scores = matching.scores(looks, looks[:2], name, False)  # [2, 3]: of single looks
    found = float(matching.scores(looks.flatten(0, 1)[None], looks[:2].flatten(0, 1)[None], name, False, 8))
    assert found == pytest.approx(float(scores.amax(1).mean() + scores.amax(0).mean()) / 2, abs=1e-5)


@pytest.mark.parametrize("name", MATCHINGS)
def test_pairs_and_costs_are_of_the_frames_of_all_looks(name):
    looks = random(3, 8, 16)
    distance = matching.frame_distance(looks[[2, 0]].flatten(0, 1)[None], looks.flatten(0, 1)[None])[0, 0]  # [16, 24]
    pairs = matching.align(distance, name, 8)
    assert {(t + 8, t) for t in range(8)} | {(t, t + 16) for t in range(8)} <= set(pairs)
    costs = matching.costs(distance, name, 8)
    assert len(costs) == 24 and costs[:8].max() < costs[8:16].max()
    if name != "otam":
        assert float(costs.sum()) == pytest.approx(-float(matching.score(distance, name, 8)), abs=1e-4)


def test_a_clip_of_several_looks_is_each_look_by_itself():
    alone = [MODEL.encode(clip(seed).frames, inspect=True) for seed in (1, 2)]
    seen = MODEL.encode(long(1, 2).frames, inspect=True)
    assert torch.equal(seen.features, torch.cat([each.features for each in alone]))
    assert [trace.look for trace in seen.traces] == [0] * 4 + [1] * 4
    for trace, own in zip(seen.traces[4:], alone[1].traces, strict=True):
        assert np.array_equal(trace.position, own.position) and np.array_equal(trace.in_bounds, own.in_bounds)
        assert np.allclose(trace.located_position - own.located_position, [8, 0, 0])
        place = trace.layer, trace.pathway
        assert np.array_equal(seen.over_time[place][8:], own.over_time) and len(seen.over_time[place]) == 16
        change = seen.contributions[trace.layer][trace.pathway]
        assert np.array_equal(change[8:], alone[1].contributions[trace.layer][trace.pathway])
        assert torch.equal(seen.by_layer[trace.layer][8:], alone[1].by_layer[trace.layer])


@pytest.mark.parametrize("name, centred", WAYS)
def test_actions_and_shots_may_have_any_number_of_looks(name, centred):
    recognizer = filled(Remembering(), matching=name, centre=centred)
    before = recognizer.predict(clip(99))
    doubled = Recognizer(Remembering(), name, centred)
    for action, seeds in (("wave", [(0, 0), (1,)]), ("clap", [(10, 10, 10), (11, 11)])):
        for each in seeds:
            doubled.add(action, long(*each))
    found = doubled.predict(long(99, 99))
    assert found.scores == pytest.approx(before.scores, abs=1e-4) and found.label == before.label
    assert doubled.typical_score_between_actions() == pytest.approx(
        recognizer.typical_score_between_actions(), abs=1e-4
    )
    assert threshold(doubled) == pytest.approx(threshold(recognizer), abs=1e-4)
    assert max(q for _, q in found.alignment) > 7
    rests_on = decided(doubled, found.query)
    assert len(rests_on.frames) == 16 and rests_on.margin == pytest.approx(found.margin, abs=1e-4)
    one, other = ({shot.action + str(round(shot.score, 3)) for shot in shots(r, q)}
                  for r, q in ((recognizer, before.query), (doubled, found.query)))  # fmt: skip
    assert one == other


def test_what_if_and_the_matrices_take_several_looks():
    recognizer = filled(MODEL, centre=False)
    recognizer.add("wave", long(3, 4))
    query = long(5, 6, 7)
    assert all(outcome.prediction for outcome in what_if(recognizer, query))
    pair = (recognizer.features(each) for each in (long(3, 4), query))
    found = frame_distances(*pair, False, 8)
    assert found.distance.shape == (16, 24)
    parts = found.by_look("otam")
    assert all(len({(s // 8, q // 8) for s, q in part}) == 1 for part in parts) and 3 <= len(parts) <= 4
    assert found.path_cost == pytest.approx(float(matching.costs(torch.tensor(found.distance), "otam", 8).sum()))


def test_a_clips_own_share_is_over_all_its_looks():
    traces = [MODEL.encode(each.frames, inspect=True).traces for each in (clip(1), clip(2), long(1, 2))]
    points = {(t.layer, t.pathway): UsualPoints(t.offset / 2 + 0.1, np.ones_like(t.offset)) for t in traces[0]}
    one, other, both = (own_of_all(each, Usual(5, points)) for each in traces)
    for place, found in both.items():
        square = ((one[place].difference ** 2).sum() + (other[place].difference ** 2).sum()) / 2
        assert found.share == pytest.approx(square / (points[place].common + square), rel=1e-5)
        assert np.array_equal(found.usual, one[place].usual)


def test_only_clips_of_as_many_frames_as_their_looks_have_are_taken():
    recognizer = filled(Remembering())
    for wrong in (replace(long(1, 2), looks=1), replace(clip(1), looks=2)):
        with pytest.raises(D2STError, match="Read the clip again"):
            recognizer.predict(wrong)


def test_a_model_has_looks_where_its_row_says_how_long_they_are():
    row = MODELS[DEFAULT].looks
    assert looks_at(DEFAULT, None, trained=True) is row and row.most == 4
    assert looks_at(DEFAULT, 2, trained=True) == replace(row, most=2)
    assert looks_at(DEFAULT, 1, trained=True) is None and looks_at(DEFAULT, None, trained=False) is None
    assert looks_at("clip-vit-b16", None, trained=True) is None
    with pytest.raises(D2STError, match="resnet18 sees a clip in one look"):
        looks_at("timm/resnet18", 3, trained=True)
