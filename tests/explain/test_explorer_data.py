"""What the explorer is sent: nothing is lost but what the size forbids."""

import base64
import io
import json
import re
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from d2st.explain.explorer import ATTENTION_BYTES, FRAME_BYTES, explore, page, shown
from d2st.trace import SamplingTrace
from d2st.video import Clip

MODEL = SimpleNamespace(name="m", kind="d2st", about="", trained=True)


def clip(frames, **more):
    times = np.arange(len(frames)) / 8
    return Clip("<a>.mp4", frames, times, (), 1.0, 8.0, 320, 180, len(frames), **more)


def trace(side, groups=2, count=32, classes=8):
    rng = np.random.default_rng(0)
    attention = rng.random((groups, classes + 8 * side * side, count)) ** 8
    attention /= attention.sum(-1, keepdims=True)
    position = rng.uniform(-1.2, 1.2, (groups, count, 3))
    reference = rng.uniform(-1, 1, (count, 3))
    return SamplingTrace(
        "block 1", "spatial", (8, side, side), 224 / side, (2, 4, 4), classes, reference, position, attention
    )


def floats(text):
    return np.frombuffer(base64.b64decode(text), "<f4")


@pytest.mark.parametrize("side, block", [(4, 1), (7, 1), (14, 2), (11, 2)])
def test_attention_is_of_squares_of_tokens_where_there_are_many(side, block):
    of = trace(side)
    sent = shown(clip(np.zeros((8, 8, 8, 3), np.uint8)), [of], MODEL)["traces"][0]
    data = np.frombuffer(base64.b64decode(sent["attention"]), np.uint8).reshape(2, -1, 32)
    attention = data / 255 * np.array(sent["peaks"])[:, None, None]
    rows = -(-side // block)
    assert sent["block"] == block and data[:, 8:].size <= ATTENTION_BYTES and data.shape[1] == 8 + 8 * rows**2
    error = max(sent["peaks"]) / 255
    assert np.abs(attention[:, :8] - of.attention[:, :8]).max() < error  # class tokens stand for themselves
    tokens = of.attention[:, 8:].reshape(2, 8, side, side, 32)
    for t, y, x in ((0, 0, 0), (3, rows - 1, 1), (7, rows - 1, rows - 1)):  # at an odd edge, squares are smaller
        wanted = tokens[:, t, y * block : (y + 1) * block, x * block : (x + 1) * block].mean((1, 2))
        assert np.abs(attention[:, 8 + (t * rows + y) * rows + x] - wanted).max() < error
    assert np.allclose(floats(sent["position"]), of.position.ravel()) and np.allclose(
        floats(sent["weight"]), of.weight.ravel()
    )


def test_frames_are_as_good_as_fits():
    noise = np.random.default_rng(0).integers(0, 256, (8, 224, 224, 3), dtype=np.uint8)
    plain = np.full((8, 224, 224, 3), 77, np.uint8)
    for frames, good in ((noise, False), (plain, True)):
        sent = [base64.b64decode(each.partition(",")[2]) for each in shown(clip(frames), [], MODEL)["frames"]]
        assert (sum(map(len, sent)) <= FRAME_BYTES) == good
        assert Image.open(io.BytesIO(sent[0])).size == (224, 224)


def test_what_is_the_clips_own_stands_beside_its_points():
    of = trace(4)
    own = {("block 1", "spatial"): SimpleNamespace(usual=of.position / 2, share=0.25)}
    sent = shown(clip(np.zeros((8, 8, 8, 3), np.uint8)), [of], MODEL, own=own)["traces"][0]
    assert np.allclose(floats(sent["usual"]), of.position.ravel() / 2) and sent["own_share"] == 0.25
    assert "usual" not in shown(clip(np.zeros((8, 8, 8, 3), np.uint8)), [of], MODEL)["traces"][0]


def test_a_file_is_the_page_with_its_message():
    content = explore(clip(np.zeros((8, 8, 8, 3), np.uint8)), [], MODEL, decided=None)
    message = re.search(r'id="message">(.*?)</script>', content).group(1)
    assert content.replace(message, "null", 1) == page() and "<" not in message
    assert json.loads(message)["show"]["clip"] == "<a>.mp4"
