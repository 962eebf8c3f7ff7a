import json
import os
import tempfile
from functools import cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from small import EXAMPLES, SMALL_VIT

from d2st.backbones import RESNET_STAGES, CNNConfig

if "PYTEST_XDIST_WORKER" in os.environ:  # tests run side by side: a thread each, and uploads of their own
    torch.set_num_threads(1)
    os.environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix="d2st-tests-")
else:
    torch.set_num_threads(2)


def is_seen(item) -> bool:
    """Whether a browser looks at the page in a test."""
    return item.path.parent.name == "browser"


def pytest_configure(config):
    config.option.loadscopereorder = False  # what takes longest comes first, not what has most tests


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items):
    """A process takes all tests that a browser sees, one after the other; of the others it takes a file at a time,
    so that what a file's tests share is made once. What is seen takes longest, and comes first."""
    items.sort(key=lambda item: not is_seen(item))
    for item in items:
        item.add_marker(pytest.mark.xdist_group("seen" if is_seen(item) else item.path.stem))


def pytest_make_parametrize_id(val, argname):
    """A test that is given a whole file has its length in its name, which every report carries."""
    if isinstance(val, str | bytes) and len(val) > 200:
        return f"{argname} of {len(val)}"
    return None


def pytest_runtest_setup(item):
    """All others give way to them, who wait for what is to be seen."""
    if "PYTEST_XDIST_WORKER" in os.environ and not is_seen(item) and not os.nice(0):
        os.nice(10)


def reference(name):
    """The tensors of a reference file, and its metadata."""
    with safe_open(Path(__file__).parent / "figures" / f"{name}.safetensors", "pt") as file:
        return dict(zip(file.keys(), map(file.get_tensor, file.keys()), strict=True)), file.metadata()


@pytest.fixture(scope="session")
def vit_reference():
    tensors, metadata = reference("vit")
    return tensors, {key: json.loads(value) for key, value in metadata.items()}


@pytest.fixture(scope="session")
def resnet_reference():
    return reference("resnet_adapters")[0]


@pytest.fixture(scope="session")
def matching_reference():
    return reference("matching")[0]


@pytest.fixture
def official_vit(vit_reference, tmp_path):
    """An official checkpoint file, as its authors' training writes it."""
    tensors, _ = vit_reference
    state = {f"model.{k.removeprefix('weights.')}": t for k, t in tensors.items() if k.startswith("weights.")}
    file = tmp_path / "official.pyth"
    torch.save({"epoch": 3, "model_state": state, "optimizer_state": {}, "cfg": "TRAIN:\n  ENABLE: true\n"}, file)
    return file


@pytest.fixture(scope="session", params=["efficientnet-lite0", "resnet50", "clip-vit-b16"])
def architecture(request):
    """The configuration of each named model, in small: the ViT with two narrow blocks, the smallest ResNet of timm
    with no adapter on its largest map."""
    from d2st.models.zoo import MODELS

    first, second, *rest = RESNET_STAGES
    resnet = CNNConfig("test_resnet", ((*first, *second), *rest), groups=(2, 4, 8))
    small = {"clip-vit-b16": SMALL_VIT, "resnet50": resnet}
    return small.get(request.param, MODELS[request.param].config)


@pytest.fixture(scope="session")
def model():
    """The default model, which many tests may share: it never changes."""
    from d2st.models.zoo import load_model

    return load_model(device="cpu")


@pytest.fixture(scope="session")
def known():
    """What networks made of clips, for `computed_once`."""
    return {}


@pytest.fixture(scope="module")
def computed_once(known):
    """In files of tests that are not of the network: it is loaded once, and computes what it makes of a clip once."""
    from d2st.models import zoo
    from d2st.models.model import Model, Stem

    def once(compute):
        def ask(model, given, *how, **more):
            array = np.ascontiguousarray(given.maps.cpu() if isinstance(given, Stem) else given)
            key = (compute, model.fingerprint, model.beside, blake2b(array).digest(), how, *more.items())
            if key not in known:
                known[key] = compute(model, given, *how, **more)
            return known[key]

        return ask

    with pytest.MonkeyPatch.context() as patch:
        for compute in (Model.stem, Model.adapt):
            patch.setattr(Model, compute.__name__, once(compute))
        patch.setattr(zoo, "load_model", cache(zoo.load_model))
        yield


@pytest.fixture(scope="session")
def clip_path():
    return next(EXAMPLES.glob("people/query/*.mp4"))
