"""Image networks by their names at timm: our own where timm would cost more time than the network, else timm's."""

from collections.abc import Callable
from typing import Any

from d2st.networks.efficientnet import EfficientNetLite0

# Of the default model: timm takes as long to load as torch itself, for the hundreds of networks that are not wanted.
OWN: dict[str, Callable[[], Any]] = {"tf_efficientnet_lite0": EfficientNetLite0}


def image_network(architecture: str) -> Any:
    """A network without its classifier, randomly initialised; its modules and weights have timm's names."""
    if architecture in OWN:
        return OWN[architecture]()
    import timm

    return timm.create_model(architecture, num_classes=0)
