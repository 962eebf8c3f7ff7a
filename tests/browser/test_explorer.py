"""The explorer as a file opened from disk."""

import csv
import io
import json
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from playing import violations
from playwright.sync_api import expect
from small import EXAMPLES

from d2st.explain.explorer import explore, shown
from d2st.explain.heat import heat
from d2st.recognizer import Recognizer
from d2st.trace import SamplingTrace
from d2st.video import Clip, read_clip
from d2st.video.preview import sheet

CLIP = EXAMPLES / "people" / "query" / "punch.mp4"
DECIDED = {"first": "punch", "second": "kick", "margins": [0.02, 0.05, -0.03, 0.1, 0.12, 0.04, -0.01, 0.01]}


@pytest.fixture(scope="module")
def seen(model):
    """The clip, and its traces."""
    recognizer = Recognizer(model)
    clip = recognizer.read(str(CLIP), preview=True)
    return clip, recognizer.inspect(clip).traces


@pytest.fixture(scope="module")
def content(seen, model):
    """The explorer with everything that it can show: what is usual is 3/4 of each offset."""
    clip, traces = seen
    own = {
        (t.layer, t.pathway): SimpleNamespace(usual=t.reference + 0.75 * (t.position - t.reference), share=0.1)
        for t in traces
    }
    return explore(clip, traces, model, own=own, decided=DECIDED)


@pytest.fixture
def open_file(browser, tmp_path):
    """Open HTML from disk, with no network, and still. Afterwards: nothing on the console."""
    pages, complaints = [], []

    def opened(content, reduced_motion="reduce", **options):
        file = tmp_path / "view.html"
        file.write_text(content)
        viewport = options.pop("viewport", {"width": 1280, "height": 900})
        page = browser.new_page(viewport=viewport, offline=True, reduced_motion=reduced_motion, **options)
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


def clip_of(name, frames, preview=None, width=224, height=224):
    return Clip(name, frames, np.arange(8) / 8.0, (), 1.0, 8.0, width, height, 8, preview)


def picture(page, canvas="#film"):
    """The pixels of a canvas, as they are now."""
    page.evaluate("paint()")
    return page.evaluate(f"document.querySelector('{canvas}').toDataURL()")


def state(page, *names):
    return tuple(page.evaluate(f"state.{name}") for name in names)


def saved(page, button):
    """The file that a button of "Save" gives."""
    page.get_by_role("button", name="Save").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=button, exact=True).click()
    return Path(download.value.path()), download.value.suggested_filename


def test_it_is_one_small_file(content, open_file):
    assert len(content) < 560_000 and "http" not in content.replace("http-equiv", "").replace("http://www.w3.org/", "")
    page = open_file(content)
    expect(page.locator("#strip canvas")).to_have_count(8)
    expect(page.locator("#count")).to_contain_text("many places at few moments: 2 × 4 × 4 points for each of 2 groups")


def test_what_is_sent_for_a_clip_is_small(seen, model):
    clip, traces = seen
    assert len(json.dumps(shown(clip, traces, model))) < 450_000


def test_it_begins_with_the_film_playing_where_points_are(content, open_file):
    page = open_file(content, reduced_motion="no-preference")
    assert state(page, "pathway", "layer", "view", "playing") == ("spatial", "stage 1", "film", True)
    page.wait_for_function("state.time > data.times[data.last]")
    page.wait_for_function("state.time < data.times[1]")  # again from its beginning
    page.get_by_role("button", name="Pause").click()
    assert state(page, "playing") == (False,)
    still = open_file(content)
    assert state(still, "playing") == (False,)
    frame = still.evaluate("seenAt(state.time)")
    assert frame >= 0 and still.evaluate(f"marks().some(m => m.inside && nearness(m.to.t, {frame}) > 0.5)")


def test_every_choice_changes_what_is_drawn(content, open_file):
    page = open_file(content)
    seen = [picture(page)]
    for act in (
        lambda: page.get_by_role("button", name="Heat").click(),
        lambda: page.get_by_role("button", name="What this clip changed").click(),
        lambda: page.get_by_role("button", name="Mirror").click(),
        lambda: page.get_by_label("Group").select_option("1"),
        lambda: page.get_by_role("button", name="temporal").click(),
        lambda: page.get_by_label("Layer").select_option("stage 3"),
        lambda: page.locator("#strip canvas").nth(6).click(),
    ):
        act()
        seen.append(picture(page))
    assert len(set(seen)) == 8
    expect(page.locator("#count")).to_contain_text("Of their offsets, 10 % is this clip’s own")
    expect(page.locator("#margin")).to_contain_text("Frame 7 speaks for “kick”: −0.010 of the margin.")
    expect(page.locator("#scale")).to_be_visible()


