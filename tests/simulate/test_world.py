"""What is cut like the world: hands near the camera, strokes, people who meet, the floor; how their clips are cut."""

import sys

import numpy as np
import pytest

pytest.importorskip("pybullet")

from d2st import simulate
from d2st.errors import D2STError
from d2st.simulate import cut, figures, hand, hand_motion, photographs, scenes, skeleton
from d2st.simulate.catalogue import mirror, reverse
from d2st.simulate.engine import World
from d2st.simulate.look import LOOKS


class Placed(World):
    """A world that notes where its bodies are put."""

    def __enter__(self):
        self.at = {}
        return super().__enter__()

    def place(self, body, position, rotation=(0, 0, 0, 1)):
        self.at[body] = np.array(position)


# --- how a clip is cut ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("repeats", [False, True])
def test_a_timeline_rises_and_ends_after_all(repeats):
    rng = np.random.default_rng(0)
    lines = [cut.timeline(rng, 0.8, repeats) for _ in range(200)]
    for keys, seconds in lines:
        assert (np.diff([time for time, _ in keys]) > 0).all() and keys[-1][0] < seconds
        assert [share for _, share in keys] == [0.0, 1.0] * (len(keys) // 2)
    lengths, rounds = [seconds for _, seconds in lines], [len(keys) // 2 for keys, _ in lines]
    assert (max(rounds) > 5 and max(lengths) > 10) if repeats else max(rounds) == 1
    assert min(lengths) < 1.5 and max(lengths) < 25


def test_only_what_ends_as_it_begins_is_done_again():
    assert all(cut.returns(movement) for movement in scenes.PEOPLE["squat"](np.random.default_rng(0)).movements)
    assert not any(cut.returns(movement) for movement in scenes.PEOPLE["walk left"](np.random.default_rng(0)).movements)


def test_a_box_changes_hands_at_the_same_moment_of_a_loose_clip():
    rng = np.random.default_rng(3)
    tight = scenes.PEOPLE["hand over"](np.random.default_rng(3))
    loose = cut.loosened(rng, tight)
    (_, start, given), (_, taken, end) = loose.extras[0].holders
    assert start == 0 and end == 1 and given == taken
    far = {}
    for name, performance, share in (("tight", tight, 0.5), ("loose", loose, given)):
        places = [
            skeleton.stand(movement.at([share * performance.seconds]))[0][0] for movement in performance.movements
        ]
        far[name] = np.linalg.norm(np.subtract(*(place[skeleton.INDEX["right wrist"]] for place in places)))
    assert far["loose"] == pytest.approx(far["tight"], abs=0.08)


def test_a_thrown_thing_flies_from_one_to_the_other():
    performance = scenes.WORLD["throw to another"](np.random.default_rng(0))
    extra = performance.extras[0]
    (_, _, thrown), (_, caught, _) = extra.holders
    share = np.linspace(0, 1, 41)

    class Cast:
        def __init__(self, movement):
            self.places = skeleton.stand(movement.at(share * performance.seconds))[0]

    way = extra.way([Cast(movement) for movement in performance.movements], share)
    flight = way[(share > thrown) & (share < caught)]
    assert np.isfinite(way).all() and len(flight) > 1
    assert np.abs(np.diff(flight[:, :2], axis=0)).max() < 1.0


# --- hands ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", sorted(scenes.HANDS))
def test_hands_move_and_stay_near(action):
    deed = scenes.HANDS[action]
    for keys in deed.hands:
        assert (
            keys[0][0] == 0 and keys[-1][0] == 1 and all(a < b for (a, _), (b, _) in zip(keys, keys[1:], strict=False))
        )
        assert not deed.repeats or np.allclose(keys[0][1].at, keys[-1][1].at)
    ways = [hand_motion.follow_hand(keys, np.linspace(0, 1, 30)) for keys in deed.hands]
    travel = max(np.ptp(way.places, axis=0).max() for way in ways)
    turning = max(1 - np.abs(way.rotations @ way.rotations[0]).min() for way in ways)
    shaping = max(np.ptp(way.shapes, axis=0).max() for way in ways)
    assert travel > 0.03 or turning > 0.03 or shaping > 0.25
    assert max(np.abs(way.places).max() for way in ways) < 0.25


def test_fingers_fold_into_a_fist_and_hands_have_two_sides():
    tips = {}
    for left in (False, True):
        for shape in ("open", "fist"):
            with Placed() as world:
                held = hand.NearHand(world, ((1, 1, 1), None), ((1, 1, 1), None), left)
                held.place((0, 0, 0), (0, 0, 1), (0, -1, 0), hand.SHAPES[shape], (0, 0, -0.3))
                tips[left, shape] = np.array([world.at[bones[-1]] for bones in [held.thumb, *held.fingers]])
    assert (tips[False, "open"][1:, 2] > 0.09).all() and (tips[False, "fist"][1:, 2] < 0.08).all()
    assert tips[False, "open"][0, 0] > 0.04  # the palm to the viewer, a right hand has its thumb on the viewer's right
    assert np.allclose(tips[True, "open"], tips[False, "open"] * [-1, 1, 1], atol=1e-6)


def test_repeated_hands_begin_again_where_they_began():
    rng = np.random.default_rng(1)
    times, ways = hand_motion.perform(rng, scenes.HANDS["clap the hands"], fps=12)
    gap = np.linalg.norm(ways[0].places - ways[1].places, axis=-1)
    assert len(times) == len(gap) and gap.min() < 0.07 < 0.1 < gap.max()


# --- figures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["a finger", "an arm"])
def test_figures_in_a_mirror_and_backwards_are_what_they_are_called(what):
    for name, points in figures.TRACED.items():
        points = np.array(points, float)
        for form, turned in ((mirror, points * [-1, 1]), (reverse, points[::-1])):
            other = form(f"trace {name} with {what}")
            if other is not None:
                same = figures.TRACED[other.removeprefix("trace ").removesuffix(f" with {what}")]
                assert same_line(turned, np.array(same, float)), (name, other)


def same_line(a, b):
    """Whether two lines run alike, one of them perhaps begun elsewhere when closed, or with another slant."""
    a, b = (
        [np.interp(np.linspace(0, 1, 33), np.linspace(0, 1, len(line)), column) for column in line.T] for line in (a, b)
    )
    return np.abs(np.array(a) - np.array(b)).mean() < 0.35 or np.isclose(area(a), area(b), atol=0.5)


def area(line):
    """The area that a line goes round, anticlockwise."""
    x, y = line
    return 0.5 * np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))


