"""What to do where a device has no room for a clip: less at once, then the processor."""

import copy
import threading
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import torch
from torch.nn import Parameter

from d2st.adapter import NOTHING, Ablation
from d2st.errors import D2STError
from d2st.models.model import Model, Stem, around
from d2st.trace import Encoding

NO_ROOM = ("out of memory", "not enough memory", "can't allocate memory", "alloc_failed")  # torch has no one error
PIECES = "The device had no room for the clip, so its frames were computed one by one."
PROCESSOR = "The device had no room for the clip, so it was computed on the processor, which takes longer."
NOWHERE = "This computer has not enough memory free for the clip. Try again later, or with a smaller network."


@dataclass(frozen=True)
class SturdyModel(Model):
    """As the model that it is made of, which it leaves as it is; an `Encoding` says where another way was taken."""

    model: Any = None
    lock: Any = field(default_factory=threading.Lock, repr=False, compare=False)

    def encode(self, frames, inspect: bool = False, ablation: Ablation = NOTHING) -> Encoding:
        encoding = self.attempt(lambda: self.model.encode(frames, inspect, ablation))
        if encoding is None:
            encoding = self.attempt(lambda: self.model.adapt(self.pieces(frames), inspect, ablation))
            encoding = encoding and replace(encoding, notes=(PIECES,))
        return encoding or self.elsewhere(lambda model: model.encode(frames, inspect, ablation))

    def stem(self, frames):
        stem = self.attempt(lambda: self.model.stem(frames))
        stem = self.attempt(lambda: self.pieces(frames)) if stem is None else stem
        return self.last_attempt(lambda: self.on_processor.stem(frames)) if stem is None else stem

    def adapt(self, stem, inspect: bool = False, ablation: Ablation = NOTHING) -> Encoding:
        encoding = self.attempt(lambda: self.model.adapt(stem.to(self.device), inspect, ablation))
        return encoding or self.elsewhere(lambda model: model.adapt(stem.to("cpu"), inspect, ablation))

    def pieces(self, frames):
        """The stem, a frame at a time: it is where a convolutional network needs most room."""
        return Stem.joined([self.model.stem(frames[index : index + 1]) for index in range(len(frames))])

    def elsewhere(self, compute) -> Encoding:
        return replace(self.last_attempt(lambda: compute(self.on_processor)), notes=(PROCESSOR,))

    def attempt(self, compute):
        """What is computed, or None where there is no room for it."""
        try:
            return compute()
        except (RuntimeError, MemoryError) as error:  # torch.OutOfMemoryError is a RuntimeError
            if not _no_room(error):
                raise
        # After the error is gone, since it holds on to what was computed so far.
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        return None

    def last_attempt(self, compute):
        result = self.attempt(compute)
        if result is None:
            raise D2STError(NOWHERE)
        return result

    @property
    def on_processor(self) -> Model:
        if self.device.type == "cpu":
            raise D2STError(NOWHERE)
        with self.lock:
            return self._copy

    @cached_property
    def _copy(self) -> Model:
        """A copy of the model on the processor, made when it is first wanted."""
        known: dict[int, Any] = {id(each): Parameter(each.detach().cpu(), False) for each in self.host.parameters()}
        known |= {id(each): each.cpu() for each in self.host.buffers()}
        host = copy.deepcopy(self.host, known)  # there may be no room for a copy where the model is
        return replace(self.model, host=host, device=torch.device("cpu"))


def _no_room(error: Exception) -> bool:
    return isinstance(error, MemoryError) or any(said in str(error).lower() for said in NO_ROOM)


def sturdy(model: Model) -> SturdyModel:
    """The model, with a way out where its device has no room."""
    return around(SturdyModel, model, model=model)