def test_a_click_shows_the_attention_of_that_token_and_moves_nothing(content, seen, open_file):
    page = open_file(content)
    trace = seen[1][0]
    before = np.array(page.evaluate("marks().map(m => [m.to.t, m.to.y, m.to.x, m.weight])"))
    x, y = page.evaluate(
        """(() => { change({ time: data.times[2] }); const c = document.getElementById("film"),
        at = layOut(c.width, c.height).at({ y: 70, x: 21 }); return [at.x, at.y]; })()"""
    )
    page.locator("#film").click(position={"x": x, "y": y})
    expect(page.locator("#token")).to_contain_text("the 2 × 2 tokens at 21, 70 px in frame 3")
    after = np.array(page.evaluate("marks().map(m => [m.to.t, m.to.y, m.to.x, m.weight])"))
    assert np.array_equal(before[:, :3], after[:, :3])
    wanted = np.mean([trace.query_weight(2, y, x) for y in (4, 5) for x in (0, 1)], 0)  # tokens of 16 pixels
    assert np.abs(after[:, 3] - wanted.reshape(-1)).max() < 0.003  # in 255ths of the group's peak
    page.get_by_role("button", name="Back to all tokens").click()
    expect(page.locator("#token")).to_contain_text("all tokens")


def test_of_a_deep_network_it_says_what_was_kept_together(seen, model, open_file):
    """A ViT's 24 traces share the bytes: boxes of tokens go through time, and class tokens are one reader."""
    clip, rng = seen[0], np.random.default_rng(0)
    attention = rng.random((4, 8 + 8 * 14 * 14, 32), np.float32)
    attention /= attention.sum(-1, keepdims=True)
    position = rng.uniform(-1, 1, (4, 32, 3)).astype(np.float32)
    one = SamplingTrace("block 1", "spatial", (8, 14, 14), 16.0, (2, 4, 4), 8, position[0], position, attention)
    page = open_file(explore(clip, [replace(one, layer=f"block {index + 1}") for index in range(24)], model))
    said = page.locator("#token")
    expect(said).to_contain_text("that of 3 × 3 tokens in 2 frames: only their mean is kept, so that this page stays")
    page.evaluate("change({ token: { frame: 3, y: 70, x: 21 } })")
    expect(said).to_contain_text("the 3 × 3 tokens at 21, 70 px in frames 3 to 4")
    sizes = np.array(page.evaluate("marks().map(m => m.weight)"))
    tokens = attention[:, 8:].reshape(4, 8, 14, 14, 32)
    step = attention.max() / 255
    assert np.abs(sizes - tokens[:, 2:4, 3:6, 0:3].mean((1, 2, 3)).reshape(-1)).max() < step
    page.get_by_label("Attention of").select_option("class")
    assert np.abs(page.evaluate("marks().map(m => m.weight)") - attention[:, :8].mean(1).reshape(-1)).max() < step


def test_heat_is_the_attention_where_it_was_read(content, seen, open_file):
    page = open_file(content)
    for trace in seen[1]:
        found = page.evaluate(f"[...weightMap(traceOf('{trace.layer}', '{trace.pathway}'))]")
        assert np.allclose(np.reshape(found, trace.grid), heat(trace), atol=1e-3)


