"""Checkpoints: what was trained on top of a frozen backbone, as a safetensors file.

Its tensors bear a host's own names: the trained ones always, the frozen backbone where it came
along. Its metadata says what they belong to:

    format   "d2st 1"
    config   the host's configuration (JSON)
    adapter  the kind of adapter, by its name in `KINDS`: "d2st", "dst", "st", …
    about    what it was trained on, in a sentence
    usual    how many clips its points' usual positions are of (JSON), where tensors `usual.…` hold them
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from d2st.backbones import Config, Host, ViTConfig, build_host, config_from_json, config_to_json
from d2st.errors import D2STError
from d2st.kinds import KINDS
from d2st.models.usual import Usual, hand_over, shapes_in, shapes_of, usual_from_tensors, usual_to_tensors
from d2st.models.weights import refuse_what_is_no_number

FORMAT = "d2st 1"
CLASSIFIER = "classifier."  # begins the names of the base-class head's weights, which only training needs
BEGUN = "; begun from "  # in what a file is about, before the checkpoint that its training was begun from
# Until hosts held the trained class embedding and norm beside the frozen ones, they stood in their places.
_BEFORE = {"backbone.class_embedding": "class_embedding", "backbone.ln_post.": "norm."}


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint read into memory: what it belongs to, and its tensors by name."""

    config: Config
    kind: str
    about: str
    tensors: dict[str, torch.Tensor]
    usual: Usual | None = None

    @property
    def training(self) -> str:
        """What it is about, without the chain of what its training was begun from."""
        return self.about.split(BEGUN)[0]

    @property
    def holds_backbone(self) -> bool:
        """Whether the frozen backbone is in the file, so that no other weights are needed."""
        return any(name.startswith("backbone.") for name in self.tensors)

    @property
    def without_head(self) -> "Checkpoint":
        """The same without its base-class head, which knows only the classes that it was trained on."""
        tensors = {name: t for name, t in self.tensors.items() if not name.startswith(CLASSIFIER)}
        return replace(self, config=without_classes(self.config), tensors=tensors)

    def load_into(self, host: Host, file) -> bool:
        """Copy the tensors into a host, which must want them all and nothing more.

        Gives whether all of the frozen backbone is known afterwards: a checkpoint that brings its
        backbone along may lack those of its weights that training has replaced.
        """
        expected = host.state_dict() if self.holds_backbone else host.trainable_state()
        expected = {name: t for name, t in expected.items() if not name.endswith("num_batches_tracked")}
        replaced = {name for name in expected if name.startswith("backbone.") and name in host.replaced_by_training}
        lacks = replaced - self.tensors.keys()
        wrong = [
            name
            for name in (expected.keys() | self.tensors.keys()) - lacks
            if name not in expected or name not in self.tensors or expected[name].shape != self.tensors[name].shape
        ]
        if wrong:
            raise D2STError(
                f"'{file}' does not fit the model that it names: {len(wrong)} tensors are missing, "
                f"unknown or of another shape, the first is '{min(wrong)}'. Export the checkpoint again."
            )
        refuse_what_is_no_number(self.tensors, file)
        if self.usual:
            refuse_what_is_no_number(usual_to_tensors(self.usual), file)
            if shapes_of(self.usual) != shapes_in(host):
                raise D2STError(
                    f"'{file}' says where other sampling points usually are than its adapters have. "
                    f"Compute them again: python -m d2st usual '{file}'."
                )
            hand_over(self.usual, host)
        host.load_state_dict(self.tensors, strict=False)
        return not lacks


def save_checkpoint(file, host: Host, about: str) -> None:
    """Write what a host was trained on top of its frozen backbone."""
    write(file, Checkpoint(host.config, str(host.kind), about, host.trainable_state()))


def write(file, checkpoint: Checkpoint) -> None:
    """Write a checkpoint; the file appears under its name only when it is whole.

    Raises `D2STError` where it cannot be written there.
    """
    metadata = {
        "format": FORMAT, "config": json.dumps(config_to_json(checkpoint.config)), "adapter": checkpoint.kind,
        "about": checkpoint.about,
    }  # fmt: skip
    tensors = dict(checkpoint.tensors)
    if checkpoint.usual:
        metadata["usual"] = json.dumps({"clips": checkpoint.usual.clips})
        tensors |= usual_to_tensors(checkpoint.usual)
    part = Path(f"{file}.part")
    try:
        save_file({name: t.contiguous().cpu() for name, t in tensors.items()}, str(part), metadata)
        part.replace(file)
    except (OSError, SafetensorError) as error:
        part.unlink(missing_ok=True)
        raise D2STError(f"'{file}' cannot be written ({error}). Choose a file in a folder that is there.") from None


def read_checkpoint(file) -> Checkpoint:
    """Read a checkpoint of ours; `D2STError` where the file is none."""
    try:
        with safe_open(str(file), "pt") as opened:
            metadata = opened.metadata() or {}
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 (it is no dict)
    except FileNotFoundError:
        raise D2STError(f"There is no checkpoint '{file}'. Check the path.") from None
    except (SafetensorError, OSError):
        hint = "Convert it first: python -m d2st import IN.pyth OUT.safetensors."
        raise D2STError(f"'{file}' is no safetensors file. If it is an official checkpoint: {hint}") from None
    if metadata.get("format") != FORMAT:
        raise D2STError(f"'{file}' is a safetensors file, but no adapter checkpoint of this project.")
    try:
        config, kind, about = config_from_json(json.loads(metadata["config"])), metadata["adapter"], metadata["about"]
        usual = usual_from_tensors(tensors, json.loads(metadata["usual"])["clips"]) if "usual" in metadata else None
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise D2STError(
            f"'{file}' does not say what it belongs to: its configuration is missing or damaged ({error}). "
            "Export the checkpoint again."
        ) from None
    if kind not in KINDS:
        raise D2STError(f"'{file}' holds adapters of an unknown kind, '{kind}'. Known are {', '.join(KINDS)}.")
    if isinstance(config, ViTConfig) and not any(".conv1." in name for name in tensors):
        tensors = {_after(name): tensor for name, tensor in tensors.items()}
    return Checkpoint(config, kind, about, tensors, usual)


def _after(name: str) -> str:
    for before, after in _BEFORE.items():
        if name.startswith(before):
            return after + name.removeprefix(before)
    return name


def host_of(config: Config, kind: str | None, file, drop_path: float = 0.0) -> Host:
    """The host that a configuration from a file describes; `D2STError` where there can be none."""
    try:
        return build_host(config, kind, drop_path)
    except (ValueError, TypeError, AssertionError, RuntimeError, ZeroDivisionError, AttributeError) as error:
        raise D2STError(f"'{file}' describes a model that cannot be built: {error}.") from None


def without_classes(config: Config) -> Config:
    """A configuration without its base-class head, to compare what two hosts have in common."""
    return replace(config, classes=0)
