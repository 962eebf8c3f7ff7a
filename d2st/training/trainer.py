"""Episodic training of the adapters (paper section 3.4).

A task is one episode: its query frames are matched against its support frames, and the scores are
the logits of a cross entropy over the episode's ways, or, where clips ask in turn, over all its
other clips; a base-class head on the temporal mean may add a second one. Everything random in task
i follows from the seed and i alone, so that a run that was stopped goes on exactly, and several
processes can share the tasks of a step.
"""

import csv
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import get_ema_multi_avg_fn

from d2st import matching
from d2st.backbones import Host
from d2st.data.episodes import sample_episode, sample_episodes, usable_actions
from d2st.data.folders import Split
from d2st.errors import D2STError
from d2st.models.checkpoint import BEGUN, save_checkpoint
from d2st.models.folding import folded
from d2st.training.augment import mix_styles
from d2st.training.distributed import rank_and_world
from d2st.training.evaluation import Accuracy, accuracies, mean_accuracy
from d2st.training.inputs import Inputs
from d2st.training.precision import mixed_precision, with_float_convolutions
from d2st.training.recipes import Recipe
from d2st.training.variants import Variant, opposites

FREE_TO_CHANGE = {"name", "tasks", "validate_every"}  # settings, when a run goes on


@dataclass
class Progress:
    """How far a run is, and what it has seen; saved with every validation."""

    task: int = 0
    skipped: int = 0  # steps whose gradients were not finite
    best: float = -1.0  # validation accuracy of the best checkpoint, per cent
    best_interval: float = 0.0
    origin: str = ""  # the checkpoint that the run was begun from, "" where its adapters were new
    rows: list[dict] = field(default_factory=list)  # of the validations so far


