"""Our own network is timm's, under timm's names."""

import pytest
import timm
import torch

from d2st.models.derive import roughened
from d2st.networks import OWN, image_network


@pytest.fixture(scope="module", params=OWN)
def both(request):
    """Ours with the weights of timm's, and timm's."""
    torch.manual_seed(0)
    theirs = roughened(timm.create_model(request.param, num_classes=0)).eval()
    ours = image_network(request.param).eval()
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def test_weights_have_timms_names_and_order(both):
    ours, theirs = (network.state_dict() for network in both)
    assert list(ours) == list(theirs)


@pytest.mark.parametrize("height, width", [(224, 224), (97, 130)])
def test_it_computes_what_timms_does_to_the_bit(both, height, width):
    ours, theirs = both
    pictures = torch.randn(2, 3, height, width, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        assert torch.equal(ours(pictures), theirs.forward_features(pictures))


def test_what_is_not_ours_is_timms(both):
    assert type(image_network("resnet10t")) is type(timm.create_model("resnet10t"))
    torch.manual_seed(0)  # new weights spread as timm's do
    for (name, ours), theirs in zip(
        image_network(next(iter(OWN))).named_parameters(), both[1].parameters(), strict=True
    ):
        if ours.dim() == 4 and ours.numel() > 1000:
            assert ours.std().item() == pytest.approx(theirs.std().item(), rel=0.1), name
