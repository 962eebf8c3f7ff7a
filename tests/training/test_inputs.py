"""What training feeds the adapters: views that are kept, mirrored, coloured, and which frames of them."""

import os
from dataclasses import replace
from threading import Event

import cv2
import numpy as np
import pytest
import torch
from clips import make_clip, number_in, picture
from small import SMALL_VIT, randomise

from d2st.errors import D2STError
from d2st.models.model import frozen_fingerprint
from d2st.models.zoo import MODELS, seeded_host
from d2st.training import inputs as module
from d2st.training.inputs import KEPT_FRAMES, Inputs
from d2st.training.recipes import load_recipe
from d2st.training.variants import Variant

SETTINGS = dict(data={"root": "data"}, short_side=48, crop=48, mixed_precision=False, colour="none", flip="none")


@pytest.fixture(scope="module")
def host():
    return seeded_host(SMALL_VIT, "d2st")


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return make_clip(tmp_path_factory.mktemp("inputs") / "a.mp4", count=160, size=(64, 48))


def inputs_of(host, folder, **changes):
    recipe = load_recipe("simulated/efficientnet-lite0", **SETTINGS | changes)
    return Inputs(host, recipe, torch.device("cpu"), folder)


def stem_of(inputs, variant, role, seed):
    [stem] = inputs.stems([inputs.drawn(variant, role, np.random.default_rng(seed))])
    return stem


def when_tested(inputs, path):
    [stem] = inputs.stems([inputs.for_test(path)])
    return stem


def seen_by(inputs, variant, role="query", seed=0):
    """The pixels [T, 3, H, W] that the stem is given."""
    pixels = []
    inputs.stem = lambda frames: (pixels.append(frames), torch.zeros(len(frames), 1, 1, 1))[1]
    stem_of(inputs, variant, role, seed)
    return pixels[0]


def views_of(inputs, variant, role, draws):
    """(mirrored, coloured) of the views that are taken."""
    taken = []
    inputs.view = lambda path, mirrored, colour, *_: (taken.append((bool(mirrored), colour)), torch.zeros(8, 1))[1]
    inputs.stem = lambda pixels: pixels
    for seed in range(draws):
        stem_of(inputs, variant, role, seed)
    return taken


@pytest.mark.parametrize("itself", [False, True])
@pytest.mark.parametrize("role, other", [("query", "support"), ("support", "query")])
def test_a_mirrored_variant_is_mirrored_and_flips_turn_every_other_view(host, clip, tmp_path, role, other, itself):
    def mirrored(flip):
        inputs = inputs_of(host, tmp_path, cached_views=0, flip=flip)
        return [mirrored for mirrored, _ in views_of(inputs, Variant(clip, itself), role, 60)]

    assert set(mirrored("none")) == set(mirrored(other)) == {itself}
    assert 15 < sum(mirrored(role)) < 45


def test_a_mirrored_view_shows_the_clip_in_a_mirror(host, clip, tmp_path):
    inputs = inputs_of(host, tmp_path, cached_views=0, short_side=48, crop=48)
    plain, turned = (seen_by(inputs, Variant(clip, mirrored)) for mirrored in (False, True))
    assert torch.equal(turned, plain.flip(-1)) and not torch.equal(turned, plain)


@pytest.mark.parametrize(
    "colour, role, changes",
    [("all", "query", True), ("query", "query", True), ("query", "support", False), ("none", "query", False)],
)
def test_colours_change_where_the_recipe_says_so(host, clip_path, tmp_path, colour, role, changes):
    grey = seen_by(inputs_of(host, tmp_path, cached_views=0, colour="none"), Variant(clip_path), role).float()
    seen = seen_by(inputs_of(host, tmp_path, cached_views=0, colour=colour), Variant(clip_path), role).float()
    assert (float((seen - grey).abs().max()) > 12) == changes


