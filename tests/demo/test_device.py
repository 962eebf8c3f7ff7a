"""A GPU that is lent for each call."""

import sys
from types import SimpleNamespace

import numpy as np
import torch

from d2st.adapter import Ablation
from d2st.demo.device import on_lent_device
from d2st.models.fallback import sturdy
from d2st.models.zoo import load_model


def test_without_the_package_a_model_is_itself(monkeypatch):
    monkeypatch.setitem(sys.modules, "spaces", None)
    model = load_model(device="cpu")
    assert on_lent_device(model) is model


def test_with_it_every_way_through_the_network_is_one_wrapped_call(monkeypatch):
    calls = []

    def gpu(call):
        def wrapped(*inputs):
            calls.append(inputs)
            return call(*inputs)

        return wrapped

    monkeypatch.setitem(sys.modules, "spaces", SimpleNamespace(GPU=gpu))
    model = load_model(device="cpu")
    lent = on_lent_device(sturdy(model))  # as on the page
    frames = np.random.default_rng(0).integers(0, 256, (8, 224, 224, 3), np.uint8)
    ablation = Ablation(temporal=True)
    assert torch.equal(lent.encode(frames).features, model.encode(frames).features)
    seen = lent.adapt(lent.stem(frames), inspect=True, ablation=ablation)
    assert torch.equal(seen.features, model.encode(frames, True, ablation).features) and seen.traces
    assert len(calls) == 2 and lent.lent and lent.fingerprint == model.fingerprint and lent.image == 224
