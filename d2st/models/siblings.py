"""Siblings of a model: other adapters on the very same frozen backbone, which they share in memory too."""

from pathlib import Path

import torch

from d2st.backbones import Host
from d2st.errors import D2STError
from d2st.kinds import KINDS
from d2st.models.checkpoint import CLASSIFIER, Checkpoint, read_checkpoint, without_classes
from d2st.models.model import Model
from d2st.models.zoo import name_of, seeded_host, shipped

MOST = 64_000_000  # bytes of a checkpoint from a stranger
NUMBERS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def sibling(model: Model, checkpoint: Checkpoint, file: str) -> Model:
    """A checkpoint's adapters on a model's frozen backbone.

    file: what the checkpoint is called in a complaint. Raises `D2STError` where it belongs to another
    host, brings a backbone of its own, or does not fit.
    """
    checkpoint = checkpoint.without_head
    if checkpoint.config != without_classes(model.host.config):
        raise D2STError(
            f"'{file}' belongs to {name_of(checkpoint.config)} or to other settings of it, and this page shows "
            f"{model.name}. Choose adapters that were trained on it."
        )
    if checkpoint.holds_backbone:
        raise D2STError(f"'{file}' brings a backbone of its own. Compare takes adapters of this page's backbone only.")
    host = seeded_host(checkpoint.config, checkpoint.kind, file=file)
    checkpoint.load_into(host, file)
    host.backbone = model.host.backbone
    host = host.to(model.device).eval()
    said = checkpoint.kind, True, checkpoint.training, model.knows_frozen, checkpoint.usual
    return Model(model.name, host, model.device, *said, looks=model.looks, beside=model.beside)


def shipped_siblings(model: Model) -> list[Model]:
    """The adapters that come along for a model's backbone, but for those that it has."""
    files = [shipped(model.name, kind) for kind in KINDS]
    found = [sibling(model, read_checkpoint(file), file.name) for file in files if file.exists()]
    return [each for each in found if not same_adapters(each.host, model.host)]


def same_adapters(one: Host, other: Host) -> bool:
    mine, yours = (
        {name: t for name, t in host.trainable_state().items() if not name.startswith(CLASSIFIER)}
        for host in (one, other)
    )
    return mine.keys() == yours.keys() and all(torch.equal(mine[name], yours[name]) for name in mine)


def dropped_sibling(model: Model, file: str) -> Model:
    """The adapters in a stranger's file, which is named without its folder.

    Raises `D2STError` where it is no checkpoint of ours for this model, or larger than one.
    """
    name = Path(file).name
    if not name.endswith(".safetensors"):
        raise D2STError(f"'{name}' is no .safetensors file. Other kinds of checkpoints are not opened here.")
    if Path(file).stat().st_size > MOST:
        raise D2STError(f"'{name}' has more than {MOST / 1e6:.0f} MB, which no adapters have.")
    try:
        checkpoint = read_checkpoint(file)
    except D2STError as error:
        raise D2STError(str(error).replace(file, name)) from None
    except RecursionError:
        raise D2STError(f"'{name}' does not say what it belongs to: its configuration is damaged.") from None
    odd = next((key for key, tensor in checkpoint.tensors.items() if tensor.dtype not in NUMBERS), None)
    if odd is not None:
        raise D2STError(f"'{name}' is damaged: '{odd:.60}' holds no plain numbers. Export the checkpoint again.")
    return sibling(model, checkpoint, name)