def test_only_the_frames_that_are_used_are_read(host, clip, tmp_path, monkeypatch):
    asked, read = [], module.read_clip
    monkeypatch.setattr(module, "read_clip", lambda *a, **k: (asked.append(k["places"]), read(*a, **k))[1])
    pixels = seen_by(inputs_of(host, tmp_path, cached_views=0, shortest_stretch=0.5), Variant(clip))
    assert len(asked[0]) == len(pixels) == 8 and asked[0] == sorted(asked[0])
    seen_by(inputs_of(host, tmp_path / "kept", cached_views=1), Variant(clip))
    assert len(asked[1]) == KEPT_FRAMES


def kept(folder):
    return {file.name for file in folder.glob("*.npy")}


def test_a_kept_view_is_known_by_all_that_it_depends_on(clip, tmp_path, monkeypatch):
    def keep(host, **changes):
        when_tested(inputs_of(host, tmp_path, cached_views=1, **changes), clip)
        return kept(tmp_path)

    cnn = seeded_host(MODELS["efficientnet-lite0"].config, "d2st")
    before = keep(cnn)
    assert len(before) == 1
    trained = randomise(seeded_host(replace(MODELS["efficientnet-lite0"].config, classes=7), "st"))
    trained.fill(cnn.backbone.state_dict())
    assert keep(trained) == before  # what is trained on top plays no part
    assert keep(cnn, seed=1) == before  # runs of other seeds share their views
    for name in [name for name, t in cnn.backbone.state_dict().items() if t.is_floating_point()][::60]:
        bent = seeded_host(MODELS["efficientnet-lite0"].config, "d2st")
        state = {key: tensor.clone() for key, tensor in cnn.backbone.state_dict().items()}
        state[name] += 1
        bent.fill(state)
        after = keep(bent)
        assert len(after) == len(before) + 1, name
        before = after
    for constant in ("DECODING_VERSION", "AUGMENTATION_VERSION"):
        monkeypatch.setattr(module, constant, 99)
        assert len(keep(cnn)) == len(before) + 1
        before = kept(tmp_path)
    for change in (dict(short_side=64), dict(decoder="decord")):
        assert len(keep(cnn, **change)) == len(before) + 1
        before = kept(tmp_path)


def test_clips_are_read_by_the_decoder_of_the_recipe(host, clip, tmp_path, monkeypatch):
    notes, read = [], module.read_clip

    def noted(*asked, **settings):
        found = read(*asked, **settings)
        notes.append(any("decord" in note for note in found.notes))
        return found

    monkeypatch.setattr(module, "read_clip", noted)
    for decoder in ("pyav", "decord"):
        inputs = inputs_of(host, tmp_path / decoder, decoder=decoder)
        seen_by(inputs, Variant(clip))
        inputs.test_view(clip)
    assert notes == [False, False, True, True]


def test_what_a_vit_trains_of_its_backbone_plays_no_part():
    host, trained = seeded_host(SMALL_VIT, "d2st"), seeded_host(SMALL_VIT, "d2st")
    randomise(trained)
    assert frozen_fingerprint(trained) == frozen_fingerprint(host)
    with torch.no_grad():
        trained.backbone.conv1.weight[0, 0, 0, 0] += 1
    assert frozen_fingerprint(trained) != frozen_fingerprint(host)


def test_clips_that_went_away_and_places_that_hold_no_views_are_said(host, clip, tmp_path):
    with pytest.raises(D2STError, match="'.*gone.mp4' cannot be read any more"):
        when_tested(inputs_of(host, tmp_path, cached_views=1), tmp_path / "gone.mp4")
    (tmp_path / "file").touch()
    with pytest.raises(D2STError, match="'.*file' cannot hold the kept views .*--views"):
        when_tested(inputs_of(host, tmp_path / "file", cached_views=1), clip)


def test_runs_keep_their_views_to_themselves_unless_told_otherwise(host, tmp_path):
    from d2st.training.trainer import Trainer

    recipe = load_recipe("simulated/efficientnet-lite0", **SETTINGS)
    places = [
        Trainer(host, recipe, [], [], tmp_path / name, torch.device("cpu"), views).inputs.folder
        for name, views in (("a", None), ("b", None), ("a", tmp_path / "views"))
    ]
    assert places == [tmp_path / "a" / "kept views", tmp_path / "b" / "kept views", tmp_path / "views"]


