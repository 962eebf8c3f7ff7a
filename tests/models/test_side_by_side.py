"""Many clips through a network: whatever the device, in order, and each with its own error."""

import threading
from functools import partial

import pytest
import torch
from small import EXAMPLES

from d2st.errors import D2STError
from d2st.models.side_by_side import side_by_side
from d2st.models.zoo import load_model
from d2st.video import read_clip

DEVICES = [torch.device("cpu"), torch.device("meta")]  # the latter stands for all that are no processor


@pytest.mark.parametrize("device", DEVICES, ids=str)
def test_each_item_has_its_own_result_or_error_in_order(device):
    def read(item):
        if item == 3:
            raise D2STError("3 cannot be read.")
        return 10 * item

    shown, found = [], {}
    for item, result in side_by_side(
        read, lambda clip: clip + 1, range(30), device, lambda items: shown.append(items) or items
    ):
        try:
            found[item] = result()
        except D2STError as error:
            found[item] = str(error)
    assert list(found) == [*range(30)] and shown == [range(30)]
    assert found == {item: 10 * item + 1 for item in range(30)} | {3: "3 cannot be read."}


def test_a_processor_computes_as_many_at_a_time_as_it_has_cores_and_stays_as_it_was():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        both = threading.Barrier(2, timeout=30)

        def compute(item):
            both.wait()  # goes on where another one is computed, too
            return torch.get_num_threads()

        assert [result() for _, result in side_by_side(int, compute, range(6), DEVICES[0])] == [1] * 6
        later: list[int] = []
        thread = threading.Thread(target=lambda: later.append(torch.get_num_threads()))
        thread.start()
        thread.join()
        assert later == [torch.get_num_threads()] == [2]
    finally:
        torch.set_num_threads(before)


def test_features_are_those_of_a_clip_by_itself():
    model = load_model(device="cpu")
    clips = sorted((EXAMPLES / "table" / "query").glob("*.mp4"))
    read = partial(read_clip, crop=model.image)
    for clip, result in side_by_side(read, lambda clip: model.encode(clip.frames).features, clips, model.device):
        torch.testing.assert_close(result(), model.encode(read(clip).frames).features, rtol=1e-4, atol=1e-4)
