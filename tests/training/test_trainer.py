import csv
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from clips import make_clip
from safetensors.torch import load_file
from small import SMALL_VIT, clips, randomise

from d2st import matching
from d2st.data.episodes import sample_episode
from d2st.data.folders import Split, read_split
from d2st.errors import D2STError
from d2st.models.checkpoint import read_checkpoint
from d2st.models.zoo import MODELS, seeded_host
from d2st.training import augment as augmenting
from d2st.training.augment import augment, enlarge, mix_styles, some_part, stretch, turn_hue
from d2st.training.distributed import join_processes
from d2st.training.precision import with_float_convolutions
from d2st.training.recipes import load_recipe
from d2st.training.trainer import Trainer
from d2st.training.variants import all_ways, plain
from d2st.video import read_clip

SETTINGS = dict(
    data={"root": "data"},
    way=2,
    tasks=4,
    tasks_per_step=2,
    validate_every=2,
    validation_episodes=4,
    short_side=112,
    crop=112,
    iterations_per_epoch=4,
    warmup_epochs=1,
    epoch_steps=[0, 1],
    relative_lrs=[1, 0.5],
    auxiliary_loss_weight=1.0,
    mixed_precision=False,
)


def recipe(**changes):
    return load_recipe("simulated/efficientnet-lite0", **SETTINGS | changes)


def trainer(folder, data, origin="", **changes):
    host = seeded_host(replace(SMALL_VIT, classes=3), "d2st")
    return Trainer(host, recipe(**changes), [plain(data)], [data], folder, torch.device("cpu"), origin=origin)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for start, action in enumerate(("a", "b", "c")):
        (folder / action).mkdir()
        for number in range(3):
            make_clip(folder / action / f"{number}.mp4", count=8 + 8 * start + number)
    return read_split(folder)


def test_a_run_learns_validates_and_keeps_its_best(data, tmp_path):
    run = trainer(tmp_path, data)
    before = {name: t.clone() for name, t in run.host.state_dict().items()}
    trained = run.host.trainable_state().keys()
    rows = []
    progress = run.run(report=rows.append)
    assert progress.task == 4 and [row["task"] for row in rows] == [2, 4]
    changed = {name for name, t in run.host.state_dict().items() if not torch.equal(t, before[name])}
    assert changed <= trained and {"classifier.weight", "adapters.0.up.weight", "temporal_embedding"} <= changed
    with open(tmp_path / "curves.csv") as file:
        assert [int(row["task"]) for row in csv.DictReader(file)] == [2, 4]
    checkpoint = read_checkpoint(tmp_path / "best.safetensors")
    assert checkpoint.config.classes == 3 and "validation accuracy" in checkpoint.about


@pytest.mark.parametrize("views", [0, 2])
def test_a_run_that_was_stopped_goes_on_exactly(data, tmp_path, views):
    whole = trainer(tmp_path / "whole", data, cached_views=views)
    whole.run()
    first = trainer(tmp_path / "parts", data, cached_views=views)

    class Stopped(Exception):
        pass

    def stop(row):
        raise Stopped

    with pytest.raises(Stopped):
        first.run(report=stop)
    second = trainer(tmp_path / "parts", data, cached_views=views)
    assert second.resume() and second.progress.task == 2
    second.run()
    pairs = zip(second.host.trainable_state().items(), whole.host.trainable_state().values(), strict=True)
    for (name, ours), theirs in pairs:
        assert torch.equal(ours, theirs), name


def test_a_run_that_goes_on_keeps_its_running_means(data, tmp_path):
    first = trainer(tmp_path, data, averaging=0.9)
    first.run()
    second = trainer(tmp_path, data, averaging=0.9)
    assert second.resume()
    for kept, mean, new in zip(second.averages, first.averages, second.parameters, strict=True):
        torch.testing.assert_close(kept, mean)
        assert kept.shape == new.shape
    assert any(not torch.equal(kept, new) for kept, new in zip(second.averages, second.parameters, strict=True))


