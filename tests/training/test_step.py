"""What a step of training learns from: its episodes, losses, labels and rate, each against the plain formula."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from small import SMALL_VIT, randomise
from test_trainer import recipe
from torch.nn import functional as F

from d2st import matching
from d2st.data.folders import Split
from d2st.models.zoo import seeded_host
from d2st.training import trainer as module
from d2st.training.trainer import Trainer
from d2st.training.variants import Variant, plain

ACTIONS = [["push left", "push right", "stand"], ["lift", "drop", "turn", "wait"]]
CLASSES = sum(map(len, ACTIONS))


def splits():
    return [plain(Split(names, [[Path(f"{name}/{n}") for n in range(6)] for name in names])) for names in ACTIONS]


def run_of(folder, base=None, drop_path=0.0, **changes):
    host = randomise(seeded_host(replace(SMALL_VIT, classes=CLASSES), "d2st", drop_path=drop_path))
    changes = dict(way=3, in_turn=False, opposites=0, mixed_styles=0, cached_views=0) | changes
    return Trainer(host, recipe(**changes), base or splits(), [], folder, torch.device("cpu"))


def label_of(variant):
    return sum(ACTIONS, []).index(variant.path.parent.name)


def shown(run, task, learner=None):
    """The variants and roles that a task asks for, and what it comes to, with the class's number for a stem."""
    asked = []

    def drawn(variant, role, rng):
        asked.append((variant, role))
        return variant

    run.inputs.drawn = drawn
    run.inputs.stems = lambda variants: [torch.full((8, 2, 3, 3), float(label_of(each))) for each in variants]
    run.learner = learner or knowing
    return asked, run.task_loss(task)


def knowing(stems):
    """A learner that tells the classes apart: [N, T, …] → features [N, T, F], base-class logits [N, classes]."""
    labels = stems[:, 0, 0, 0, 0].long()
    one_hot = F.one_hot(labels, CLASSES).float()
    back_and_forth = (-1.0) ** torch.arange(8).view(8, 1)  # of no mean over time, so that centring leaves it as it is
    return one_hot[:, None] * back_and_forth, 9.0 * one_hot


def noisy(stems):
    generator = torch.Generator().manual_seed(0)
    features, logits = knowing(stems)
    return features + torch.randn(features.shape, generator=generator), logits


def test_a_step_moves_the_weights_as_the_recipe_says(tmp_path):
    changes = dict(optimiser="adamw", weight_decay=0.3, clip_gradient=0.7, loss_divisor=4, tasks_per_step=2)
    run = run_of(tmp_path, base_lr=0.1, warmup_start_lr=0.02, relative_lrs=[1, 0.5], **changes)
    own = [torch.nn.Parameter(p.detach().clone()) for p in run.parameters]
    reference = torch.optim.AdamW(own, weight_decay=0.3)

    def loss_of(task, parameters):
        generator = torch.Generator().manual_seed(task)
        return sum((0.1 * torch.randn(p.shape, generator=generator) * p).sum() for p in parameters) + 3.0 * task

    run.task_loss = lambda task: (loss_of(task, run.parameters), task / 10)
    for first, rate in ((0, 0.02), (2, 0.06), (4, 0.05)):  # four tasks an epoch, of which the first warms up
        loss, right = run.step(first)
        assert loss == pytest.approx((loss_of(first, own) + loss_of(first + 1, own)).item() / 2, rel=1e-4)
        assert right == pytest.approx((2 * first + 1) / 20)
        reference.zero_grad()
        ((loss_of(first, own) + loss_of(first + 1, own)) / 4).backward()
        size = torch.nn.utils.clip_grad_norm_(own, 0.7)
        assert size > 0.7
        reference.param_groups[0]["lr"] = rate
        reference.step()
        for ours, theirs in zip(run.parameters, own, strict=True):
            torch.testing.assert_close(ours, theirs)


def test_clipping_and_the_divisor_scale_what_is_learnt(tmp_path):
    def gradient(**changes):
        run = run_of(tmp_path, tasks_per_step=1, **changes)
        run.task_loss = lambda task: (sum(p.sum() for p in run.parameters), 0.0)
        run.step(0)
        return torch.cat([p.grad.flatten() for p in run.parameters])

    whole = gradient(loss_divisor=1, clip_gradient=1e9)
    torch.testing.assert_close(gradient(loss_divisor=4, clip_gradient=1e9), whole / 4)
    assert float(gradient(loss_divisor=1, clip_gradient=0.7).norm()) == pytest.approx(0.7, rel=1e-3)


def test_adam_and_adamw_are_what_they_are_called(tmp_path):
    kinds = {name: type(run_of(tmp_path, optimiser=name).optimiser) for name in ("adam", "adamw")}
    assert kinds == {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}


def test_every_task_of_every_seed_has_its_own_episode(tmp_path):
    runs = {seed: run_of(tmp_path, seed=seed) for seed in (0, 1)}
    drawn = {(seed, task): shown(run, task)[0] for seed, run in runs.items() for task in range(5)}
    assert len({repr(asked) for asked in drawn.values()}) == len(drawn)
    assert all(shown(runs[seed], task)[0] == asked for (seed, task), asked in drawn.items())
    assert {label_of(v) for asked in drawn.values() for v, _ in asked} == set(range(CLASSES))  # from both splits
    for asked in drawn.values():
        assert len({label_of(v) < len(ACTIONS[0]) for v, _ in asked}) == 1  # an episode stays within one


