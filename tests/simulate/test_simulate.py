"""The simulator: the same seed gives the same clip, splits keep apart, things really do what the action says."""

import sys

import av
import numpy as np
import pytest

pytest.importorskip("pybullet")

from d2st import simulate
from d2st.errors import D2STError
from d2st.simulate import camera, clips, people_actions, rotation, scenes, skeleton, table
from d2st.simulate.engine import World
from d2st.simulate.look import LOOKS

SPLITS = ("base", "validation", "world", "novel")
EVERY = [name for split in SPLITS for name in simulate.actions(split)]
RENDERED = [  # of each way in which things, tools and people move
    "push left", "poke", "drop", "roll down a ramp", "knock down a tower", "pour out", "swap", "spin clockwise",
    "swipe up", "draw an S", "open the hand", "walk left", "kick", "sit down", "climb", "shake hands", "hand over",
    "show horns", "push-ups", "wrestle", "trace an N with an arm",
]  # fmt: skip


def ends(action, seed=0, moments=(0.0, 1.0)):
    """Places [len(moments), things, 3] and what stands up in each thing [len(moments), things, 3], by the physics."""
    rng, look = np.random.default_rng(seed), LOOKS["base"]
    with World() as world:
        script = scenes.TABLE[action](rng, look)
        table.furnish(world, script, rng, look)
        places, upright = [], []
        for _ in table.Play(world, script, rng, look, 2.4 * script.pace).run(np.array(moments)):
            poses = [world.pose(thing.body) for thing in script.things]
            places.append([place for place, _ in poses])
            upright.append([rotation.rotate(turn, np.array([0, 0, 1.0])) for _, turn in poses])
    return np.array(places), np.array(upright)


def travel(action, thing=0, seed=0):
    places, _ = ends(action, seed)
    return places[-1, thing] - places[0, thing]


# --- splits ---------------------------------------------------------------------------------------------------------


def test_every_action_is_in_one_split_and_can_be_made():
    assert len(EVERY) == len(set(EVERY))
    assert set(EVERY) == set(scenes.TABLE) | set(scenes.PEOPLE) | set(scenes.WORLD) | set(scenes.HANDS)
    assert sum(len(simulate.actions(split, "table")) for split in SPLITS) >= 32
    assert sum(len(simulate.actions(split, "people")) for split in SPLITS) >= 48


@pytest.mark.parametrize("split", SPLITS)
def test_mirrored_and_reversed_forms_stay_in_the_split(split):
    names = set(simulate.actions(split))
    for name in names:
        for form in (simulate.mirror, simulate.reverse):
            assert form(name) is None or form(name) in names, (name, form(name))
            assert form(name) is None or form(form(name)) == name


@pytest.mark.parametrize(
    "call",
    [lambda: simulate.actions("test"), lambda: simulate.actions("base", "cars"), lambda: simulate.render("fly", 0)],
)
def test_unknown_names_are_said(call):
    with pytest.raises(D2STError):
        call()


def test_a_missing_engine_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "pybullet", None)
    with pytest.raises(D2STError, match="pip install pybullet"):
        simulate.render("kick", 0)


# --- clips ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["drop", "shake hands", "wring the hands"])
def test_the_seed_makes_the_clip(action):
    first, again, other = (simulate.render(action, seed, size=48, frames=3) for seed in (4, 4, 5))
    assert first.dtype == np.uint8 and first.shape == (3, 48, 48, 3)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_frames_are_spread_over_the_whole_clip():
    assert len(simulate.render("kick", 1, size=32, fps=6)) in range(6, 30)
    few, many = (simulate.render("push left", 1, "showcase", 48, frames=n).astype(float) for n in (3, 5))
    # The showcase look adds no noise, so frames of one moment are alike however many stand between them.
    assert np.abs(few - many[::2]).mean() < 2


def test_something_is_asked_to_move_in_every_action():
    rng = np.random.default_rng(0)
    for action, write in scenes.TABLE.items():
        script = write(rng, LOOKS["base"])
        reaches = any(
            np.ptp([point for _, point in reach.path], axis=0).max() > 0.03
            or len({name for _, name in reach.shape}) > 1
            or reach.swing
            for reach in script.reaches
        )
        assert reaches or script.kicks or any(hold.turns for hold in script.holds), action
    for action, perform in scenes.PEOPLE.items():
        movements = perform(rng).movements
        poses = [skeleton.stand(each.at(np.linspace(0, each.seconds, 12))) for each in movements]
        travel = max(np.ptp(places, axis=0).max() for places, _ in poses)
        assert travel > 0.1 or max(1 - np.abs((turns * turns[:1]).sum(-1)).min() for _, turns in poses) > 0.01, action