def test_a_run_goes_on_by_the_recipe_that_it_was_begun_with(data, tmp_path):
    trainer(tmp_path, data).validate({"task": 4})
    assert trainer(tmp_path, data, tasks=16, validate_every=4).resume()  # to train longer is no other recipe
    for changes, said in (
        (dict(base_lr=0.5), "base_lr was 0.001 and is 0.5"),
        (dict(way=3), "way was 2 and is 3"),
        (dict(seed=1), "seed was 18 and is 1"),
        (dict(matchings=[["otam", True]]), "matchings was"),
    ):
        with pytest.raises(D2STError, match=f"begun by another recipe: {said}.*--changed-recipe"):
            trainer(tmp_path, data, **changes).resume()
        assert trainer(tmp_path, data, **changes).resume(changed=True)


def test_a_run_goes_on_with_the_network_that_it_trained(data, tmp_path):
    first = trainer(tmp_path, data)
    first.validate({"task": 4})
    run = trainer(tmp_path, data, weight_decay=0.25)
    assert run.resume(changed=True) and run.optimiser.param_groups[0]["weight_decay"] == 0.25
    other = Trainer(seeded_host(SMALL_VIT, "st"), recipe(), [plain(data)], [data], tmp_path, torch.device("cpu"))
    with pytest.raises(D2STError, match="trained another network"):
        other.resume(changed=True)


@pytest.mark.parametrize("begun, refused", [("a.safetensors", "b.safetensors"), ("", "a.safetensors")])
def test_a_run_goes_on_from_what_it_was_begun_from(data, tmp_path, begun, refused):
    trainer(tmp_path, data, begun).validate({"task": 4})
    said = f"begun from {begun or 'new adapters'}, and not from {refused}. Leave out --from"
    with pytest.raises(D2STError, match=said):
        trainer(tmp_path, data, refused).resume(changed=True)
    assert trainer(tmp_path, data, begun).resume()
    run = trainer(tmp_path, data)
    assert run.resume() and run.progress.origin == begun  # and says so on
    run.validate({"task": 8})
    about = read_checkpoint(tmp_path / "last.safetensors").about
    assert about.startswith("trained by") and about.endswith(f"; begun from {begun}" if begun else " %")


def test_a_damaged_state_is_said_and_a_part_file_is_none(data, tmp_path):
    trainer(tmp_path, data).validate({"task": 4})
    assert not list(tmp_path.glob("*.part"))
    (tmp_path / "state.pt").write_bytes((tmp_path / "state.pt").read_bytes()[:1000])
    with pytest.raises(D2STError, match="state.pt' cannot be read"):
        trainer(tmp_path, data).resume()
    (tmp_path / "state.pt").rename(tmp_path / "state.pt.part")
    assert not trainer(tmp_path, data).resume()


def test_a_step_that_is_not_finite_is_skipped_and_counted(data, tmp_path):
    run = trainer(tmp_path, data)
    before = {name: t.clone() for name, t in run.host.trainable_state().items()}
    loss = run.task_loss
    run.task_loss = lambda task: (loss(task)[0] * float("nan"), 0.0)
    run.step(0)
    assert run.progress.skipped == 1
    assert all(torch.equal(t, before[name]) for name, t in run.host.trainable_state().items())


PROCESS = """
import sys, torch
sys.path.insert(0, {tests!r})
from test_trainer import first_steps, read_split, trainer
from d2st.training.distributed import join_processes
torch.set_num_threads(1)
join_processes(torch.device("cpu"), 2)
run = trainer({folder!r}, read_split({data!r}), clip_gradient=1e9)
losses, gradient = first_steps(run)
torch.save((losses, gradient, run.host.trainable_state()), f"{out}{{run.rank}}.pt")
"""


def first_steps(run):
    """The losses of four steps, and the gradient of the first."""
    losses = [run.step(0)[0]]
    gradient = torch.cat([p.grad.flatten().clone() for p in run.parameters])
    return torch.tensor(losses + [run.step(task)[0] for task in (2, 4, 6)]), gradient


@pytest.mark.parametrize("processes, tasks", [(3, 2), (2, 3), (4, 2)])
def test_processes_that_cannot_share_a_step_are_refused_before_they_wait(monkeypatch, processes, tasks):
    monkeypatch.setenv("LOCAL_RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", str(processes))
    monkeypatch.setattr(torch.distributed, "init_process_group", lambda *_: pytest.fail("it waits"))
    with pytest.raises(D2STError, match=f"{processes} processes cannot share the {tasks} tasks.*Start 1 or {tasks}"):
        join_processes(torch.device("cpu"), tasks)