def test_everything_has_a_key(content, open_file):
    page = open_file(content)
    page.locator("#film").focus()
    for key, name, value in (
        ("2", "pathway", "temporal"), ("1", "pathway", "spatial"), ("]", "layer", "stage 2"), ("[", "layer", "stage 1"),
        ("g", "group", 0), ("b", "view", "box"), ("b", "view", "film"), ("h", "heat", True), ("u", "usual", True),
        ("m", "mirror", True), (" ", "playing", True), (" ", "playing", False),
    ):  # fmt: skip
        page.keyboard.press(key)
        assert state(page, name) == (value,), key
    page.evaluate("change({ time: data.times[3] })")
    for key, frame in ((".", 4), (",", 3), (",", 2)):
        page.keyboard.press(key)
        assert page.evaluate("seenAt(state.time)") == frame
    page.keyboard.press("m")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#token")).to_contain_text("at 144, 112 px in frame 3")
    page.keyboard.press("Escape")
    expect(page.locator("#token")).to_contain_text("all tokens")
    page.get_by_role("slider", name="Time").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("seenAt(state.time)") == -1
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("previous frame that the network saw")
    assert page.locator("#keys kbd").count() == page.evaluate("KEYS.length")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("slider", name="Time")).to_be_focused()


def test_the_time_line_jumps_to_the_frames_that_the_network_saw(content, open_file):
    page = open_file(content)
    box = page.locator("#time").bounding_box()
    mark = page.locator("#marks i").nth(5).bounding_box()
    page.mouse.click(mark["x"] + 3, box["y"] + box["height"] / 2)
    assert page.evaluate("seenAt(state.time)") == 5
    expect(page.locator("#now")).to_contain_text("frame 6")
    assert page.locator("#marks u.against").count() == 2


def test_the_box_turns_and_a_point_tells_its_numbers(content, open_file):
    page = open_file(content)
    page.get_by_role("button", name="Space and time").click()
    before = picture(page, "#box")
    page.locator("#box").focus()
    page.keyboard.press("ArrowLeft")
    assert picture(page, "#box") != before
    expect(page.locator("#film")).to_be_hidden()
    page.get_by_role("button", name="Film").click()
    x, y = page.evaluate(
        """(() => { const c = document.getElementById("film"), now = frameAt(shownTime()),
        near = marks().find(m => m.inside && nearness(m.to.t, now) > 0.5), at = layOut(c.width, c.height).at(near.to);
        return [at.x, at.y]; })()"""
    )
    page.locator("#film").hover(position={"x": x, "y": y})
    expect(page.locator("#tip")).to_contain_text("Offset:")


@pytest.mark.parametrize("width", [326, 390, 640, 1280])
def test_nothing_is_wider_than_the_screen(content, open_file, width):
    page = open_file(content, viewport={"width": width, "height": 844})
    for view in ("Film", "Space and time"):
        page.get_by_role("button", name=view).click()
        page.keyboard.press("h")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width < 500:
        small = "b => [b.id || b.textContent, b.getBoundingClientRect()]"
        boxes = page.locator("button:visible, select:visible, input:visible").evaluate_all(f"all => all.map({small})")
        assert [name for name, box in boxes if min(box["width"], box["height"]) < 44] == []
    page.keyboard.press("?")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_is_shown_can_be_saved(content, open_file):
    page = open_file(content)
    page.keyboard.press("h")
    file, name = saved(page, "PNG")
    assert name == "punch-stage-1-spatial.png" and Image.open(file).size == (1600, 1600)
    file, _ = saved(page, "SVG")
    drawing = ElementTree.parse(file).getroot()
    kinds = [element.tag.rpartition("}")[2] for element in drawing]
    assert kinds.count("image") == 2 and kinds.count("path") > 100 and drawing.get("width") == "1600"
    file, _ = saved(page, "GIF")
    with Image.open(file) as film:
        assert film.size == (360, 360) and film.n_frames == 40
        film.seek(39)
        assert np.ptp(np.asarray(film.convert("RGB")).astype(int)) > 200
    file, _ = saved(page, "JSON")
    numbers = json.loads(file.read_text())
    assert len(numbers["frame_y_x"]) == 64 and numbers["decided"] == DECIDED and numbers["own_share"] == 0.1
    file, name = saved(page, "CSV")
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert name == "punch-stage-1-spatial.csv" and len(rows) == 64
    assert [float(rows[40]["position_x"]), float(rows[40]["usual_y"])] == [
        numbers["frame_y_x"][40]["position"][2], numbers["frame_y_x"][40]["usual"][1],
    ]  # fmt: skip