def test_an_arm_draws_the_figure_as_the_viewer_sees_it():
    for seed in range(6):
        performance = scenes.WORLD["trace a line up with an arm"](np.random.default_rng(seed))
        places, _ = skeleton.stand(performance.movements[0])
        wrists = places[:, [skeleton.INDEX["right wrist"], skeleton.INDEX["left wrist"]]]
        drawing = wrists[:, int(np.ptp(wrists[..., 2], axis=0).argmax())]
        assert np.ptp(drawing[:, 2]) > 0.4
        sideways = scenes.WORLD["trace a line to the right with an arm"](np.random.default_rng(seed))
        places, _ = skeleton.stand(sideways.movements[0])
        wrists = places[:, [skeleton.INDEX["right wrist"], skeleton.INDEX["left wrist"]]]
        drawing = wrists[:, int(np.ptp(wrists[..., 0], axis=0).argmax())]
        high = drawing[drawing[:, 2] > drawing[:, 2].max() - 0.12]
        assert high[-1, 0] - high[0, 0] > 0.1


# --- people ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", sorted(scenes.WORLD))
def test_people_stay_above_the_floor_and_move(action):
    performance = scenes.WORLD[action](np.random.default_rng(0))
    assert 0.8 < performance.seconds < 20
    travel, turning = 0.0, 0.0
    for movement in performance.movements:
        places, turns = skeleton.stand(movement.at(np.linspace(0, movement.seconds, 40)))
        assert np.isfinite(places).all() and places[..., 2].min() > -0.05 and places[..., 2].max() < 2.3
        travel = max(travel, np.ptp(places, axis=0).max())
        turning = max(turning, 1 - np.abs((turns * turns[:1]).sum(-1)).min())
    assert travel > 0.2 or turning > 0.012


# --- photographs ----------------------------------------------------------------------------------------------------


def test_photographs_come_with_the_package():
    rng = np.random.default_rng(0)
    for name in {name for look in LOOKS.values() for name in (*look.photographs, *look.grounds)}:
        cutting = photographs.cutting(rng, name)
        assert cutting.shape == (photographs.SIZE, photographs.SIZE, 3) and cutting.dtype == np.uint8
        assert cutting.std() > 8


def test_a_missing_package_is_said(monkeypatch):
    photographs.photograph.cache_clear()
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(D2STError, match="pip install 'scikit-image"):
        photographs.photograph("coffee")


def test_a_loose_clip_has_frames_enough():
    frames = simulate.render("push left", 2, "base", 32, fps=1, loose=True)
    assert len(frames) >= cut.LEAST