def test_two_processes_learn_what_one_does(data, tmp_path):
    one = trainer(tmp_path / "one", data, clip_gradient=1e9)
    start = torch.nn.utils.parameters_to_vector(one.parameters).detach().clone()
    losses, gradient = first_steps(one)
    out, script = tmp_path / "rank", tmp_path / "process.py"
    script.write_text(
        PROCESS.format(
            tests=str(Path(__file__).parent),
            folder=str(tmp_path / "two"),
            data=str(data.clips[0][0].parents[1]),
            out=out,
        )
    )
    root = Path(__file__).parents[2]
    subprocess.run(
        [
            sys.executable,
            "-m",
            "torch.distributed.run",
            "--nproc-per-node=2",
            "--master-port=0",
            "--standalone",
            str(script),
        ],
        check=True,
        env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'tests'}"},
        timeout=240,
    )
    ranks = [torch.load(f"{out}{rank}.pt", weights_only=True) for rank in (0, 1)]
    their_losses, two = ranks[0][0] / 2 + ranks[1][0] / 2, ranks[0][2]
    assert not torch.equal(ranks[0][0], ranks[1][0])  # each has tasks of its own
    for rank in ranks:  # Adam would hide their scale
        assert (rank[1] - gradient).norm() < 0.01 * gradient.norm()
    torch.testing.assert_close(their_losses, losses, atol=1e-4, rtol=1e-4)
    one_learnt = torch.nn.utils.parameters_to_vector(one.parameters).detach() - start
    one.host.load_state_dict(two, strict=False)
    two_learnt = torch.nn.utils.parameters_to_vector(one.parameters).detach() - start
    # Adam turns the rounding of a gradient that is almost zero into a whole step: few, but not none
    assert (two_learnt - one_learnt).norm() < 0.05 * one_learnt.norm()


@pytest.mark.parametrize(
    "spread, picks", [(True, [0, 3, 7, 10, 13, 16, 20, 23]), (False, [1, 4, 7, 10, 13, 16, 19, 22])]
)
def test_frames_for_testing_are_spread_or_the_middle_ones(data, tmp_path, spread, picks):
    clip = data.clips[2][0]  # 24 frames
    seen = trainer(tmp_path, data, spread=spread).inputs.test_view(clip)
    every = read_clip(clip, 24, 112, 112).frames
    assert np.array_equal(seen.permute(0, 2, 3, 1), every[picks])


def test_the_learning_rate_warms_up_and_steps_down():
    schedule = recipe(
        base_lr=1.0,
        warmup_start_lr=0.2,
        warmup_epochs=1,
        iterations_per_epoch=10,
        epoch_steps=[0, 4, 6],
        relative_lrs=[1, 0.5, 0.1],
    )
    assert [round(schedule.learning_rate(task), 6) for task in (0, 5, 10, 39, 40, 60, 99)] == [
        0.2,
        0.6,
        1,
        1,
        0.5,
        0.1,
        0.1,
    ]


def test_a_recipe_extends_another():
    ours, other = load_recipe("simulated/resnet50"), load_recipe("simulated/efficientnet-lite0")
    differing = {name for name, value in ours.model_dump().items() if value != getattr(other, name)}
    assert differing == {"name", "model", "cached_views", "short_side"} and ours.model == "resnet50"


def test_augmentation_changes_a_clip_as_a_whole():
    frames = np.zeros((4, 40, 60, 3), np.uint8)
    frames[:, ::2, ::3] = (200, 90, 30)
    rng = np.random.default_rng(0)
    out = augment(frames, 32, mirrored=True, colour=True, rng=rng)
    assert out.shape == (4, 3, 32, 32) and out.dtype == torch.uint8
    assert all(torch.equal(out[0], frame) for frame in out)
    plain = [augment(frames, 32, False, False, np.random.default_rng(i)) for i in range(8)]
    assert all(torch.isin(p, torch.tensor([0, 30, 90, 200], dtype=torch.uint8)).all() for p in plain)
    assert any(not torch.equal(plain[0], p) for p in plain)


