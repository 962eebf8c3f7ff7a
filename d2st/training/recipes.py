"""Recipes: everything that decides how a training run goes, in one small YAML file over a common base."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path

import yaml

from d2st.errors import D2STError
from d2st.matching import MATCHINGS

CONFIGS = Path(__file__).parent / "configs"
BASE = "base"


@dataclass(frozen=True)
class Recipe:
    """A training run. Counts of tasks, sides in pixels; `configs/base.yaml` says what each is for."""

    name: str
    model: str
    adapter: str
    data: dict
    seed: int
    way: int
    shot: int
    queries: int
    in_turn: bool
    opposites: float
    matchings: list
    auxiliary_loss_weight: float | None
    tasks: int
    tasks_per_step: int
    loss_divisor: float
    base_lr: float
    warmup_start_lr: float
    warmup_epochs: float
    iterations_per_epoch: int
    epoch_steps: list
    relative_lrs: list
    optimiser: str
    weight_decay: float
    clip_gradient: float
    drop_path: float
    averaging: float
    mixed_precision: bool
    validate_every: int
    validation_episodes: int
    short_side: int
    crop: int
    frame_interval: float | None
    spread: bool
    cached_views: int
    shortest_stretch: float
    smallest_part: float
    mixed_styles: float
    symmetries: bool
    flip: str
    colour: str

    def learning_rate(self, task: int) -> float:
        """Stepped rate with a linear warm-up, at a task counted from 0."""
        epoch = task / self.iterations_per_epoch
        if epoch < self.warmup_epochs:
            return self.warmup_start_lr + (self.base_lr - self.warmup_start_lr) * epoch / self.warmup_epochs
        reached = [rate for step, rate in zip(self.epoch_steps, self.relative_lrs) if step <= epoch]
        return self.base_lr * reached[-1]

    def window(self, frames: int, share: float = 0.5) -> tuple[float, float] | None:
        """The window of a clip that so many frames are taken from, as `read_clip` wants it."""
        return None if self.frame_interval is None else (frames * self.frame_interval, share)

    def test_frames(self, frames: int) -> dict:
        """Which frames of a clip to test with, as `read_clip` wants it: its `within` and `window`."""
        return dict(within=None if self.spread else [0.5] * frames, window=self.window(frames))

    def to_dict(self) -> dict:
        return asdict(self)


def recipe_names() -> list[str]:
    return sorted(str(f.relative_to(CONFIGS).with_suffix("")) for f in CONFIGS.glob("*/*.yaml"))


def load_recipe(name: str, **changes) -> Recipe:
    """A recipe by name (`simulated/efficientnet-lite0`) or by its YAML file, with single settings changed.

    Raises `D2STError` for an unknown recipe, setting or value.
    """
    merged = {"name": name} | _settings(name) | changes
    known = {f.name for f in fields(Recipe)}
    if wrong := (merged.keys() - known) or (known - merged.keys()):
        problem = "unknown" if merged.keys() - known else "missing"
        raise D2STError(f"The recipe '{name}' has {problem} settings: {', '.join(sorted(wrong))}.")
    for matching, _ in merged["matchings"]:
        if matching not in MATCHINGS:
            raise D2STError(
                f"The recipe '{name}' names an unknown matching '{matching}'. Known: {', '.join(MATCHINGS)}."
            )
    recipe = Recipe(**merged)
    if recipe.in_turn and (recipe.shot, recipe.queries) != (1, 1):
        raise D2STError(f"The recipe '{name}' takes clips in turn, which needs one shot and one query.")
    return recipe


def _settings(name: str) -> dict:
    """A recipe's settings over those of the recipe that it extends, by default `configs/base.yaml`."""
    file = Path(name) if name.endswith((".yaml", ".yml")) else CONFIGS / f"{name}.yaml"
    if not file.is_file():
        raise D2STError(f"There is no recipe '{name}'. The recipes are: {', '.join(recipe_names())}.")
    try:
        settings = yaml.safe_load(file.read_text()) or {}
    except yaml.YAMLError as error:
        raise D2STError(f"'{file}' is not valid YAML: {error}") from None
    return settings if name == BASE else _settings(settings.pop("extends", BASE)) | settings
