"""A device without room for a clip, and features that are no numbers."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from visits import clip, filled, small_model

from d2st.adapter import Ablation
from d2st.backbones import Host
from d2st.errors import D2STError
from d2st.models.fallback import NOWHERE, PIECES, PROCESSOR, sturdy
from d2st.models.model import Model
from d2st.recognizer import Recognizer

MESSAGES = (
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: can't allocate memory"),
    RuntimeError("[enforce fail] data. DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."),
    MemoryError(),
)


@dataclass(frozen=True)
class Narrow(Model):
    """A model on a device that has room for so many frames at once; others are an error."""

    room: int = 0
    error: Exception = MESSAGES[0]

    def stem(self, frames):
        if self.device.type == "meta" and len(frames) > self.room:
            raise self.error
        return replace(self, device=torch.device("cpu")).real.stem(frames)

    def adapt(self, stem, inspect=False, ablation=None):
        if self.device.type == "meta" and not self.room:
            raise self.error
        return self.real.adapt(stem, inspect, ablation or Ablation())

    @property
    def real(self):
        return Model(self.name, self.host, torch.device("cpu"), self.kind, self.trained, self.about)


def narrow(room, error=MESSAGES[0], device="meta"):
    model = small_model()
    return Narrow("small", model.host, torch.device(device), model.kind, True, "", room=room, error=error)


@pytest.fixture(autouse=True)
def no_device(monkeypatch):
    """A stem stays where it is, though the device is said to be another."""
    to = torch.Tensor.to
    monkeypatch.setattr(
        torch.Tensor, "to", lambda self, *a, **k: self if a and str(a[0]) == "meta" else to(self, *a, **k)
    )


@pytest.mark.parametrize("room, note", [(8, None), (1, PIECES), (0, PROCESSOR)])
@pytest.mark.parametrize("error", MESSAGES, ids=lambda error: str(error)[-20:])
def test_a_clip_without_room_is_computed_in_another_way_which_is_said(room, note, error):
    frames = clip().frames
    wanted = small_model().encode(frames, inspect=True)
    model = sturdy(narrow(room, error))
    found = model.encode(frames, inspect=True)
    assert torch.allclose(found.features, wanted.features, atol=1e-5) and len(found.traces) == len(wanted.traces)
    assert found.notes == ((note,) if note else ())
    ablation = Ablation(temporal=True)
    apart = model.adapt(model.stem(frames), ablation=ablation)
    assert torch.allclose(apart.features, small_model().encode(frames, ablation=ablation).features, atol=1e-5)
    assert model.fingerprint == small_model().fingerprint and model.model.device.type == "meta"


def test_it_is_said_beside_the_answer():
    recognizer = filled(sturdy(narrow(0)))
    assert recognizer.predict(clip(90, notes=("It is dark.",))).notes == ("It is dark.", PROCESSOR)
    assert filled(small_model()).predict(clip(90)).notes == ()


def test_the_copy_on_the_processor_is_made_once():
    model = sturdy(narrow(0))
    model.encode(clip().frames)
    copy = model.on_processor
    model.encode(clip(1).frames)
    assert model.on_processor is copy and copy.host is not model.host and copy.device.type == "cpu"
    assert all(p.device.type == "cpu" for p in copy.host.parameters())


def test_without_memory_anywhere_there_is_a_sentence():
    class Full(Narrow):
        def stem(self, frames):
            raise self.error

    model = small_model()
    full = Full("small", model.host, torch.device("cpu"), model.kind, True, "", error=MESSAGES[2])
    with pytest.raises(D2STError, match="not enough memory"):
        sturdy(full).encode(clip().frames)
    assert "not enough memory" in NOWHERE


def test_another_error_stays_one():
    with pytest.raises(RuntimeError, match="size of tensor"):
        sturdy(narrow(0, RuntimeError("The size of tensor a must match"))).encode(clip().frames)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_an_error_and_no_answer(value):
    model = small_model()
    with torch.no_grad():
        model.host.norm.bias[0] = float(value)
    assert isinstance(model.host, Host)
    for ask in (Recognizer(model).features, Recognizer(model).inspect):
        with pytest.raises(D2STError, match="no numbers"):
            ask(clip())