def test_hues_turn_and_greys_stay():
    frames = np.zeros((2, 8, 8, 3), np.uint8)
    frames[:, :4] = (255, 0, 0)
    frames[:, 4:] = 128
    turned = turn_hue(frames, 1 / 3)
    assert np.abs(turned[:, :4].astype(int) - (0, 255, 0)).max() < 8 and (turned[:, 4:] == 128).all()
    assert np.abs(turn_hue(turned, -1 / 3).astype(int) - frames).max() < 12


def test_colours_change_in_hue_brightness_contrast_saturation_and_to_grey(monkeypatch):
    frames = np.zeros((1, 8, 8, 3), np.uint8)
    frames[:, :4], frames[:, 4:] = (120, 100, 100), (60, 50, 50)

    def seen(hue=True, rest=True):
        with monkeypatch.context() as patch:
            if not hue:
                patch.setattr(augmenting, "turn_hue", lambda frames, turn: frames)
            if not rest:
                patch.setattr(augmenting, "jitter", lambda x, rng: x)
            draws = [augment(frames, 8, False, True, np.random.default_rng(i))[0, :, ::7, 0] for i in range(60)]
        return torch.stack(draws).double()  # [60, RGB, light and dark]

    assert len(seen(rest=False).unique(dim=0)) > 20 and not len(seen(hue=False, rest=False).unique(dim=0)) > 1
    light, dark = seen(hue=False).unbind(-1)
    grey = (light == light[:, :1]).all(1)
    assert 0.15 < grey.double().mean() < 0.45
    assert light[:, 1].min() < 70 and light[:, 1].max() > 130  # brightness: a half more or less
    ratio = dark[:, 1] / light[:, 1]  # contrast: what brightness and saturation would leave alone
    assert ratio.min() < 0.45 and ratio.max() > 0.6
    colour = ((light[:, 0] - light[:, 1]) / (light[:, 1] - dark[:, 1]))[~grey]  # saturation: brightness and contrast
    assert colour.min() < 0.3 and colour.max() > 0.5  # change both differences alike


def test_a_mirrored_clip_is_mirrored():
    frames = np.zeros((2, 8, 8, 3), np.uint8)
    frames[:, :, 4:] = 255
    assert augment(frames, 8, False, False, np.random.default_rng(0))[0, 0, 0].tolist() == [0] * 4 + [255] * 4
    assert augment(frames, 8, True, False, np.random.default_rng(0))[0, 0, 0].tolist() == [255] * 4 + [0] * 4