@pytest.mark.parametrize("action", RENDERED)
def test_something_is_seen_to_move(action):
    frames = simulate.render(action, 0, "showcase", 48, frames=4).astype(float)
    assert frames.shape == (4, 48, 48, 3)
    assert frames.std() > 5
    changed = [(np.abs(frames[i] - frames[j]).max(-1) > 25).mean() for i in range(4) for j in range(i)]
    assert max(changed) > 0.004


def test_validation_looks_different():
    base, validation = LOOKS["base"], LOOKS["validation"]
    for lists in ("things", "ground_patterns", "wall_patterns", "prop_patterns", "bodies"):
        assert not set(getattr(base, lists)) & set(getattr(validation, lists)), lists


def test_written_clips_are_h264_in_folders(tmp_path):
    made, other, *rest = simulate.actions("validation", "table")
    for action in rest:  # there already
        (tmp_path / action).mkdir()
        (tmp_path / action / "1.mp4").touch()
    paths = simulate.write_split(tmp_path, "validation", per_class=1, family="table", workers=2)
    assert [path.parent.name for path in paths] == [made, other, *rest]
    assert [path.parent.name for path in paths if path.stat().st_size] == [made, other]
    with av.open(str(paths[0])) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt, stream.width) == ("h264", "yuv420p", 224)
        assert sum(1 for _ in container.decode(stream)) > 10
    head = paths[0].read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")  # a browser can start before it has all


def test_saving_again_gives_the_same_file_wherever_memory_lies(tmp_path):
    rng = np.random.default_rng(0)
    frames = simulate.render("bow", 0, size=224, fps=6)
    for number in range(6):
        clips.save(tmp_path / f"{number}.mp4", frames, 6)
        taken = [bytearray(int(size)) for size in rng.integers(1000, 3_000_000, 20)]
        del taken[::2]
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1
    assert len(list(tmp_path.iterdir())) == 6  # and nothing else is left behind


# --- the table ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "action, axis, sign",
    [
        ("push left", 0, -1),
        ("push right", 0, 1),
        ("push away", 1, 1),
        ("pull near", 1, -1),
        ("roll left", 0, -1),
        ("roll right", 0, 1),
        ("roll away", 1, 1),
        ("roll near", 1, -1),
        ("lift up", 2, 1),
        ("put down", 2, -1),
        ("drop", 2, -1),
        ("hop left", 0, -1),
        ("hop right", 0, 1),
        ("zigzag left", 0, -1),
        ("zigzag right", 0, 1),
    ],
)
def test_things_go_where_the_name_says(action, axis, sign):
    for seed in range(2):
        way = travel(action, seed=seed)
        assert sign * way[axis] > 0.2
        assert np.abs(np.delete(way, axis)).max() < 0.15


@pytest.mark.parametrize("action, away", [("slide left and back", -1), ("slide right and back", 1)])
def test_there_and_back(action, away):
    places, _ = ends(action, moments=(0.0, 0.5, 1.0))
    assert away * (places[1, 0, 0] - places[0, 0, 0]) > 0.3
    assert np.abs(places[2, 0] - places[0, 0]).max() < 0.03


@pytest.mark.parametrize("action, start, end", [("tip over", 1, 0), ("set upright", 0, 1)])
def test_tipping_and_righting(action, start, end):
    for seed in range(3):
        _, upright = ends(action, seed)
        assert abs(abs(upright[0, 0, 2]) - start) < 0.2 and abs(abs(upright[-1, 0, 2]) - end) < 0.2


@pytest.mark.parametrize("action, last", [("stack", True), ("unstack", False), ("put in", True), ("take out", False)])
def test_on_and_in_and_off_and_out(action, last):
    for seed in range(2):
        places, _ = ends(action, seed)
        together = np.linalg.norm(places[:, 1, :2] - places[:, 0, :2], axis=-1) < 0.1
        assert together[-1] == last and together[0] != last


def test_what_is_struck_falls_or_gives_way():
    assert travel("knock down a tower", thing=2)[2] < -0.2
    assert travel("push off the edge", thing=1)[2] < -0.1
    assert np.abs(travel("poke")).max() < 1e-6
    assert all(np.abs(travel("collide", seed=seed)[:2]).max() > 0.02 for seed in range(3))
    apart, together = (np.ptp(ends(name)[0][:, :, 0], axis=1) for name in ("move apart", "bring together"))
    assert apart[-1] - apart[0] > 0.3 and together[0] - together[-1] > 0.3


def test_circles_turn_as_they_are_called():
    for action, sense in (("circle clockwise", -1), ("circle anticlockwise", 1)):
        places, _ = ends(action, moments=np.linspace(0.15, 0.85, 9))
        way = np.diff(places[:, 0, :2], axis=0)
        turns = way[:-1, 0] * way[1:, 1] - way[:-1, 1] * way[1:, 0]
        assert (np.sign(turns) == sense).mean() > 0.8