@pytest.mark.parametrize("in_turn, shot, queries", [(False, 2, 3), (True, 1, 1)])
def test_who_tells_the_classes_apart_is_right(tmp_path, in_turn, shot, queries):
    run = run_of(tmp_path, in_turn=in_turn, shot=shot, queries=queries, auxiliary_loss_weight=1.0)
    for task in range(6):
        asked, (loss, right) = shown(run, task)
        assert right == 1.0 and loss < 0.1
        roles = [role for _, role in asked]
        assert roles == ["support"] * 3 * shot + ["query"] * 3 * queries
        assert len({v.path for v, _ in asked}) == len(asked)  # no clip is its own query


def test_in_turn_a_clip_is_not_its_own_match_and_has_one(tmp_path):
    run = run_of(tmp_path, in_turn=True, shot=1, queries=1, matchings=[["bi-mhm", False], ["otam", True]])
    features = torch.randn(6, 8, 16, generator=torch.Generator().manual_seed(0))
    logits, truth = run.logits(features)
    assert truth.tolist() == [3, 4, 5, 0, 1, 2]
    for each, (name, centred) in zip(logits, run.recipe.matchings, strict=True):
        expected = matching.scores(features, features, name, centred)
        itself = torch.eye(6, dtype=torch.bool)
        assert torch.isneginf(each[itself]).all()
        torch.testing.assert_close(each[~itself], expected[~itself])


def test_the_loss_is_the_mean_over_matchings_and_the_weighted_base_classes(tmp_path):
    def loss(matchings, weight, learner=noisy):
        run = run_of(tmp_path, matchings=matchings, auxiliary_loss_weight=weight)
        return [float(shown(run, task, learner)[1][0]) for task in range(4)]

    one, other = loss([["bi-mhm", False]], None), loss([["otam", True]], None)
    both = loss([["bi-mhm", False], ["otam", True]], None)
    assert both == pytest.approx([(a + b) / 2 for a, b in zip(one, other, strict=True)], rel=1e-5) and one != other
    known = float(F.cross_entropy(9.0 * torch.eye(CLASSES), torch.arange(CLASSES)))  # what `knowing` is sure of
    weighted = loss([["bi-mhm", False]], 50.0)
    assert [a - b for a, b in zip(weighted, one, strict=True)] == pytest.approx([50 * known] * 4, abs=1e-4)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_styles_are_mixed_in_as_many_episodes_as_asked(tmp_path, monkeypatch, share):
    run, mixed = run_of(tmp_path, mixed_styles=share), []
    monkeypatch.setattr(module, "mix_styles", lambda stems, rng: (mixed.append(1), stems)[1])
    for task in range(40):
        shown(run, task)
    assert len(mixed) == 40 * share if share != 0.5 else 10 < len(mixed) < 30


def test_opposites_of_the_split_that_is_drawn_join_the_episode(tmp_path):
    def turned(name):  # the clips of an action, of which its opposite shows the same ones mirrored
        return [Variant(Path(f"{name}/{n}")) for n in range(4)]

    first = Split(ACTIONS[0], [turned("push left"), turned("push left"), turned("stand")])
    second = Split(ACTIONS[1], [turned("lift"), turned("wait"), turned("turn"), turned("wait")])
    pairs = ({"push left"}, {"wait"})  # told by the clips that both show
    for share in (0.0, 1.0):
        run = run_of(tmp_path, base=[first, second], way=2, opposites=share)
        names = [[v.path.parent.name for v, _ in shown(run, task)[0]] for task in range(60)]
        joined = [set(each) in pairs for each in names]
        close = [each for each in names if each[0] in ("push left", "wait")]
        assert all(set(each) in pairs for each in close) if share else 0 < sum(joined) < len(close)


def test_the_paths_that_are_dropped_follow_from_the_task(tmp_path):
    run = run_of(tmp_path, drop_path=0.5, auxiliary_loss_weight=None)
    run.host.eval()
    run.task_loss = lambda task, real=run.task_loss: (assert_training(run), real(task))[1]
    run.inputs.drawn = lambda variant, role, rng: torch.tensor(rng.normal(size=(8, 64, 7, 7)), dtype=torch.float32)
    run.inputs.stems = list
    state = {name: t.clone() for name, t in run.host.state_dict().items()}
    losses = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        run.host.load_state_dict(state)
        losses.append(run.step(0)[0])
    assert losses[0] == losses[1]
    run.host.load_state_dict(state)
    run.host.eval()
    real = [float(Trainer.task_loss(run, task)[0].detach()) for task in (0, 1)]
    assert losses[0] != np.mean(real)  # some were


def assert_training(run):
    assert run.host.training and not run.host.backbone.training


def test_the_best_checkpoint_is_the_one_with_the_highest_accuracy(tmp_path, monkeypatch):
    run = run_of(tmp_path)
    results = iter([module.Accuracy(50, 1), module.Accuracy(70, 2), module.Accuracy(60, 3)])
    monkeypatch.setattr(run, "accuracy_on", lambda splits: next(results))
    from d2st.models.checkpoint import read_checkpoint

    for task in (2, 4, 6):
        run.validate({"task": task})
    assert (run.progress.best, run.progress.best_interval) == (70, 2)
    assert "70.0 ± 2.0 %" in read_checkpoint(tmp_path / "best.safetensors").about
    assert "60.0 ± 3.0 %" in read_checkpoint(tmp_path / "last.safetensors").about
