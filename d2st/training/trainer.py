"""Episodic training of the adapters (paper section 3.4).

A task is one episode: its query frames are matched against its support frames, and the scores are
the logits of a cross entropy over the episode's ways, or, where clips ask in turn, over all its
other clips; a base-class head on the temporal mean may add a second one. Everything random in task
i follows from the seed and i alone, so that a run that was stopped goes on exactly, and several
processes can share the tasks of a step.
"""

import atexit
import csv
import hashlib
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import get_ema_multi_avg_fn

from d2st import matching
from d2st.data.episodes import sample_episode, sample_episodes, usable_actions
from d2st.data.folders import Split
from d2st.models.checkpoint import save_checkpoint
from d2st.models.folding import folded
from d2st.training.augment import augment, enlarge, mix_styles, stretch
from d2st.training.evaluation import Accuracy, accuracies, mean_accuracy
from d2st.training.recipes import Recipe
from d2st.training.variants import Take, opposites
from d2st.video import read_clip

READ_FRAMES = 16  # of a clip: training takes its frames from these, other ones each time


class Inputs:
    """Stem outputs of clips; where the recipe keeps views, each is computed once and kept on disk.

    Runs that share the folder share the work, and the system holds in memory what fits.
    """

    def __init__(self, host, recipe: Recipe, device, folder: Path):
        self.host, self.recipe, self.device, self.folder = host, recipe, device, folder
        first = next(host.backbone.parameters()).detach().cpu().numpy().tobytes()
        backbone = hashlib.sha256(first).hexdigest()
        config = replace(host.config, classes=0)
        self.settings = (
            backbone,
            config,
            recipe.seed,
            recipe.short_side,
            recipe.crop,
            recipe.frame_interval,
            READ_FRAMES,
            recipe.mixed_precision,
        )

    def get(self, take: Take, role: str, rng: np.random.Generator) -> Tensor:
        """One take to train on, as "support" or "query" → its stem output [T, …]."""
        recipe, path = self.recipe, take.path
        mirrored = take.mirrored ^ (recipe.flip == role and rng.random() < 0.5)
        colour = recipe.colour in (role, "all")
        seen = stretch(READ_FRAMES, self.host.config.frames, recipe.shortest_stretch, rng)
        if recipe.cached_views:
            number = int(rng.integers(recipe.cached_views))
            fixed = np.random.default_rng([recipe.seed, number, mirrored, *str(path).encode()])
            stem = self.kept(path, (number, mirrored, colour), lambda: self.view(path, mirrored, colour, fixed), seen)
            stem = enlarge(stem, recipe.smallest_part, rng)
        else:
            stem = self.stem(self.view(path, mirrored, colour, rng)[seen])
        return take.in_order(stem)

    def get_for_test(self, path: Path) -> Tensor:
        """One clip as when testing → its stem output [T, …]."""
        recipe = self.recipe
        if recipe.cached_views:
            return self.kept(path, ("test", recipe.spread), lambda: self.test_view(path))
        return self.stem(self.test_view(path))

    def kept(self, path: Path, what, view, frames=slice(None)) -> Tensor:
        """The stem's output for the pixels that `view()` gives, or of some of its frames."""
        changed = path.stat()
        name = repr((str(path), changed.st_size, changed.st_mtime_ns, what, self.settings))
        file = self.folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.npy"
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(f".{os.getpid()}.part")
            with open(part, "wb") as out:
                np.save(out, self.stem(view()).half().cpu().numpy())
            part.replace(file)
        return torch.tensor(np.load(file, mmap_mode="r")[frames], device=self.device).float()

    def view(self, path, mirrored, colour, rng) -> Tensor:
        """Augmented frames of a clip: uint8 [READ_FRAMES, 3, crop, crop]."""
        recipe = self.recipe
        within = rng.uniform(0, 1, READ_FRAMES)
        window = recipe.window(self.host.config.frames, rng.uniform()) if recipe.frame_interval else None
        clip = read_clip(path, READ_FRAMES, recipe.short_side, crop=None, within=within, window=window)
        return augment(clip.frames, recipe.crop, mirrored, colour, rng)

    def test_view(self, path) -> Tensor:
        """The frames that the model sees when testing: uint8 [T, 3, crop, crop]."""
        frames, recipe = self.host.config.frames, self.recipe
        clip = read_clip(path, frames, recipe.short_side, recipe.crop, **recipe.test_frames(frames))
        return torch.tensor(clip.frames).permute(0, 3, 1, 2)

    @torch.no_grad()
    def stem(self, pixels: Tensor) -> Tensor:
        with mixed_precision(self.recipe, self.device):
            return self.host.stem(self.host.normalise(pixels.to(self.device))[None])[0].float()


@dataclass
class Progress:
    """How far a run is, and what it has seen; saved with every validation."""

    task: int = 0
    skipped: int = 0  # steps whose gradients were not finite
    best: float = -1.0  # validation accuracy of the best checkpoint, per cent
    best_interval: float = 0.0
    rows: list[dict] = field(default_factory=list)  # of the validations so far