def test_a_view_is_saved_as_a_file_that_opens_as_it_was(content, open_file):
    page = open_file(content)
    page.keyboard.press("m")
    page.get_by_role("button", name="temporal").click()
    page.evaluate("change({ layer: 'stage 2', heat: true, group: 3, time: data.times[5] })")
    file, _ = saved(page, "This view")
    again = open_file(file.read_text())
    chosen = ("mirror", "pathway", "layer", "heat", "group", "time", "playing")
    assert state(again, *chosen) == state(page, *chosen)
    assert picture(again) == picture(page)


@pytest.mark.parametrize("view", ["Film", "Space and time"])
def test_what_is_shown_is_saved_as_a_film(content, open_file, tmp_path, view):
    page = open_file(content)
    page.get_by_role("button", name=view).click()
    file, _ = saved(page, "MP4")
    (tmp_path / "points.mp4").write_bytes(file.read_bytes())
    assert file.read_bytes()[4:8] == b"ftyp" and b"avc1" in file.read_bytes()
    clip = read_clip(tmp_path / "points.mp4", 8, 480, 480)
    assert 2.2 < clip.duration < 6
    assert np.ptp(clip.frames) > 200 and np.abs(np.diff(clip.frames.astype(int), axis=0)).mean((1, 2, 3)).max() > 2


DOT = """test => { paint(); const c = document.getElementById("film"), place = layOut(c.width, c.height),
    d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
    let n = 0, sy = 0, sx = 0;
    for (let i = 0; i < c.width * c.height; i++)
        if (test === "dot" ? d[4*i] > 200 && d[4*i+2] > 200 : d[4*i] > 200 && d[4*i+2] < 60)
            { n++; sy += Math.floor(i / c.width) + .5; sx += i % c.width + .5; }
    const { y, x } = place.back(sy / n, sx / n);
    return [n, y, x, sx / n / c.width]; }"""


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("shape", [(224, 224), (400, 225), (120, 200)])
def test_a_point_is_drawn_where_the_network_read(model, open_file, shape, mirror):
    """One bright dot in one frame of a clip of some shape, and a trace that samples it: the marker stands on it."""
    y, x, frame, pixels, side = 60.5, 150.5, 5, 16, 14
    frames = np.zeros((8, 224, 224, 3), np.uint8)
    frames[frame, 58:63, 148:153] = 255
    film = np.zeros(
        (9, shape[1], shape[0], 3), np.uint8
    )  # in its own shape; a picture more, at another time than the frame
    rows, columns = (slice(round(a / 224 * length), round(b / 224 * length)) for a, b, length in
                     ((58, 63, shape[1]), (148, 153, shape[0])))  # fmt: skip
    film[5, rows, columns] = 255
    preview = sheet(list(film), np.array([0, 0.125, 0.25, 0.375, 0.5, 0.62, 0.75, 0.875, 0.9]))
    index = np.array([frame, y / pixels - 0.5, x / pixels - 0.5])
    position = (index * 2 / (np.array([8, side, side]) - 1) - 1)[None, None]
    attention = np.ones((1, 8 * side * side, 1))
    trace = SamplingTrace("stage 1", "spatial", (8, side, side), pixels, (1, 1, 1), 0, position[0], position, attention)
    page = open_file(explore(clip_of("dot.mp4", frames, preview, *shape), [trace], model))
    page.evaluate(f"change({{ mirror: {str(mirror).lower()} }})")
    for time in (0.625, 0.624):  # the frame that the network saw, and the film's picture
        page.evaluate(f"change({{ time: {time} }}); state.marks = false")
        count, *dot, across = page.evaluate(DOT, "dot")
        page.evaluate("state.marks = true")
        marked, *marker, _ = page.evaluate(DOT, "marker")
        assert count > 3 and marked > 20 and (across > 0.5) != mirror
        assert np.abs(np.array(dot) - (y, x)).max() < 1
        assert np.abs(np.array(marker) - dot).max() < 1
    page.evaluate("change({ time: 0.5 }); state.marks = false")
    assert page.evaluate(DOT, "dot")[0] == 0


def test_a_name_cannot_end_the_script(model, open_file):
    clip = clip_of("</script><b id=evil>x.mp4", np.zeros((8, 224, 224, 3), np.uint8))
    page = open_file(explore(clip, [], model), reduced_motion="no-preference")
    expect(page.locator("h1")).to_contain_text("</script><b id=evil>")
    expect(page.locator("#evil")).to_have_count(0)


