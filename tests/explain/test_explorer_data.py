"""What the explorer is sent: nothing is lost but what the size forbids."""

import base64
import io
import json
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from d2st.explain.explorer import ATTENTION_BYTES, ATTENTION_TOGETHER, FRAME_BYTES, attention_of, explore, page, shown
from d2st.trace import SamplingTrace
from d2st.video import Clip, Preview

WAY = ("spatial", "temporal")
MODEL = SimpleNamespace(name="m", kind="d2st", described="", trained=True)


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
    assert (sent["block"], sent["span"]) == (block, 1) and data.size <= ATTENTION_BYTES
    assert data.shape[1] == sent["class_queries"] + 8 * rows**2
    error = max(sent["peaks"]) / 255
    assert np.abs(attention[:, 0] - of.attention[:, :8].mean(1)).max() < error  # of the class tokens, their mean
    tokens = of.attention[:, 8:].reshape(2, 8, side, side, 32)
    for t, y, x in ((0, 0, 0), (3, rows - 1, 1), (7, rows - 1, rows - 1)):  # at an odd edge, squares are smaller
        wanted = tokens[:, t, y * block : (y + 1) * block, x * block : (x + 1) * block].mean((1, 2))
        assert np.abs(attention[:, 1 + (t * rows + y) * rows + x] - wanted).max() < error
    assert np.allclose(floats(sent["position"]), of.position.ravel()) and np.allclose(
        floats(sent["weight"]), of.weight.ravel()
    )


def deep(frames, layers=24, side=14, groups=4):
    """Traces of a wide and deep host, with as many points as the paper takes for so many frames."""
    rng = np.random.default_rng(0)
    count = frames // 4 * 16
    attention = rng.random((groups, frames + frames * side * side, count), np.float32) ** 4
    attention /= attention.sum(-1, keepdims=True)
    position = rng.uniform(-1.2, 1.2, (groups, count, 3)).astype(np.float32)
    one = SamplingTrace(
        "block 1", "spatial", (frames, side, side), 16.0, (frames // 4, 4, 4), frames, position[0], position, attention
    )
    return [replace(one, layer=f"block {index // 2 + 1}", pathway=WAY[index % 2]) for index in range(layers)]


def test_the_file_of_a_deep_host_stays_small_and_grows_no_faster_than_its_clip():
    noise = np.random.default_rng(0).integers(0, 256, (16, 8, 8, 3), dtype=np.uint8)
    sizes = {}
    for count in (8, 16):
        frames = noise[:count].repeat(28, 1).repeat(28, 2)
        film = Preview(bytes(150_000), 8, tuple(np.arange(64) / 64), 160, 90)  # the largest that there is
        of = deep(count)
        own = {(each.layer, each.pathway): SimpleNamespace(usual=each.position, share=0.5) for each in of}
        sizes[count] = len(explore(clip(frames, preview=film), of, MODEL, own=own).encode())
    assert sizes[8] <= 1_000_000 and sizes[16] <= 2 * sizes[8]


def test_boxes_go_through_time_where_there_are_many_frames():
    of = deep(16, layers=1, groups=2)[0]
    sent = attention_of(of, 6_000)
    block, span = sent["block"], sent["span"]
    data = np.frombuffer(base64.b64decode(sent["attention"]), np.uint8)
    assert data.size <= 6_000 and block > 1 and span > 1
    rows = -(-14 // block)
    shares = data.reshape(2, -1, 64) / 255 * np.array(sent["peaks"])[:, None, None]
    tokens = of.attention[:, 16:].reshape(2, 16, 14, 14, 64)
    for t, y, x in ((0, 0, 0), (-(-16 // span) - 1, 1, rows - 1)):
        place = [slice(at * step, (at + 1) * step) for at, step in ((t, span), (y, block), (x, block))]
        wanted = tokens[:, place[0], place[1], place[2]].mean((1, 2, 3))
        assert np.abs(shares[:, 1 + (t * rows + y) * rows + x] - wanted).max() < max(sent["peaks"]) / 255
    sent = shown(clip(np.zeros((16, 8, 8, 3), np.uint8)), deep(16), MODEL)["traces"]
    assert sum(len(base64.b64decode(each["attention"])) for each in sent) <= ATTENTION_TOGETHER


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
