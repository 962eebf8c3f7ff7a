"""The explorer as a file opened from disk."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect
from small import EXAMPLES

from d2st.explain.explorer import explore
from d2st.recognizer import Recognizer
from d2st.trace import SamplingTrace
from d2st.video import Clip, read_clip

CLIP = EXAMPLES / "people" / "query" / "punch.mp4"


@pytest.fixture(scope="module")
def content(model):
    recognizer = Recognizer(model)
    clip = recognizer.read(str(CLIP))
    return explore(clip, recognizer.inspect(clip).traces, model)


@pytest.fixture
def open_file(browser, tmp_path):
    """Open HTML from disk, with no network. Afterwards: nothing on the console."""
    pages, complaints = [], []

    def opened(content, **options):
        file = tmp_path / "view.html"
        file.write_text(content)
        page = browser.new_page(viewport={"width": 1280, "height": 900}, offline=True, **options)
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(file.as_uri())
        expect(page.locator("html[data-ready]")).to_be_attached()
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()
    assert complaints == []


def clip_of(name, frames):
    return Clip(name, frames, np.arange(8) / 8.0, (), 1.0, 8.0, 224, 224, 8)


def picture(page, canvas="#film"):
    """The pixels of a canvas, as they are now."""
    page.evaluate("paint()")
    return page.evaluate(f"document.querySelector('{canvas}').toDataURL()")


def test_it_is_one_small_file(content, open_file):
    assert len(content) < 5e6 and "http" not in content.replace("http-equiv", "")
    page = open_file(content)
    expect(page.locator("#strip canvas")).to_have_count(8)
    expect(page.locator("#count")).to_contain_text("points shown")


def test_layer_pathway_and_group_change_what_is_drawn(content, open_file):
    page = open_file(content)

    def strip():
        return tuple(picture(page, f"#strip figure:nth-child({n + 1}) canvas") for n in range(8))

    seen = {strip()}
    for act in (
        lambda: page.get_by_label("Layer").select_option("stage 2"),
        lambda: page.get_by_role("button", name="spatial").click(),
        lambda: page.get_by_label("Layer").select_option("stage 3"),
        lambda: page.get_by_label("Group").select_option("2"),
    ):
        act()
        seen.add(strip())
    assert len(seen) == 5
    expect(page.locator("#count")).to_contain_text("2 moments × 2 × 2 places for each of 4 groups. Of the 8 points")


def test_a_click_shows_the_attention_of_that_token_and_moves_nothing(content, open_file):
    page = open_file(content)
    before = page.evaluate("marks().map(m => [m.to.t, m.to.y, m.to.x, m.weight])")
    page.locator("#strip canvas").nth(2).click(position={"x": 60, "y": 70})
    expect(page.locator("#token-text")).to_contain_text("one token: frame 3")
    after = page.evaluate("marks().map(m => [m.to.t, m.to.y, m.to.x, m.weight])")
    before, after = np.array(before), np.array(after)
    assert np.array_equal(before[:, :3], after[:, :3]) and not np.allclose(before[:, 3], after[:, 3])
    for group in np.split(after[:, 3], 2):
        assert group.sum() == pytest.approx(1, abs=0.1)  # in 255ths of the group's peak
    page.get_by_role("button", name="Back to the mean").click()
    expect(page.locator("#token-text")).to_contain_text("all tokens")


def test_a_token_is_chosen_by_keyboard(content, open_file):
    page = open_file(content)
    page.locator("#strip canvas").nth(4).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#token-text")).to_contain_text("frame 5, at 128, 112")
    page.keyboard.press("Escape")
    expect(page.locator("#token-text")).to_contain_text("all tokens")


def test_the_film_plays_and_the_box_turns(content, open_file):
    page = open_file(content)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("state.time > 0.5")
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Space and time").click()
    before = picture(page, "#box")
    page.locator("#box").focus()
    page.keyboard.press("ArrowLeft")
    assert picture(page, "#box") != before
    expect(page.locator("#film")).to_be_hidden()


def test_a_point_tells_its_numbers(content, open_file):
    page = open_file(content)
    t, y, x = page.evaluate("(() => { const to = marks().find(m => m.inside).to; return [to.t, to.y, to.x]; })()")
    box = page.locator("#strip canvas").nth(round(t)).bounding_box()
    page.mouse.move(box["x"] + (x + 10) * box["width"] / 244, box["y"] + (y + 10) * box["height"] / 244)
    expect(page.locator("#tip")).to_contain_text("Offset:")


@pytest.mark.parametrize("view", ["Film", "Space and time"])
@pytest.mark.parametrize("width", [326, 390, 1280])
def test_nothing_is_wider_than_the_screen(content, open_file, width, view):
    page = open_file(content)
    page.set_viewport_size({"width": width, "height": 844})
    page.get_by_role("button", name=view).click()
    page.locator("summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("button, ending", [("PNG", "png"), ("GIF", "gif"), ("JSON", "json")])
def test_what_is_shown_can_be_saved(content, open_file, tmp_path, button, ending):
    page = open_file(content)
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == f"punch-stage-1-temporal.{ending}"
    if ending == "json":
        assert len(json.loads(file.read_text())["frame_y_x"]) == 64
    else:
        with Image.open(file) as picture:
            picture.load()
            assert picture.size == ((1952, 976) if ending == "png" else (360, 360))
            if ending == "gif":
                assert picture.n_frames == 29
                picture.seek(28)
                shown = np.asarray(picture.convert("RGB")).astype(int)
                assert np.ptp(shown) > 200


@pytest.mark.parametrize("view", ["Film", "Space and time"])
def test_what_is_shown_is_saved_as_a_film(content, open_file, tmp_path, view):
    page = open_file(content)
    page.get_by_role("button", name=view).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="MP4").click()
    file = tmp_path / "points.mp4"
    download.value.save_as(file)
    assert file.read_bytes()[4:8] == b"ftyp" and b"avc1" in file.read_bytes()
    clip = read_clip(file, 8, 480, 480)
    assert 2.5 < clip.duration < 6
    assert np.ptp(clip.frames) > 200 and np.abs(np.diff(clip.frames.astype(int), axis=0)).mean((1, 2, 3)).max() > 2
    expect(page.get_by_role("button", name="MP4")).to_be_enabled()


def test_a_point_is_drawn_where_the_network_read(model, open_file):
    """One bright dot in one frame, and a trace that samples it: the marker stands within a pixel of the dot."""
    y, x, frame, pixels, side = 60.5, 150.5, 5, 16, 14
    frames = np.zeros((8, 224, 224, 3), np.uint8)
    frames[frame, 59:62, 149:152] = 255
    index = np.array([frame, y / pixels - 0.5, x / pixels - 0.5])
    position = (index * 2 / (np.array([8, side, side]) - 1) - 1)[None, None]
    attention = np.ones((1, 8 * side * side, 1))
    trace = SamplingTrace("stage 1", "spatial", (8, side, side), pixels, (1, 1, 1), 0, position[0], position, attention)
    clip = clip_of("dot.mp4", frames)
    page = open_file(explore(clip, [trace], model))
    page.evaluate(f"change({{time: {frame}}})")
    centre = (
        "test => { paint(); const c = document.getElementById('film'), "
        """d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        let n = 0, sy = 0, sx = 0;
        for (let i = 0; i < c.width * c.height; i++)
            if (test === 'dot' ? d[4*i] > 200 && d[4*i+2] > 200 : d[4*i] > 200 && d[4*i+2] < 60) """
        """{ n++; sy += Math.floor(i / c.width) + .5; sx += i % c.width + .5; }
        return [n, sy / n * span / c.width - MARGIN, sx / n * span / c.width - MARGIN]; }"""
    )
    page.evaluate("state.marks = false")
    count, *dot = page.evaluate(centre, "dot")
    page.evaluate("state.marks = true")
    marked, *marker = page.evaluate(centre, "marker")
    assert count > 3 and marked > 20
    assert np.abs(np.array(dot) - (y, x)).max() < 0.5
    assert np.abs(np.array(marker) - dot).max() < 1


def test_a_name_cannot_end_the_script(model, open_file):
    clip = clip_of("</script><b id=evil>x.mp4", np.zeros((8, 224, 224, 3), np.uint8))
    page = open_file(explore(clip, [], model))
    expect(page.locator("h1")).to_contain_text("</script><b id=evil>")
    expect(page.locator("#evil")).to_have_count(0)
    expect(page.locator("#count")).to_contain_text("reads at fixed places")


def test_no_name_runs_a_script(model, open_file):
    bad = """<img src=x onerror="document.title='taken'">"'&</script><script>document.title='taken'</script>"""
    recognizer = Recognizer(model)
    seen = recognizer.read(str(CLIP))
    traces = [replace(trace, layer=f"{bad} {trace.layer}") for trace in recognizer.inspect(seen).traces]
    page = open_file(explore(clip_of(f"{bad}.mp4", seen.frames), traces, replace(model, name=bad, about=bad)))
    expect(page.locator("h1")).to_contain_text(bad)
    expect(page.locator("#about")).to_contain_text(bad)
    page.locator("#strip canvas").first.click(position={"x": 60, "y": 70})
    page.locator("#strip canvas").first.hover(position={"x": 60, "y": 70})
    page.wait_for_timeout(300)
    expect(page).to_have_title("Sampling points")
    expect(page.locator("img")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    assert json.loads(Path(download.value.path()).read_text())["clip"] == f"{bad}.mp4"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_shut_out(content, open_file, theme):
    page = open_file(content, color_scheme=theme)
    for view in ("Film", "Space and time"):
        page.get_by_role("button", name=view).click()
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["target"]) for v in found if v["impact"] in ("serious", "critical")] == []
