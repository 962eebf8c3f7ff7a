"""Other people's networks: what is handed over is what the explorer is given, and the document's examples run."""

import base64
import html
import json
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from documented import DOCUMENTS, python_blocks, run

from d2st.errors import D2STError
from d2st.explain import Points, show
from d2st.explain.arrays import ALL, SIDE

PICTURE = np.random.default_rng(0).integers(0, 255, (60, 90, 3), np.uint8)
CLIP = np.stack([PICTURE] * 4)


def given(page):
    """What a page was made of."""
    text = re.search(r'id="message">(.*?)</script>', page, re.DOTALL)[1]
    return json.loads(text)["show"]


def floats(text):
    return np.frombuffer(base64.b64decode(text), "<f4")


def places(trace, name="position"):
    """[…, 3] as (frame, share of the height, share of the width), as the explorer places them."""
    index = (floats(trace[name]).reshape(-1, 3) + 1) / 2 * (np.array(trace["grid"]) - 1)
    return np.concatenate([index[:, :1], (index[:, 1:] + 0.5) / trace["grid"][1:]], 1)


@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("grid", [(6, 9), (1, 7), (4, 6, 9), (2, 6, 1), (1, 3, 3)])
def test_points_are_handed_over_where_they_are(grid, align_corners):
    position = np.random.default_rng(1).uniform(-1.2, 1.2, (2, 5, len(grid)))
    points = Points(grid, [0.1] * len(grid), position, align_corners)
    frames = PICTURE if len(grid) == 2 else CLIP
    [trace] = given(show(frames, points))["traces"]
    wanted = points.place(points.position).reshape(-1, 3)
    wanted[:, 0] = 0 if len(grid) == 2 else wanted[:, 0] * 4 - 0.5  # in frames of the clip
    assert np.allclose(places(trace), wanted, atol=1e-5)
    assert np.allclose(floats(trace["in_bounds"]), points.in_bounds.ravel())
    assert trace["groups"] == 2 and not trace["weighed"] and trace["even"] == 1 / 5


def test_scales_are_shown_together_and_each():
    weight = np.random.default_rng(2).dirichlet(np.ones(9), 2)  # over the points of both scales
    scales = [
        Points((12, 18), [0, 0], np.full((2, 4, 2), -0.5), False, weight[:, :4], "fine"),
        Points((6, 9), [0, 0], np.full((2, 5, 2), 0.5), True, weight[:, 4:], "coarse"),
    ]
    traces = given(show(PICTURE, scales))["traces"]
    assert [trace["layer"] for trace in traces] == [ALL, "fine", "coarse"]
    assert np.allclose(floats(traces[0]["weight"]), weight.ravel(), atol=1e-6)
    both = places(traces[0]).reshape(2, 9, 3)
    assert np.allclose(both[:, :4], places(traces[1]).reshape(2, 4, 3), atol=1e-5)
    assert np.allclose(both[:, 4:], places(traces[2]).reshape(2, 5, 3), atol=1e-5)
    assert {trace["even"] for trace in traces} == {1 / 9}
    assert traces[1]["about"] == "fine: 12 × 18 tokens, 4 points for each of 2 groups"


def test_scales_with_other_groups_and_other_queries_stay_apart():
    def one(groups, **more):
        return Points((6, 9), [0, 0], np.zeros((groups, 4, 2)), False, **more)

    traces = given(show(PICTURE, [one(2, query="cat"), one(3, query="cat"), one(2, query="dog")]))["traces"]
    assert [(trace["layer"], trace["pathway"]) for trace in traces] == [
        ("scale 1", "cat"), ("scale 2", "cat"), ("scale 1", "dog"),
    ]  # fmt: skip