# --- people ---------------------------------------------------------------------------------------------------------


def root(action, seed=0):
    performance = scenes.PEOPLE[action](np.random.default_rng(seed))
    return performance.movements[0].root


@pytest.mark.parametrize(
    "action, axis, sign",
    [
        ("walk left", 0, -1),
        ("walk right", 0, 1),
        ("walk away", 1, 1),
        ("walk towards the camera", 1, -1),
        ("run left", 0, -1),
        ("run right", 0, 1),
        ("run away", 1, 1),
        ("run towards the camera", 1, -1),
        ("step left", 0, -1),
        ("step right", 0, 1),
        ("sit down", 2, -1),
        ("stand up", 2, 1),
        ("kneel down", 2, -1),
        ("rise from the knees", 2, 1),
        ("lie down on the back", 2, -1),
        ("get up from the back", 2, 1),
    ],
)
def test_people_go_where_the_name_says(action, axis, sign):
    for seed in range(3):
        way = root(action, seed)
        assert sign * (way[-1] - way[0])[axis] > 0.25


@pytest.mark.parametrize(
    "action, hand, sign",
    [
        ("raise the right arm", "right wrist", 1),
        ("lower the right arm", "right wrist", -1),
        ("raise the left arm", "left wrist", 1),
        ("lower the left arm", "left wrist", -1),
    ],
)
def test_the_arm_that_is_named_moves(action, hand, sign):
    places, _ = skeleton.stand(scenes.PEOPLE[action](np.random.default_rng(0)).movements[0])
    rise = places[-1, :, 2] - places[0, :, 2]
    other = "left wrist" if hand.startswith("right") else "right wrist"
    assert sign * rise[skeleton.INDEX[hand]] > 0.8 and abs(rise[skeleton.INDEX[other]]) < 0.1


@pytest.mark.parametrize("name", ["walk", "kick", "cartwheel", "getup_faceup"])
def test_captures_stand_on_their_feet_or_lie(name):
    places, _ = skeleton.stand(skeleton.capture(name))
    assert -0.1 < places[..., 2].min() < 0.2 and 0.9 < places[..., 2].max() < 2.0


def test_movements_mirror_and_reverse():
    walk = skeleton.capture("walk")
    mirrored, _ = skeleton.stand(walk.mirrored())
    places, _ = skeleton.stand(walk)
    assert np.allclose(mirrored, places[:, skeleton.SWAP] * [1, -1, 1], atol=1e-6)
    assert np.allclose(walk.backwards().backwards().root, walk.root)
    assert np.allclose(
        walk.at(walk.times).joints * np.sign(walk.at(walk.times).joints[..., 3:]),
        walk.joints * np.sign(walk.joints[..., 3:]),
        atol=1e-4,
    )


def test_in_turn_is_one_after_the_other():
    rng = np.random.default_rng(0)
    roll, walk = skeleton.capture("roll"), people_actions.stride(rng, "walk", 1.0)
    joined = roll.then(walk)
    assert joined.seconds == pytest.approx(roll.seconds + 0.3 + walk.seconds)
    assert np.abs(np.diff(joined.root, axis=0)).max() < 0.2


def test_rotations():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 5, 4))
    a, b = (q / np.linalg.norm(q, axis=-1, keepdims=True) for q in (a, b))
    vector = rng.normal(size=(5, 3))
    assert np.allclose(rotation.rotate(rotation.compose(a, b), vector), rotation.rotate(a, rotation.rotate(b, vector)))
    assert np.allclose(rotation.rotate(rotation.inverse(a), rotation.rotate(a, vector)), vector)
    assert np.allclose(
        rotation.rotate(rotation.towards(vector), [0, 0, 1.0]), vector / np.linalg.norm(vector, axis=-1, keepdims=True)
    )
    assert np.allclose(rotation.rotate(rotation.frame((0, 2, 0), (0, 0, 1)), [1.0, 0, 0]), [0, 1, 0])
    assert np.allclose(np.abs((rotation.blend(a, b, np.ones(5)) * b).sum(-1)), 1)


def test_the_camera_keeps_the_action_in_the_picture():
    rng = np.random.default_rng(0)
    for look in LOOKS.values():
        for view in camera.shoot(rng, look, np.linspace(0, 2, 5), (0, 0, 0.2), 0.5):
            away = np.linalg.norm(np.array(view.eye) - view.target)
            assert away * np.sin(np.radians(view.field / 2)) > 0.5 * 0.7
            assert view.eye[1] < 0 < view.eye[2]
