"""Recipes: everything that decides how a training run goes, in one small YAML file over a common base."""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from d2st.data.datasets import LISTS, class_splits
from d2st.errors import D2STError
from d2st.kinds import KINDS
from d2st.matching import MATCHINGS
from d2st.models.zoo import MODELS, TIMM
from d2st.video.wanted import DECODERS

CONFIGS = Path(__file__).parent / "configs"
BASE = "base"

Count = Annotated[int, Field(ge=0)]
Number = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Part = Annotated[float, Field(gt=0, le=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


def _model(name: str) -> str:
    if name not in MODELS and not name.startswith(TIMM):
        raise ValueError(f"one of {', '.join(MODELS)} or timm/NAME")
    return name


def _kind(name: str) -> str:
    if name not in KINDS:
        raise ValueError(f"one of {', '.join(KINDS)}")
    return name


def _decoder(name: str) -> str:
    if name not in DECODERS:
        raise ValueError(f"one of {', '.join(DECODERS)}")
    return name


def _matching(row: tuple[str, bool]) -> tuple[str, bool]:
    if row[0] not in MATCHINGS:
        raise ValueError(f"[name, centred] with a name of {', '.join(MATCHINGS)}")
    return row


def _data(data: dict[str, Any]) -> dict[str, Any]:
    """What `d2st.data.datasets` reads: the root of a data set, or lists of folders, one a split."""
    texts = {"root", "classes", "how"} if "root" in data else {"how"}
    lists = set() if "root" in data else set(LISTS)
    if missing := lists - data.keys():
        raise ValueError(f"it needs the root of a data set, or folders; {' and '.join(sorted(missing))} are missing")
    if unknown := data.keys() - texts - lists:
        raise ValueError(f"it holds {min(unknown)}, and what it may hold is {', '.join(sorted(texts | lists))}")
    for key in lists:
        if not (isinstance(data[key], list) and data[key] and all(isinstance(folder, str) for folder in data[key])):
            raise ValueError(f"{key} in it should be a list of folders")
    for key in texts & data.keys():
        if not isinstance(data[key], str):
            raise ValueError(f"{key} in it should be a text")
    if "classes" in data and data["classes"] not in class_splits():
        raise ValueError(f"classes in it should be one of {', '.join(class_splits())}")
    return data


class Recipe(BaseModel):
    """A training run. Counts of tasks, sides in pixels; `configs/base.yaml` says what each is for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    model: Annotated[str, AfterValidator(_model)]
    kind: Annotated[str, AfterValidator(_kind)]
    data: Annotated[dict[str, Any], AfterValidator(_data)]
    seed: Count
    way: Annotated[int, Field(ge=2)]
    shot: Number
    queries: Number
    in_turn: bool
    opposites: Share
    matchings: Annotated[list[Annotated[tuple[str, bool], AfterValidator(_matching)]], Field(min_length=1)]
    auxiliary_loss_weight: NotNegative | None
    tasks: Number
    tasks_per_step: Number
    loss_divisor: Positive
    base_lr: Positive
    warmup_start_lr: NotNegative
    warmup_epochs: NotNegative
    iterations_per_epoch: Number
    epoch_steps: Annotated[list[NotNegative], Field(min_length=1)]
    relative_lrs: Annotated[list[Positive], Field(min_length=1)]
    optimiser: Literal["adam", "adamw"]
    weight_decay: NotNegative
    clip_gradient: Positive
    drop_path: Share
    averaging: Annotated[float, Field(ge=0, lt=1)]
    mixed_precision: bool
    validate_every: Number
    validation_episodes: Annotated[int, Field(ge=2)]
    short_side: Number
    crop: Number
    frame_interval: Positive | None
    fps: Annotated[float, Field(gt=0, le=1000)]
    spread: bool
    decoder: Annotated[str, AfterValidator(_decoder)]
    cached_views: Count
    shortest_stretch: Part
    smallest_part: Part
    mixed_styles: Share
    symmetries: bool
    flip: Literal["query", "support", "none"]
    colour: Literal["query", "support", "all", "none"]

    @field_validator("*", mode="before")
    @classmethod
    def _yes_is_no_number(cls, value, info: ValidationInfo):
        if isinstance(value, bool) and cls.model_fields[str(info.field_name)].annotation is not bool:
            raise ValueError("it should be no yes or no")
        return value

    @model_validator(mode="after")
    def _fits_together(self):
        if len(self.epoch_steps) != len(self.relative_lrs):
            raise ValueError(
                f"epoch_steps has {len(self.epoch_steps)} values and relative_lrs {len(self.relative_lrs)}, "
                "and they go together"
            )
        if self.epoch_steps[0] != 0 or self.epoch_steps != sorted(self.epoch_steps):
            raise ValueError("epoch_steps begins with 0 and rises")
        if self.in_turn and (self.shot, self.queries) != (1, 1):
            raise ValueError("clips are taken in turn, which needs one shot and one query")
        if self.crop > self.short_side:
            raise ValueError(f"crop is {self.crop} and short_side {self.short_side}, of which crop is the smaller")
        return self

    def learning_rate(self, task: int) -> float:
        """Stepped rate with a linear warm-up, at a task counted from 0."""
        epoch = task / self.iterations_per_epoch
        if epoch < self.warmup_epochs:
            return self.warmup_start_lr + (self.base_lr - self.warmup_start_lr) * epoch / self.warmup_epochs
        reached = [rate for step, rate in zip(self.epoch_steps, self.relative_lrs, strict=True) if step <= epoch]
        return self.base_lr * reached[-1]

    def window(self, frames: int, share: float = 0.5) -> tuple[float, float] | None:
        """The window of a clip that so many frames are taken from, as `read_clip` wants it."""
        return None if self.frame_interval is None else (frames * self.frame_interval, share)

    def test_frames(self, frames: int) -> dict:
        """Which frames of a clip to test with, as `read_clip` wants it: its `within`, `window`, `decoder` and `fps`."""
        within = None if self.spread else [0.5] * frames
        return dict(within=within, window=self.window(frames), decoder=self.decoder, fps=self.fps)


def recipe_names() -> list[str]:
    return sorted(str(f.relative_to(CONFIGS).with_suffix("")) for f in CONFIGS.glob("*/*.yaml"))


def load_recipe(name: str, **changes: Any) -> Recipe:
    """A recipe by name (`simulated/efficientnet-lite0`) or by its YAML file, with single settings changed.

    Raises `D2STError` for an unknown recipe or setting, and for a value that is none; it names the
    setting, the value and what is allowed.
    """
    merged = {"name": name} | _settings(name) | changes
    known = Recipe.model_fields.keys()
    if wrong := (merged.keys() - known) or (known - merged.keys()):
        problem = "unknown" if merged.keys() - known else "missing"
        raise D2STError(f"The recipe '{name}' has {problem} settings: {', '.join(sorted(wrong))}.")
    try:
        return Recipe(**merged)
    except ValidationError as error:
        first = error.errors()[0]
        said = first["msg"].removeprefix("Value error, ").replace("Input should be", "it should be")
        if not first["loc"]:
            raise D2STError(f"The recipe '{name}' does not fit together: {said}.") from None
        setting = ".".join(str(part) for part in first["loc"] if part in known or isinstance(part, int))
        raise D2STError(f"The recipe '{name}' has {setting}={first['input']!r}: {said}.") from None


def _settings(name: str, below: tuple[str, ...] = ()) -> dict:
    """A recipe's settings over those of the recipe that it extends, by default `configs/base.yaml`."""
    if name in below:
        raise D2STError(f"The recipe '{name}' extends itself: {' → '.join((*below, name))}. Take one 'extends' out.")
    file = Path(name) if name.endswith((".yaml", ".yml")) else CONFIGS / f"{name}.yaml"
    if not file.is_file():
        raise D2STError(f"There is no recipe '{name}'. The recipes are: {', '.join(recipe_names())}.")
    try:
        settings = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise D2STError(f"'{file}' is not valid YAML: {error}") from None
    if not isinstance(settings, dict) or not all(isinstance(key, str) for key in settings):
        raise D2STError(f"'{file}' is no recipe: it should hold settings, one 'name: value' a line.")
    if name == BASE:
        return settings
    return _settings(str(settings.pop("extends", BASE)), (*below, name)) | settings