class Trainer:
    """One training run of a host, in a folder that holds its curves and checkpoints.

    base: lists of `Split` of variants, validation: of clips; an episode is drawn within one of them.
    views: where kept views lie, by default in the run's own folder. origin: the checkpoint whose
    adapters the host was given, in a few words. Raises `D2STError` where the folder cannot be made.
    """

    def __init__(
        self,
        host: Host,
        recipe: Recipe,
        base: list[Split[Variant]],
        validation: list[Split[Path]],
        folder,
        device: torch.device,
        views=None,
        origin: str = "",
    ):
        self.host, self.recipe, self.folder, self.device = (
            with_float_convolutions(folded(host)).to(device), recipe, Path(folder), device,
        )  # fmt: skip
        self.base, self.validation = base, validation
        self.first_class = np.cumsum([0] + [len(split.actions) for split in base])
        self.opposites = [opposites(split) for split in base]
        self.rank, self.world = rank_and_world()
        self.inputs = Inputs(self.host, recipe, device, Path(views) if views else self.folder / "kept views")
        learner = Learner(self.host)
        self.learner = nn.parallel.DistributedDataParallel(learner) if self.world > 1 else learner
        self.parameters: list[Tensor] = [p for p in self.host.parameters() if p.requires_grad]
        make = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[recipe.optimiser]
        self.optimiser = make(self.parameters, lr=recipe.base_lr, weight_decay=recipe.weight_decay, fused=True)
        self.averages = [p.detach().clone() for p in self.parameters]
        self.update_averages = get_ema_multi_avg_fn(recipe.averaging)
        self.progress = Progress(origin=origin)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise D2STError(f"'{self.folder}' cannot hold the run ({error.strerror}). Choose another --out.") from None

    def run(self, progress: Any = iter, report: Callable[[dict], None] = lambda row: None) -> Progress:
        """Train to the end of the recipe. `progress` wraps the steps that are left, as tqdm does;
        `report` is told of each validation, in the first process."""
        recipe, losses, right, started = self.recipe, [], [], time.time()
        for task in progress(range(self.progress.task, recipe.tasks, recipe.tasks_per_step)):
            loss, correct = self.step(task)
            losses.append(loss)
            right.append(correct)
            self.progress.task = done = min(task + recipe.tasks_per_step, recipe.tasks)
            if done // recipe.validate_every > task // recipe.validate_every or done == recipe.tasks:
                row = {
                    "task": done,
                    "loss": float(np.nanmean(losses)),
                    "accuracy": float(100 * np.mean(right)),
                    "learning_rate": recipe.learning_rate(task),
                    "seconds": time.time() - started,
                }
                self.validate(row)
                if not self.rank:
                    report(row)
                losses, right = [], []
        return self.progress

    def step(self, first_task: int) -> tuple[float, float]:
        """One step of the optimiser → mean loss and share of right answers of this process's tasks."""
        recipe = self.recipe
        self.host.train()
        for group in self.optimiser.param_groups:
            group["lr"] = recipe.learning_rate(first_task)
        self.optimiser.zero_grad()
        tasks = range(first_task, first_task + recipe.tasks_per_step)[self.rank :: self.world]
        losses, right = [], []
        for task in tasks:
            loss, correct = self.task_loss(task)
            (loss * self.world / recipe.loss_divisor).backward()  # processes average, tasks add up
            losses.append(loss.item())
            right.append(correct)
        size = nn.utils.clip_grad_norm_(self.parameters, recipe.clip_gradient)
        if torch.isfinite(size):
            self.optimiser.step()
            self.update_averages(self.averages, self.parameters, None)
        else:
            self.progress.skipped += 1
        return float(np.mean(losses)), float(np.mean(right))

    def task_loss(self, task: int) -> tuple[Tensor, float]:
        """The loss of one task and its share of right answers."""
        recipe = self.recipe
        rng = np.random.default_rng([recipe.seed, task])
        where = int(rng.integers(len(self.base)))
        split = self.base[where]
        sizes = [len(clips) for clips in split.clips]
        numbers = (recipe.way, recipe.shot, recipe.queries)
        usable = usable_actions(sizes, *numbers)
        episode = sample_episode(rng, usable, sizes, *numbers, self.opposites[where], recipe.opposites)
        roles = (("support", episode.support), ("query", episode.query))
        views = [
            self.inputs.drawn(split.clips[action][clip], role, rng)
            for role, picks in roles
            for action, row in zip(episode.actions, picks, strict=True)
            for clip in row
        ]
        stems = torch.stack(list(self.inputs.stems(views)))
        if rng.random() < recipe.mixed_styles:
            stems = mix_styles(stems, rng)
        torch.manual_seed(int(rng.integers(2**63)))  # for the paths that are dropped
        with mixed_precision(recipe, stems.device):
            features, class_logits = self.learner(stems)
        all_logits, truth = self.logits(features.float())
        loss = torch.stack([F.cross_entropy(logits, truth) for logits in all_logits]).mean()
        if recipe.auxiliary_loss_weight:
            classes = torch.tensor(episode.actions + self.first_class[where], device=features.device)
            classes = torch.cat([classes.repeat_interleave(recipe.shot), classes.repeat_interleave(recipe.queries)])
            loss = loss + recipe.auxiliary_loss_weight * F.cross_entropy(class_logits.float(), classes)
        right = np.mean([float((logits.argmax(1) == truth).float().mean()) for logits in all_logits])
        return loss, float(right)

    def logits(self, features: Tensor) -> tuple[list[Tensor], Tensor]:
        """Frame features of an episode [N, T, F], support first → each matching's logits, a row a query,
        and the right column of each row."""
        recipe, device = self.recipe, features.device
        shots, queries = recipe.way * recipe.shot, recipe.way * recipe.queries
        if recipe.in_turn:  # every clip asks all the others, of which one shows the same action
            itself = torch.eye(shots + queries, dtype=torch.bool, device=device)
            truth = torch.arange(shots + queries, device=device).roll(shots)
            scores = [matching.scores(features, features, *how) for how in recipe.matchings]
            return [each.masked_fill(itself, -torch.inf) for each in scores], truth
        support, query = features.split([shots, queries])
        support = support.unflatten(0, (recipe.way, recipe.shot))  # [way, shot, T, F]
        truth = torch.arange(recipe.way, device=device).repeat_interleave(recipe.queries)
        return [matching.scores(support, query, *how) for how in recipe.matchings], truth

    def validate(self, row: dict) -> None:
        """Accuracy on validation classes; the curves, the state to resume from, and the best checkpoint."""
        with self.averaged():
            result = self.accuracy_on(self.validation)
            if self.rank:  # one process writes
                return
            about = f"trained by the recipe {self.recipe.name}, {row['task']} tasks, validation accuracy {result}"
            if self.progress.origin:
                about += BEGUN + self.progress.origin
            if result.mean > self.progress.best:
                self.progress.best, self.progress.best_interval = result.mean, result.interval
                save_checkpoint(self.folder / "best.safetensors", self.host, about)
            save_checkpoint(self.folder / "last.safetensors", self.host, about)
        row |= {"validation": result.mean, "interval": result.interval, "skipped": self.progress.skipped}
        self.progress.rows.append(row)
        state = {
            "optimiser": self.optimiser.state_dict(),
            "trainable": self.host.trainable_state(),
            "averages": self.averages,
            "progress": vars(self.progress),
            "recipe": self.recipe.model_dump(mode="json"),
        }
        with whole(self.folder / "state.pt") as part:
            torch.save(state, part)
        with whole(self.folder / "curves.csv") as part, open(part, "w", newline="") as file:
            writer = csv.DictWriter(file, row)
            writer.writeheader()
            writer.writerows(self.progress.rows)

    @contextmanager
    def averaged(self):
        """The host with its averaged weights, which are the ones that are tested and kept."""
        learnt = [p.detach().clone() for p in self.parameters]
        with torch.no_grad():
            torch._foreach_copy_(self.parameters, self.averages)
            yield
            torch._foreach_copy_(self.parameters, learnt)

    @torch.inference_mode()
    def accuracy_on(self, splits: list[Split[Path]]) -> Accuracy:
        """Mean accuracy over the splits by the recipe's first matching, each clip taken as when testing."""
        self.host.eval()
        answering = self.recipe.matchings[0]
        results = []
        for split in splits:
            views = [self.inputs.for_test(clip) for clips in split.clips for clip in clips]
            encoded = torch.stack([self.encode(stem) for stem in self.inputs.stems(views)])
            features = list(encoded.split([len(clips) for clips in split.clips]))
            episodes = sample_episodes(
                [len(f) for f in features], self.recipe.way, self.recipe.shot, 1, self.recipe.validation_episodes, 0
            )
            results.append(accuracies(features, episodes, [answering])[answering])
        return mean_accuracy(results)

    def encode(self, stem: Tensor) -> Tensor:
        """A clip's stem output [T, …] → its frame features [T, F]."""
        return self.host.adapt(stem[None])[0][0].cpu()

    def resume(self, changed: bool = False) -> bool:
        """Go on where the folder's last validation left off; False where there is none.

        Raises `D2STError` where the run was begun by another recipe, but for `FREE_TO_CHANGE`, unless
        `changed` says that this is meant; where it was begun from another checkpoint than this one, if any, or
        trained another network; and where its state cannot be read.
        """
        file = self.folder / "state.pt"
        if not file.exists():
            return False
        try:
            state = torch.load(file, map_location=self.device, weights_only=True)
            before, progress = dict(state["recipe"]), Progress(**state["progress"])
            shapes = {name: tensor.shape for name, tensor in state["trainable"].items()}
        except Exception as error:  # whatever a damaged file brings up
            raise D2STError(
                f"'{file}' cannot be read ({type(error).__name__}). Remove it to begin again, or name another --out."
            ) from None
        now = self.recipe.model_dump(mode="json")
        differ = [
            f"{name} was {before.get(name)!r} and is {now[name]!r}"
            for name in now
            if name not in FREE_TO_CHANGE and before.get(name) != now[name]
        ]
        if differ and not changed:
            raise D2STError(
                f"The run in '{self.folder}' was begun by another recipe: {'; '.join(differ)}. "
                "Take another --out, or say --changed-recipe to go on all the same."
            )
        if self.progress.origin not in ("", progress.origin):
            raise D2STError(
                f"The run in '{self.folder}' was begun from {progress.origin or 'new adapters'}, and not from "
                f"{self.progress.origin}. Leave out --from to go on with it, or take another --out."
            )
        if shapes != {name: tensor.shape for name, tensor in self.host.trainable_state().items()}:
            raise D2STError(
                f"The run in '{self.folder}' trained another network or had another number of base classes, and cannot "
                "go on with this one. Take another --out."
            )
        self.host.load_state_dict(state["trainable"], strict=False)
        self.optimiser.load_state_dict(state["optimiser"])
        for group in self.optimiser.param_groups:
            group["weight_decay"] = self.recipe.weight_decay
        self.averages = state["averages"]
        self.progress = progress
        return True


@contextmanager
def whole(file: Path):
    """A path to write to; `file` appears, or changes, only when it is whole."""
    part = file.with_name(file.name + ".part")
    yield part
    part.replace(file)


class Learner(nn.Module):
    """What is trained, as one module, so that it can be spread over processes."""

    def __init__(self, host: Host):
        super().__init__()
        self.host = host

    def forward(self, stems: Tensor):
        """Stem outputs [B, T, …] → features [B, T, F] and base-class logits [B, classes], or None."""
        features, _ = self.host.adapt(stems)
        return features, self.host.base_class_logits(features)