def test_a_stretch_has_one_frame_in_each_part_and_is_not_too_short():
    draws = np.stack([stretch(16, 8, 0.5, np.random.default_rng(i)) for i in range(300)])
    assert (np.diff(draws) >= 0).all() and draws.min() == 0 and draws.max() == 15
    assert 4 <= np.ptp(draws, axis=1).min() < 8
    short = draws[np.ptp(draws, axis=1) < 8]
    assert short[:, 0].max() > 6 and short[:, -1].min() < 9  # it may lie anywhere
    whole = np.stack([stretch(16, 8, 1.0, np.random.default_rng(i)) for i in range(100)])
    assert (whole // 2 == np.arange(8)).all()


def test_enlarging_shows_a_part_of_the_map_the_same_in_all_frames():
    ramp = torch.arange(14.0).expand(2, 3, 14, 14)  # each column has its number
    torch.testing.assert_close(enlarge(ramp, some_part(1, np.random.default_rng(0))), ramp)
    steps, firsts = [], []
    for i in range(200):
        out = enlarge(ramp, some_part(0.5, np.random.default_rng(i)))
        row = out[0, 0, 0]
        torch.testing.assert_close(out, row.expand_as(out))
        steps.append(float(row[7] - row[6]))
        firsts.append(float(row[0]))
    assert 0.5 <= min(steps) < 0.55 and 0.95 < max(steps) <= 1  # a part of half the side, up to the whole
    assert min(firsts) < 0.2 and 5 < max(firsts) < 7  # from the one edge to the other
    assert not torch.equal(
        enlarge(ramp, some_part(0.5, np.random.default_rng(0))), enlarge(ramp, some_part(0.5, np.random.default_rng(1)))
    )


def test_the_part_that_is_enlarged_may_have_another_shape_than_the_map():
    columns = torch.arange(14.0).expand(14, 14)
    both = torch.stack([columns, columns.T]).expand(1, 2, 14, 14)
    parts = [enlarge(both, some_part(0.5, np.random.default_rng(i)))[0] for i in range(50)]
    shapes = np.array([[float(x[7, 7] - x[7, 6]), float(y[7, 7] - y[6, 7])] for x, y in parts])
    assert (shapes[:, 0] < 0.8 * shapes[:, 1]).any() and (shapes[:, 1] < 0.8 * shapes[:, 0]).any()


def test_strided_depthwise_convolutions_stay_in_float_on_processors():
    host = randomise(seeded_host(MODELS["efficientnet-lite0"].config, "d2st")).eval()
    other = with_float_convolutions(host)
    frames = clips(host.config)
    with torch.inference_mode():
        torch.testing.assert_close(other(frames)[0], host(frames)[0])
    assert other.state_dict().keys() == host.state_dict().keys()
    assert not any("InFloat" in str(type(m).__mro__) for m in host.modules())  # the host itself stays as it was
    conv = other.adapters[0].spatial.offset_conv
    x = torch.randn(1, 8, 14, 14, conv.in_channels).bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        rounded_once = conv(x)
        with torch.no_grad():  # what nobody learns from may be as quick as it can
            assert conv(x).dtype == torch.bfloat16
    torch.testing.assert_close(rounded_once, conv(x.float()).bfloat16(), rtol=0, atol=0)


def test_a_validation_is_by_the_matching_that_answers(data, tmp_path, monkeypatch):
    """What else is in the loss answers nothing, and splits are independent of each other."""

    def accuracy_by(splits, *matchings):
        run = trainer(tmp_path, data, matchings=matchings, way=3, validation_episodes=20)
        randomise(run.host)
        return run.accuracy_on([data] * splits)

    wrong = replace(matching.MATCHINGS["otam"], score=lambda distances, *_: distances.mean((-2, -1)))
    monkeypatch.setitem(matching.MATCHINGS, "wrong", wrong)
    one, both = accuracy_by(1, ["otam", True]), accuracy_by(1, ["otam", True], ["wrong", True])
    assert both == one and one.interval > 0
    assert accuracy_by(1, ["wrong", True], ["otam", True]).mean != one.mean
    assert accuracy_by(2, ["otam", True]).interval == pytest.approx(one.interval / 2**0.5)


def test_what_is_tested_and_kept_is_the_running_mean_of_the_weights(data, tmp_path):
    run = trainer(tmp_path, data, averaging=0.5)
    mean = [p.detach().clone() for p in run.parameters]
    for task in (0, 2, 4, 6):
        run.step(task)
        mean = [(old + new.detach()) / 2 for old, new in zip(mean, run.parameters, strict=True)]
    learnt = {name: t.clone() for name, t in run.host.trainable_state().items()}
    run.validate({"task": 8})
    kept = load_file(tmp_path / "best.safetensors")
    names = [name for name, p in run.host.named_parameters() if p.requires_grad]
    for name, expected in zip(names, mean, strict=True):
        torch.testing.assert_close(kept[name], expected)
    assert any(not torch.equal(kept[name], learnt[name]) for name in names)
    assert all(torch.equal(t, learnt[name]) for name, t in run.host.trainable_state().items())


def test_mixed_styles_stay_between_the_clips_and_keep_the_content():
    torch.manual_seed(0)
    maps = torch.randn(4, 8, 6, 5, 5) * torch.arange(1, 5).view(-1, 1, 1, 1, 1) + 3
    mixed = mix_styles(maps, np.random.default_rng(0))
    rest = (1, 3, 4)
    before, after = maps.mean(rest), mixed.mean(rest)
    assert not torch.allclose(before, after, atol=1e-3)
    # A clip's mean and spread come in the same shares from the same other clip.
    spreads, mixed_spreads = maps.std(rest), mixed.std(rest)
    for mine in range(4):
        fits = []
        for other in range(4):
            if other != mine:
                share = ((after[mine] - before[other]) / (before[mine] - before[other])).median()
                expected = share * spreads[mine] + (1 - share) * spreads[other]
                fits.append(float((mixed_spreads[mine] - expected).abs().max() / spreads[mine].max()))
        if not torch.allclose(after[mine], before[mine], atol=1e-4):
            assert min(fits) < 0.02
    assert (after <= before.amax(0) + 1e-4).all() and (after >= before.amin(0) - 1e-4).all()

    def standard(x):
        return (x - x.mean(rest, keepdim=True)) / x.std(rest, keepdim=True)

    torch.testing.assert_close(standard(mixed), standard(maps), atol=1e-4, rtol=1e-4)


@pytest.mark.skipif(not torch.cpu._is_avx512_bf16_supported(), reason="this processor does not compute in bfloat16")
def test_in_mixed_precision_a_task_has_nearly_the_same_loss_and_gradient(data, tmp_path):
    found = []
    for mixed in (False, True):
        host = seeded_host(replace(MODELS["efficientnet-lite0"].config, classes=3), "d2st")
        run = Trainer(
            host,
            recipe(mixed_precision=mixed, short_side=224, crop=224),
            [plain(data)],
            [data],
            tmp_path / str(mixed),
            torch.device("cpu"),
        )
        loss, _ = run.task_loss(0)
        loss.backward()
        found.append((loss.item(), run.host.classifier.weight.grad))
    (exact, gradient), (rounded, other) = found
    assert rounded != exact and rounded == pytest.approx(exact, rel=0.02)
    assert torch.cosine_similarity(gradient.flatten(), other.flatten(), dim=0) > 0.98


def test_opposites_join_an_episode_as_often_as_asked():
    pairs = [[1], [0], [3], [2], [5], [4]]
    drawn = [
        sample_episode(np.random.default_rng(i), range(6), [4] * 6, 3, 1, 1, pairs, 1.0).actions for i in range(60)
    ]
    assert all(len(set(actions)) == 3 and any({a, a ^ 1} <= set(actions) for a in actions) for actions in drawn)
    halves = [
        sample_episode(np.random.default_rng(i), range(6), [4] * 6, 2, 1, 1, pairs, 0.5).actions for i in range(200)
    ]
    together = sum(first ^ 1 == second for first, second in halves)
    assert 90 < together < 150  # half of them, and by chance one in five of the rest
    usable = [sample_episode(np.random.default_rng(i), [0, 2, 3], [4, 1, 4, 4], 2, 1, 1, pairs, 1.0) for i in range(30)]
    assert not any(1 in episode.actions for episode in usable)  # it has one clip
    random = [sample_episode(np.random.default_rng(i), range(6), [4] * 6, 3, 1, 1).actions for i in range(60)]
    assert any(not any({a, a ^ 1} <= set(actions) for a in actions) for actions in random)


def test_in_turn_every_clip_is_the_query_once(data, tmp_path):
    """With all clips of an action alike, a frozen backbone's only mistake could be to take a clip for its own match."""
    run = trainer(tmp_path, data, in_turn=True, auxiliary_loss_weight=None, mixed_styles=0, colour="none")
    grey = {"a": 0, "b": 100, "c": 200}
    run.inputs.drawn = lambda variant, role, rng: torch.full((8, 3, 112, 112), grey[variant.path.parent.name])
    run.inputs.stems = lambda clips: map(run.inputs.stem, clips)
    _, right = run.task_loss(0)
    assert right == 1.0


def test_turned_clips_are_trained_on(data, tmp_path):
    ways = all_ways(data, lambda action: None, lambda action: None)
    host = seeded_host(replace(SMALL_VIT, classes=len(ways.actions)), "d2st")
    run = Trainer(host, recipe(symmetries=True, opposites=0.5), [ways], [data], tmp_path, torch.device("cpu"))
    seen = []
    drawn = run.inputs.drawn
    run.inputs.drawn = lambda variant, role, rng: (seen.append(variant), drawn(variant, role, rng))[1]
    for task in range(6):
        run.task_loss(task)
    assert len(ways.actions) == 24 and (
        {t.mirrored for t in seen} == {t.backwards for t in seen} == {t.and_back for t in seen} == {True, False}
    )


def test_a_split_needs_clips_in_every_action(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(D2STError, match="'empty' in .* holds no clip"):
        read_split(tmp_path)
    assert Split([], []).actions == []