def stems_of(inputs, variant, seeds=range(1), role="query"):
    """Stem outputs [N, T, …], where the stem is the frames themselves."""
    inputs.stem = lambda pixels: pixels.float()
    return torch.stack([stem_of(inputs, variant, role, seed) for seed in seeds])


@pytest.mark.parametrize("views", [0, 1])
def test_frames_come_in_the_order_of_the_variant_whether_views_are_kept_or_not(host, clip, tmp_path, views):
    inputs = inputs_of(host, tmp_path, cached_views=views, smallest_part=1, shortest_stretch=1)
    forwards, backwards, back = (
        stems_of(inputs, Variant(clip, backwards=backwards, and_back=and_back))[0]
        for backwards, and_back in ((False, False), (True, False), (False, True))
    )
    assert torch.equal(backwards, forwards.flip(0)) and not torch.equal(backwards, forwards)
    assert torch.equal(back, forwards[[0, 2, 4, 6, 7, 5, 3, 1]])


def test_each_clip_has_as_many_kept_views_as_asked_and_they_differ(host, clip, tmp_path):
    other = tmp_path / "other.mp4"
    other.write_bytes(clip.read_bytes())
    folders = {number: tmp_path / str(number) for number in (1, 3)}
    for number, folder in folders.items():
        inputs = inputs_of(host, folder, cached_views=number)
        stems_of(inputs, Variant(clip), seeds=range(24))
        assert len(kept(folder)) == number
    views = [np.load(file) for file in folders[3].glob("*.npy")]
    stems_of(inputs_of(host, folders[1], cached_views=1), Variant(other))
    views += [np.load(file) for file in folders[1].glob("*.npy")]
    assert len({view.tobytes() for view in views}) == 4  # one of the three is the view of the other run


def test_a_kept_view_is_another_one_mirrored_coloured_spread_or_of_a_changed_file(host, clip, tmp_path):
    own = tmp_path / "own.mp4"
    own.write_bytes(clip.read_bytes())

    def grows(ask):
        before = len(kept(tmp_path))
        ask()
        return len(kept(tmp_path)) - before

    inputs = inputs_of(host, tmp_path, cached_views=1, colour="query")
    assert [grows(lambda v=v: stems_of(inputs, v)) for v in (Variant(own), Variant(own), Variant(own, True))] == [
        1,
        0,
        1,
    ]
    assert grows(lambda: stems_of(inputs, Variant(own), role="support")) == 1  # without colours
    for spread in (True, False):
        testing = inputs_of(host, tmp_path, cached_views=1, spread=spread)
        testing.stem = lambda pixels: pixels.float()
        assert grows(lambda testing=testing: when_tested(testing, own)) == 1
    os.utime(own, (1, 1))
    assert grows(lambda: stems_of(inputs, Variant(own))) == 1


def test_a_kept_view_is_stretched_and_enlarged_as_the_recipe_says(host, clip, tmp_path):
    def views(stretch, part):
        inputs = inputs_of(host, tmp_path, cached_views=1, shortest_stretch=stretch, smallest_part=part)
        return stems_of(inputs, Variant(clip), seeds=range(12))

    whole, short, parts = views(1, 1), views(0.3, 1), views(1, 0.5)
    [view] = (torch.tensor(np.load(file)).float() for file in tmp_path.glob("*.npy"))

    def place(frame):  # in the view, but for what sampling a map at its own places rounds
        alike = ((view - frame).abs().amax((1, 2, 3)) < 0.01).nonzero()  # neighbours may be, where a crop hides bars
        return int(alike[0])

    places = [[place(frame) for frame in each] for each in short]
    assert min(place[-1] - place[0] for place in places) < 8  # of 16
    assert all(0 <= place(frame) < KEPT_FRAMES for frame in whole.flatten(0, 1))
    assert not any(torch.allclose(one, other, atol=0.01) for one, other in zip(parts, whole, strict=True))