def test_attention_of_tokens_is_that_of_the_grid():
    grid = (2, 6, 9)  # of a clip of four frames: each token's is that of two of them
    weight = np.random.default_rng(3).dirichlet(np.ones(5), (2, 2 * 6 * 9))
    [trace] = given(show(CLIP, Points(grid, [0, 0, 0], np.zeros((2, 5, 3)), True, weight)))["traces"]
    paid = np.frombuffer(base64.b64decode(trace["attention"]), np.uint8).reshape(2, 4, 6, 9, 5) / 255
    paid = paid * np.array(trace["peaks"])[:, None, None, None, None]
    wanted = weight.reshape(2, 2, 6, 9, 5)
    assert trace["class_queries"] == 0 and trace["block"] == 1
    for frame in range(4):
        assert np.allclose(paid[:, frame], wanted[:, frame // 2], atol=0.003)


def test_a_clip_has_its_shape_and_times():
    points = Points((4, 6, 9), [0, 0, 0], np.zeros((1, 1, 3)), True)
    data = given(show(CLIP, points, times=[0, 0.5, 0.75, 2], title="</script><b>"))
    assert (data["width"], data["height"], data["image"], data["pixels"]) == (90, 60, SIDE, [60, 90])
    assert data["times"] == [0, 0.5, 0.75, 2] and data["clip"] == "</script><b>" and len(data["frames"]) == 4
    assert given(show(CLIP, points))["times"] == [0, 0.25, 0.5, 0.75]


ONE, OF_CLIP = (
    Points((6, 9), [0, 0], np.zeros((1, 1, 2)), False),
    Points((4, 6, 9), [0] * 3, np.zeros((1, 1, 3)), True),
)


@pytest.mark.parametrize(
    "arguments, words",
    [
        ((PICTURE / 255, ONE), ["frames", "(60, 90, 3)", "float64", "uint8"]),
        ((PICTURE[..., 0], ONE), ["frames", "(60, 90)"]),
        ((np.moveaxis(CLIP, -1, 1), OF_CLIP), ["frames", "(4, 3, 60, 90)"]),
        (([PICTURE, PICTURE[:9]], ONE), ["frames"]),
        ((CLIP, ONE), ["'scale 1'", "grid (6, 9)", "(4, 60, 90, 3)"]),
        ((PICTURE, []), ["empty"]),
        ((PICTURE, {"position": 1}), ["str"]),
    ],
)
def test_what_does_not_fit_is_named(arguments, words):
    with pytest.raises(D2STError) as error:
        show(*arguments)
    assert all(word in str(error.value) for word in words), error.value


@pytest.mark.parametrize("times", [[0, 1], [0, 1, 1, 2], [0, 2, 1, 3], [-1, 0, 1, 2], [0, 1, 2, np.inf], "abcd"])
def test_times_grow_one_for_each_frame(times):
    with pytest.raises(D2STError, match="times"):
        show(CLIP, OF_CLIP, times=times)


def test_a_page_is_saved_and_stands_in_a_notebook(tmp_path):
    page = show(PICTURE, ONE)
    assert page.save(tmp_path / "points.html").read_text(encoding="utf-8") == page
    assert html.unescape(page._repr_html_().split('srcdoc="')[1].split('"')[0]) == page


def test_the_documents_examples_run(tmp_path, monkeypatch):
    tmp_path.joinpath("assets").symlink_to(DOCUMENTS.parent / "assets")
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for block in python_blocks("other-networks.md"):
        run(block, names)
    traces = given(names["page"])["traces"]
    assert [trace["layer"] for trace in traces[:4]] == [ALL, "1/8", "1/16", "1/32"] and len(traces) == 8
    for number, trace in ((0, traces[1]), (1, traces[7])):  # what the module itself says: (x, y) in 0…1
        scale = [28, 14, 7].index(trace["grid"][1])
        told = names["location"][number, :, scale].reshape(-1, 2).flip(-1)
        assert torch.allclose(torch.from_numpy(places(trace)[:, 1:]).float(), told, atol=1e-5)
    assert given(names["film"])["traces"][0]["grid"] == [8, 14, 14]
    assert {path.name for path in tmp_path.glob("*.html")} == {"points.html", "film.html"}


def test_it_takes_no_torch():
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "import d2st.explain; assert not {'numpy', 'cv2'} & set(sys.modules)\n"
        "import numpy as np; from d2st.explain import Points, show\n"
        "show(np.zeros((4, 4, 3), np.uint8), Points((2, 2), [0, 0], np.zeros((1, 1, 2)), True))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
