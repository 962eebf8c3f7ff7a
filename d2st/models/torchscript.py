"""Tensors out of a TorchScript archive, as OpenAI publishes CLIP, without running any of its code.

The archive is a zip that holds a pickle of the module tree and a file of bytes for each storage.
Objects of the archive's own classes become bare holders of their attributes, and only what builds
tensors is let in beside them.
"""

import io
import pickle
import zipfile
from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor

_DTYPES = {
    "FloatStorage": torch.float32, "HalfStorage": torch.float16, "BFloat16Storage": torch.bfloat16,
    "DoubleStorage": torch.float64, "LongStorage": torch.int64, "IntStorage": torch.int32,
    "ShortStorage": torch.int16, "CharStorage": torch.int8, "ByteStorage": torch.uint8, "BoolStorage": torch.bool,
}  # fmt: skip


def is_archive(file) -> bool:
    """Whether a file is a TorchScript archive: a zip that brings code along."""
    if not zipfile.is_zipfile(file):
        return False
    with zipfile.ZipFile(file) as archive:
        return any(part.endswith("/constants.pkl") for part in archive.namelist())


def read_archive(file) -> dict[str, Tensor]:
    """Parameters and buffers by name. Raises `pickle.UnpicklingError` for anything that is not built of tensors."""
    with zipfile.ZipFile(file) as archive:
        [tree] = [name for name in archive.namelist() if name.count("/") == 1 and name.endswith("/data.pkl")]
        root = tree.removesuffix("data.pkl")
        module = _Unpickler(archive, root, archive.read(tree)).load()
    return dict(_tensors(module, ""))


class _Holder:
    """An object of one of the archive's classes: its attributes and nothing else."""

    def __init__(self, *_):
        self.attributes: Any = {}

    def __setstate__(self, state):
        self.attributes = state


def _tensors(holder: _Holder, prefix: str):
    attributes = holder.attributes if isinstance(holder.attributes, dict) else {}
    for name, value in attributes.items():
        if isinstance(value, Tensor):
            yield prefix + name, value
        elif isinstance(value, _Holder):
            yield from _tensors(value, f"{prefix}{name}.")


class _Unpickler(pickle.Unpickler):
    def __init__(self, archive: zipfile.ZipFile, root: str, tree: bytes):
        super().__init__(io.BytesIO(tree))
        self.archive, self.root = archive, root

    def find_class(self, module, name):
        if module.startswith("__torch__"):
            return _Holder
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) in (("torch._utils", "_rebuild_tensor_v2"), ("torch._utils", "_rebuild_tensor")):
            return _view
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        if module == "torch.jit._pickle" and name.startswith(("build_", "restore_type_tag")):
            return lambda value, *_: value
        raise pickle.UnpicklingError(f"{module}.{name} builds no tensor")

    def persistent_load(self, pid):
        kind, dtype, key, *_ = pid
        if kind != "storage":
            raise pickle.UnpicklingError(f"an unknown reference, {kind}")
        return torch.frombuffer(bytearray(self.archive.read(f"{self.root}data/{key}")), dtype=dtype)


def _view(storage: Tensor, offset, size, stride, *_) -> Tensor:
    return torch.as_strided(storage, size, stride, offset).clone()