def test_frames_keep_to_the_interval_of_the_recipe(host, clip, tmp_path, monkeypatch):
    windows, read = [], module.read_clip
    monkeypatch.setattr(module, "read_clip", lambda *a, **k: (windows.append(k["window"]), read(*a, **k))[1])
    inputs = inputs_of(host, tmp_path, cached_views=0, frame_interval=0.25)
    for seed in range(12):
        seen_by(inputs, Variant(clip), seed=seed)
    assert {seconds for seconds, _ in windows} == {2.0} and np.ptp([before for _, before in windows]) > 0.5
    inputs.test_view(clip)
    assert windows[-1] == (2.0, 0.5)
    inputs_of(host, tmp_path, frame_interval=None).test_view(clip)
    assert windows[-1] is None


def test_a_clip_of_pictures_is_seen_at_the_recipes_rate_and_its_view_is_kept_until_they_change(host, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(48):
        cv2.imwrite(str(folder / f"img_{number + 1:05d}.png"), picture(number, (48, 48))[..., ::-1])

    def keep(fps):
        inputs = inputs_of(host, tmp_path / "views", cached_views=1, frame_interval=0.1, spread=True, fps=fps)
        when_tested(inputs, folder)
        return [number_in(frame) for frame in inputs.test_view(folder).permute(0, 2, 3, 1).numpy()]

    seen = {fps: keep(fps) for fps in (10, 20)}
    seconds = 0.1 * host.config.frames
    assert [np.ptp(seen[fps]) for fps in seen] == [round(seconds * fps) - 1 for fps in seen]
    assert len(kept(tmp_path / "views")) == 2
    keep(10)
    assert len(kept(tmp_path / "views")) == 2
    cv2.imwrite(str(folder / "img_00020.png"), picture(255, (48, 48)))
    keep(10)
    assert len(kept(tmp_path / "views")) == 3


@pytest.mark.parametrize("views", [0, 1])
def test_the_next_clips_are_read_while_the_network_computes_one(host, clip, tmp_path, views):
    inputs = inputs_of(host, tmp_path, cached_views=views)
    read, view = Event(), inputs.view

    def reading(*asked):
        if begun:
            read.set()
        begun.append(asked)
        return view(*asked)

    def computing(pixels):
        assert read.wait(30)  # nothing is computed until the second clip is being read
        return pixels.float()

    begun: list = []
    inputs.view, inputs.stem = reading, computing
    rng = np.random.default_rng(0)
    stems = list(inputs.stems([inputs.drawn(Variant(clip, mirrored=bool(i % 2)), "query", rng) for i in range(4)]))
    assert len(stems) == 4 and len(begun) >= 2 and not torch.equal(stems[0], stems[1])


@pytest.mark.parametrize("views", [0, 1])
def test_the_order_in_which_clips_are_read_changes_nothing(host, clip, tmp_path, monkeypatch, views):
    def stems(folder):
        inputs, rng = inputs_of(host, folder, cached_views=views), np.random.default_rng(0)
        inputs.stem = lambda pixels: pixels.float()
        return torch.stack(list(inputs.stems([inputs.drawn(Variant(clip), "query", rng) for _ in range(6)])))

    ahead = stems(tmp_path / "ahead")
    monkeypatch.setattr(
        module, "read_ahead", lambda read, views: [(each, lambda each=each: read(each)) for each in views]
    )
    assert torch.equal(stems(tmp_path / "in turn"), ahead)


def test_an_episode_that_wants_one_kept_view_twice_reads_its_clip_once(host, clip, tmp_path):
    inputs, taken, rng = inputs_of(host, tmp_path), [], np.random.default_rng(0)
    read = inputs.view
    inputs.view = lambda *args: (taken.append(args), read(*args))[1]
    variants = [Variant(clip), Variant(clip, backwards=True), Variant(clip)]
    stems = list(inputs.stems([inputs.drawn(variant, "query", rng) for variant in variants]))
    assert len(stems) == 3 and len(taken) == 1