class Trainer:
    """One training run of a host, in a folder that holds its curves and checkpoints.

    base: lists of `Split` of takes, validation: of clips; an episode is drawn within one of them.
    """

    def __init__(self, host, recipe: Recipe, base: list[Split], validation: list[Split], folder, device):
        host = folded(host)
        keep_strided_convolutions_float(host)
        self.host, self.recipe, self.folder, self.device = host.to(device), recipe, Path(folder), device
        self.base, self.validation = base, validation
        self.first_class = np.cumsum([0] + [len(split.actions) for split in base])
        self.opposites = [opposites(split) for split in base]
        shared = dist.is_available() and dist.is_initialized()
        self.rank, self.world = (dist.get_rank(), dist.get_world_size()) if shared else (0, 1)
        self.inputs = Inputs(self.host, recipe, device, self.folder.parent / "kept views")
        learner = Learner(self.host)
        self.learner = nn.parallel.DistributedDataParallel(learner) if self.world > 1 else learner
        self.parameters = [p for p in self.host.parameters() if p.requires_grad]
        make = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[recipe.optimiser]
        self.optimiser = make(self.parameters, lr=recipe.base_lr, weight_decay=recipe.weight_decay)
        self.averages = [p.detach().clone() for p in self.parameters]
        self.update_averages = get_ema_multi_avg_fn(recipe.averaging)
        self.progress = Progress()
        self.folder.mkdir(parents=True, exist_ok=True)

    def run(self, progress=iter, report=lambda row: None) -> Progress:
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
        stems = torch.stack(
            [
                self.inputs.get(split.clips[action][clip], role, rng)
                for role, picks in roles
                for action, row in zip(episode.actions, picks)
                for clip in row
            ]
        )
        if rng.random() < recipe.mixed_styles:
            stems = mix_styles(stems, rng)
        torch.manual_seed(int(rng.integers(2**63)))  # for the paths that are dropped
        with mixed_precision(recipe, stems.device):
            features, class_logits = self.learner(stems)
        all_logits, truth = self.logits(features.float())
        loss = sum(F.cross_entropy(logits, truth) for logits in all_logits) / len(all_logits)
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
            "recipe": self.recipe.to_dict(),
        }
        torch.save(state, self.folder / "state.pt")
        with open(self.folder / "curves.csv", "w", newline="") as file:
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
    def accuracy_on(self, splits: list[Split]) -> Accuracy:
        """Mean accuracy over the splits and the recipe's matchings, each clip taken as when testing."""
        self.host.eval()
        results = []
        for split in splits:
            features = [
                torch.stack([self.encode(self.inputs.get_for_test(clip)) for clip in clips]) for clips in split.clips
            ]
            episodes = sample_episodes(
                [len(f) for f in features], self.recipe.way, self.recipe.shot, 1, self.recipe.validation_episodes, 0
            )
            results += accuracies(features, episodes, [tuple(m) for m in self.recipe.matchings]).values()
        return mean_accuracy(results)

    def encode(self, stem: Tensor) -> Tensor:
        """A clip's stem output [T, …] → its frame features [T, F]."""
        return self.host.adapt(stem[None])[0][0].cpu()

    def resume(self) -> bool:
        """Go on where the folder's last validation left off; False where there is none."""
        file = self.folder / "state.pt"
        if not file.exists():
            return False
        state = torch.load(file, map_location=self.device, weights_only=True)
        self.host.load_state_dict(state["trainable"], strict=False)
        self.optimiser.load_state_dict(state["optimiser"])
        self.averages = state["averages"]
        self.progress = Progress(**state["progress"])
        return True


def mixed_precision(recipe: Recipe, device: torch.device):
    """bfloat16 where the recipe allows it and the device computes in it; elsewhere it would only cost time."""
    able = device.type == "cuda" or (device.type == "cpu" and torch.cpu._is_avx512_bf16_supported())
    return torch.autocast(device.type, torch.bfloat16, enabled=recipe.mixed_precision and able)


def keep_strided_convolutions_float(host: nn.Module) -> None:
    """Depthwise convolutions with a stride stay in float32: on processors their bfloat16 gradient takes ten times
    as long, as much as all the rest of a step."""
    for conv in host.modules():
        if isinstance(conv, (nn.Conv2d, nn.Conv3d)) and conv.groups > 1 and max(conv.stride) > 1:
            conv.register_forward_pre_hook(lambda _, inputs: (inputs[0].float(),))
            conv.forward = torch.autocast("cpu", enabled=False)(conv.forward)


def join_processes(device: torch.device) -> torch.device:
    """Under torchrun: join the other processes, each on a GPU of its own where there are GPUs."""
    if "LOCAL_RANK" not in os.environ:
        return device
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    atexit.register(dist.destroy_process_group)
    return device


class Learner(nn.Module):
    """What is trained, as one module, so that it can be spread over processes."""

    def __init__(self, host):
        super().__init__()
        self.host = host

    def forward(self, stems: Tensor):
        """Stem outputs [B, T, …] → features [B, T, F] and base-class logits [B, classes], or None."""
        features, _ = self.host.adapt(stems)
        return features, self.host.base_class_logits(features) if self.host.classifier else None
