"""A bright dot under its marker: pages of `show` draw points where torch's sampler reads, whatever align_corners is."""

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import expect
from torch.nn import functional as F

from d2st.explain import Points, show

ORANGE, GREEN = np.array([230, 159, 0]), np.array([0, 255, 0])
GRID, PIXELS = (6, 8), 16  # tokens of a picture, and the side of one


def brightest(feature_map, align_corners):
    """Where to read to see most of the bright token: found by trying everywhere, (y, x) or (t, y, x)."""
    axes = [torch.linspace(-1.2, 1.2, 241)] * feature_map.dim()
    everywhere = torch.stack(torch.meshgrid(*axes[-2:], indexing="ij"), -1)
    if feature_map.dim() == 3:  # at the moments that there are, which are apart enough
        moments = [torch.full((*everywhere.shape[:2], 1), t) for t in (-2 / 3, -1.0, 0.0, 2 / 3, 1.0)]
        everywhere = torch.stack([torch.cat([each, everywhere], -1) for each in moments])
    at = everywhere.flip(-1)[None]
    read = F.grid_sample(feature_map[None, None], at, align_corners=align_corners)[0, 0]
    return everywhere.reshape(-1, feature_map.dim())[read.argmax()].numpy()


def scene(shape, token):
    """Black frames with one green token, and their feature map."""
    spot = np.zeros(shape, np.uint8)
    spot[token] = 255
    frames = spot.repeat(PIXELS, -1).repeat(PIXELS, -2)
    return np.stack([0 * frames, frames, 0 * frames], -1), torch.from_numpy(spot / 255.0).float()


def centre(picture, colour, near=60):
    ys, xs = np.nonzero(np.abs(picture.astype(int) - colour).sum(-1) < near)
    assert len(ys) > 20
    return np.array([(ys.min() + ys.max()) / 2, (xs.min() + xs.max()) / 2]), xs.max() - xs.min()


@pytest.fixture
def opened(browser, tmp_path):
    page = browser.new_page(viewport={"width": 900, "height": 900}, reduced_motion="reduce")
    page.set_default_timeout(30_000)
    complaints = []
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request", lambda request: request.url.startswith(("file:", "data:", "blob:")) or complaints.append(request.url)
    )

    def open_(shown):
        page.goto(shown.save(tmp_path / "points.html").as_uri())
        expect(page.locator("html[data-ready=yes]")).to_be_attached()
        return page

    yield open_
    page.close()
    assert complaints == []


def screen(page):
    page.wait_for_timeout(300)
    return np.array(Image.open(BytesIO(page.locator("#film").screenshot())).convert("RGB"))


@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("token", [(0, 7), (4, 1), (5, 0)])
def test_on_a_picture(opened, align_corners, token):
    frames, feature_map = scene(GRID, token)
    position = brightest(feature_map, align_corners)
    page = opened(show(frames, Points(GRID, position, position[None, None], align_corners)))
    picture = screen(page)
    (dot, wide), (marker, _) = centre(picture, GREEN, near=150), centre(picture, ORANGE)
    assert np.abs(dot - marker).max() < 0.1 * wide  # of a token; taken for the other, it is up to half a token off
    expect(page.locator("#player")).to_be_hidden()
    expect(page.locator("#count")).to_contain_text("6 × 8 tokens, 1 point")
    expect(page.locator("#paper")).to_have_attribute("hidden", "")  # what holds of our networks alone


@pytest.mark.parametrize("align_corners", [True, False])
def test_on_a_clip(opened, align_corners):
    frames, feature_map = scene((3, *GRID), (2, 1, 6))
    position = brightest(feature_map, align_corners)
    assert position[0] == (1 if align_corners else np.float32(2 / 3))  # the last of three moments
    page = opened(show(frames, Points((3, *GRID), position, position[None, None], align_corners), times=[0, 1, 2]))
    page.locator("#time").focus()
    page.keyboard.press("End")
    picture = screen(page)
    (dot, wide), (marker, _) = centre(picture, GREEN, near=150), centre(picture, ORANGE)
    assert np.abs(dot - marker).max() < 0.1 * wide
    page.locator("#time").focus()
    page.keyboard.press("Home")
    assert not (np.abs(screen(page).astype(int) - ORANGE).sum(-1) < 60).sum() > 200  # a far moment: no disc


def test_scales_and_queries_are_chosen_and_a_token_is_asked(opened):
    frames, _ = scene(GRID, (0, 0))
    random = np.random.default_rng(0)

    def scale(grid, query, **more):
        return Points(grid, [0, 0], random.uniform(-1, 1, (3, 4, 2)), False, query=query, **more)

    paid = random.dirichlet(np.ones(4), (3, 48))
    page = opened(
        show(frames, [scale(GRID, "cat", weight=paid), scale((3, 4), "cat"), scale(GRID, "dog")], title="<b>x")
    )
    expect(page.locator("h1")).to_have_text("Where the network read in <b>x")
    assert page.locator("#layer option").all_inner_texts() == ["all scales", "scale 1", "scale 2"]
    page.locator("#layer").select_option("scale 1")
    page.locator("#film").click(position={"x": 300, "y": 200})
    expect(page.locator("#token")).to_contain_text("attention of the token at")
    page.get_by_role("button", name="dog").click()
    expect(page.locator("#count")).to_contain_text("for dog, 4 points for each of 3 groups")
    with page.expect_download() as download:
        page.locator("#saving").click()
        page.locator("[data-save=csv]").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 12 and lines[0].startswith("clip,layer,pathway,group,point")