def test_without_sampling_points_the_film_plays_and_a_sentence_says_so(seen, model, open_file):
    page = open_file(explore(seen[0], [], model), reduced_motion="no-preference")
    expect(page.locator("#count")).to_have_text("This adapter reads at fixed places: it has no sampling points.")
    page.wait_for_function("state.time > 0.3")
    assert page.locator("select:visible").count() == 0
    names = page.get_by_role("button").all_inner_texts()
    assert [name for name in names if name] == ["Mirror", "Save", "?"]
    page.keyboard.press("b")
    assert state(page, "view") == ("film",)


def test_no_name_runs_a_script(seen, model, open_file):
    bad = """<img src=x onerror="document.title='taken'">"'&</script><script>document.title='taken'</script>"""
    clip, traces = seen
    traces = [replace(trace, layer=f"{bad} {trace.layer}") for trace in traces]
    decided = DECIDED | {"first": bad, "second": bad}
    page = open_file(
        explore(replace(clip, name=f"{bad}.mp4"), traces, replace(model, name=bad, about=bad), decided=decided)
    )
    expect(page.locator("h1")).to_contain_text(bad)
    expect(page.locator("#about")).to_contain_text(bad)
    expect(page.locator("#margin")).to_contain_text(bad)
    page.locator("#film").click(position={"x": 600, "y": 70})
    page.locator("#film").hover(position={"x": 600, "y": 70})
    page.keyboard.press("?")
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    expect(page).to_have_title("Where the network reads")
    expect(page.locator("img")).to_have_count(0)
    file, _ = saved(page, "JSON")
    assert json.loads(file.read_text())["clip"] == f"{bad}.mp4"
    file, _ = saved(page, "SVG")
    assert ElementTree.parse(file).getroot().find("{*}title").text.startswith(bad)
    file, _ = saved(page, "This view")
    expect(open_file(file.read_text()).locator("h1")).to_contain_text(bad)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_shut_out(content, open_file, theme):
    page = open_file(content, color_scheme=theme)

    assert violations(page) == []
    page.keyboard.press("h")
    page.keyboard.press("b")
    assert violations(page) == []
    page.get_by_role("button", name="Save").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert violations(page) == []


def test_several_looks_stand_on_one_time_line_each_with_its_own_points(seen, model, open_file):
    one = seen[0]
    other = np.ascontiguousarray(one.frames[::-1, :, ::-1])
    times = np.concatenate([one.times, one.times[-1] + 1 + one.times])
    clip = replace(one, frames=np.concatenate([one.frames, other]), times=times, looks=2, duration=2 * one.duration + 1)
    traces = model.encode(clip.frames, inspect=True).traces
    page = open_file(explore(clip, traces, model))
    assert page.locator("#strip canvas").count() == 16 and page.locator("#marks s").count() == 2
    expect(page.locator("#count")).to_contain_text("in each of 2 looks at the clip")
    looks = [t for t in traces if (t.layer, t.pathway) == ("stage 1", "spatial")]
    places = np.array(page.evaluate("marks().map(m => [m.to.t, m.to.y, m.to.x])")).reshape(looks[0].groups, -1, 3)
    assert np.allclose(places, np.concatenate([t.located_position for t in looks], 1), atol=1e-3)
    found = np.reshape(page.evaluate("[...weightMap(chosen())]"), (16, *looks[0].grid[1:]))
    assert np.allclose(found, np.concatenate([heat(t) for t in looks]), atol=1e-3)
    # A token of the second look pays the points of that look alone.
    page.evaluate("change({ token: { frame: 10, y: 100, x: 100 } })")
    paid = np.array(page.evaluate("marks().map(m => m.weight)")).reshape(looks[0].groups, 2, -1)
    wanted = np.mean([looks[1].query_weight(2, y, x) for y in (6, 7) for x in (6, 7)], 0)  # tokens of 16 pixels
    assert not paid[:, 0].any() and np.allclose(paid[:, 1], wanted, atol=looks[1].attention.max() / 255)
    expect(page.locator("#token")).to_contain_text("in frame 11")
    # What reads beyond the end of the first look stands at its end, not on the second.
    assert page.evaluate("[nearness(8.4, 7, 0), nearness(8.4, 8, 0), nearness(7.5, 8, 1)]") == [1, 0, 1]
