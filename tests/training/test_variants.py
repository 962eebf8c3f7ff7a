from pathlib import Path

import torch

from d2st.data.folders import Split
from d2st.simulate.catalogue import actions, mirror, reverse
from d2st.training.variants import Variant, all_ways, opposites, plain


def names(split, action):
    """{(mirrored, backwards, and back)} of each clip that shows an action."""
    variants = split.clips[split.actions.index(action)]
    return {(str(variant.path), variant.mirrored, variant.backwards, variant.and_back) for variant in variants}


def test_a_clip_shows_its_opposite_in_a_mirror_and_backwards():
    split = Split(["roll left", "roll right"], [[Path("l")], [Path("r")]])
    ways = all_ways(split, mirror, reverse)
    assert names(ways, "roll left") == {
        ("l", False, False, False),
        ("l", True, True, False),
        ("r", True, False, False),
        ("r", False, True, False),
    }
    assert sorted(ways.actions) == ["roll left", "roll left and back", "roll right", "roll right and back"]


def test_what_has_no_name_is_a_new_action():
    ways = all_ways(Split(["draw an L"], [[Path("l")]]), mirror, reverse)
    assert len(ways.actions) == 8 and names(ways, "draw an L, backwards, mirrored") == {("l", True, True, False)}


def test_what_looks_the_same_backwards_stays_itself():
    ways = all_ways(Split(["squat"], [[Path("s")]]), mirror, reverse)
    assert ways.actions == ["squat"] and len(ways.clips[0]) == 4


def test_no_take_of_a_base_clip_shows_an_action_of_another_split():
    for family in ("people", "table"):
        base = Split(actions("base", family), [[Path(a)] for a in actions("base", family)])
        assert not set(all_ways(base, mirror, reverse).actions) & {*actions("novel"), *actions("validation")}


def test_opposites_are_other_takes_of_the_same_clips():
    ways = all_ways(Split(["roll left", "roll right", "squat"], [[Path(p)] for p in "lrs"]), mirror, reverse)
    close = {ways.actions[i]: {ways.actions[j] for j in others} for i, others in enumerate(opposites(ways))}
    assert close["roll left"] == {"roll right", "roll left and back", "roll right and back"} and not close["squat"]
    assert not any(opposites(plain(Split(["a", "b"], [[Path("a")], [Path("b")]]))))


def test_frames_come_in_the_order_of_the_take():
    frames = torch.arange(8)
    assert Variant(Path("x")).in_order(frames).tolist() == list(range(8))
    assert Variant(Path("x"), backwards=True).in_order(frames).tolist() == list(range(8))[::-1]
    assert Variant(Path("x"), and_back=True).in_order(frames).tolist() == [0, 2, 4, 6, 7, 5, 3, 1]
    assert Variant(Path("x"), backwards=True, and_back=True).in_order(frames).tolist() == [7, 5, 3, 1, 0, 2, 4, 6]
