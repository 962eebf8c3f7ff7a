"""The page, played as a person plays it."""

import base64
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from d2st.data.folders import spoken
from d2st.demo.examples import find_examples
from d2st.demo.workspace import Workspace

SETS = find_examples()
HARD = Path(__file__).parents[1] / "video" / "hard-clips"
# What a finger cannot hit, and what the last row cannot read.
SMALL_TARGETS = """() => [...document.querySelectorAll("button, select, summary, input, [role=tab]")].filter(each => {
    const { width, height } = each.getBoundingClientRect();
    return each.checkVisibility({ visibilityProperty: true }) && width && (width < 43.5 || height < 43.5);
}).map(each => [each.outerHTML.slice(0, 90), each.offsetWidth, each.offsetHeight])"""
TINY_LETTERS = """() => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
    while (walk.nextNode()) {
        const { parentElement: each, data } = walk.currentNode;
        const apart = each.closest("svg, template, script, style, [aria-hidden=true]");
        if (!data.trim() || apart || !each.checkVisibility()) continue;
        if (parseFloat(getComputedStyle(each).fontSize) < 19.9) found.push(`${each.tagName} ${data.slice(0, 40)}`);
    }
    return found;
}"""


def open_set(page, title):
    button = page.locator("#picker").get_by_role("button", name=title)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    example = next((each for each in SETS if each.title == title), None)
    if example:
        expect(page.locator("#answer .label")).to_be_visible()
        on_stage(page, example.queries[0].name)


def inside(page):
    """The stage's own document."""
    return page.frame_locator("#stage iframe")


def on_stage(page, name):
    """Wait until the stage shows a clip."""
    expect(inside(page).locator("html")).to_have_attribute("data-clip", re.compile(name))


def choose(page, button, files):
    """Press a button that asks for files, and give it some."""
    with page.expect_file_chooser() as chooser:
        button.click()
    chooser.value.set_files(files)


def ask_file(page, *files):
    choose(page, page.get_by_role("button", name="Choose a clip"), list(files))


def add(page, action, files):
    """A new action, by the form below the cards."""
    page.get_by_label("Name of a new action").fill(action)
    choose(page, page.get_by_role("button", name="Clips…"), files)


def card(page, action):
    return page.locator(f'#cards .card[data-name="{action}"]')


def shots(page, action):
    return card(page, action).locator(".shot")


def drop(page, selector, *files):
    """Drop files where a person would."""
    described = [{"name": file.name, "data": base64.b64encode(file.read_bytes()).decode()} for file in files]
    page.locator(selector).evaluate(
        """(place, files) => {
            const carried = new DataTransfer();
            for (const { name, data } of files)
                carried.items.add(new File([Uint8Array.from(atob(data), c => c.charCodeAt(0))], name));
            for (const kind of ["dragover", "drop"])
                place.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: carried }));
        }""",
        described,
    )


@pytest.fixture
def uploads(tmp_path):
    """Clips under plain names: three actions, two clips each, and a query for each."""
    files = {}
    for action in ("jump", "punch", "kick"):  # even one shot of each of the first two tells them apart
        clips = SETS[-1].support[action]
        query = next(path for path in SETS[-1].queries if spoken(path) == action)
        for kind, path in zip(("first", "second", "query"), [*clips[:2], query], strict=True):
            files[action, kind] = tmp_path / f"{action} {kind}.mp4"
            files[action, kind].write_bytes(path.read_bytes())
    return files


def boxes(page, *selectors):
    return [page.locator(selector).bounding_box() for selector in selectors]


def test_it_opens_answered_and_playing_on_the_first_screen(page):
    example = SETS[0]
    on_stage(page, example.queries[0].name)
    expect(page.locator("#answer .label")).to_have_text(spoken(example.queries[0]))
    expect(page.locator("#cards .card")).to_have_count(len(example.support))
    expect(page.locator("#answer tbody tr")).to_have_count(len(example.support))
    expect(page.locator("#matched img")).to_have_count(2)
    assert page.evaluate("scrollY") == 0
    examples, stage, answer, new, queries, matched = boxes(
        page, "#cards", "#stage", "#answer", "#new", "#queries", "#matched"
    )
    assert examples["x"] + examples["width"] <= stage["x"] and stage["x"] + stage["width"] <= answer["x"]
    for box in (examples, stage, answer, new, queries, matched):
        assert box["y"] >= 0 and box["y"] + box["height"] <= 768 and box["x"] + box["width"] <= 1366, box
    film = inside(page).locator("#film").bounding_box()
    assert film["height"] > 360 and film["y"] + film["height"] < 768
    assert moving(page) and inside(page).locator("html").evaluate("() => marks().length") > 0


def moving(page):
    """Whether the film on the stage goes on by itself."""
    at = inside(page).locator("html").evaluate("() => state.time")
    return (
        inside(page)
        .locator("html")
        .evaluate(
            """(_, at) => new Promise(done => {
            const look = () => (state.time === at ? requestAnimationFrame(look) : done(true));
            look();
        })""",
            at,
        )
    )


@pytest.mark.parametrize("example", SETS, ids=lambda example: example.name)
def test_every_query_that_comes_along_is_answered_with_a_click(page, example):
    open_set(page, example.title)
    for path in example.queries[::-1]:
        button = page.locator("#queries").get_by_role("button", name=spoken(path))
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(page.locator("#answer .label")).to_have_text(spoken(path))
        on_stage(page, path.name)


def test_a_shot_plays_while_the_keyboard_or_the_pointer_is_on_it(page):
    picture = "#cards .card:first-child .shot:first-child .film img"
    running = f"getComputedStyle(document.querySelector('{picture}')).animationName"
    assert page.evaluate(running) == "none"
    page.locator("#cards .shot").first.focus()
    assert page.evaluate(running) == "play"
    page.locator("#cards .shot").nth(1).hover()
    page.evaluate("document.activeElement.blur()")
    assert page.evaluate(running) == "none"


def test_own_clips_bad_ones_among_them(page, uploads, tmp_path):
    (one, other) = list(dict.fromkeys(action for action, _ in uploads))[:2]
    open_set(page, "Your own clips")
    expect(page.locator("#answer")).to_contain_text("two or more actions")
    bad = tmp_path / "diary.mp4"
    bad.write_text("Dear diary, this is no video.")

    add(page, one, [uploads[one, "first"], bad, uploads[one, "second"]])
    expect(page.locator("#examples-note")).to_contain_text("'diary.mp4'")
    expect(shots(page, one)).to_have_count(2)
    expect(page.get_by_label("Name of a new action")).to_have_value("")
    expect(page.locator("#answer")).to_contain_text("second action")

    drop(page, "#stage", uploads[other, "query"], bad)
    on_stage(page, uploads[other, "query"].name)
    expect(page.locator("#query-note")).to_contain_text("'diary.mp4' was left aside")
    add(page, other, [uploads[other, "first"]])
    expect(page.locator("#answer .label")).to_have_text(other)

    drop(page, f'#cards .card[data-name="{other}"]', uploads[other, "second"])
    expect(shots(page, other)).to_have_count(2)
    choose(page, page.get_by_role("button", name=f"Add clips to {one}"), [uploads[one, "query"]])
    expect(shots(page, one)).to_have_count(3)
    expect(page.locator("#cards .card")).to_have_count(2)

    shots(page, other).first.hover()
    shots(page, other).first.get_by_role("button", name="Remove").click()
    expect(shots(page, other)).to_have_count(1)
    page.get_by_role("button", name=f"Remove the action {one}").click()
    expect(page.locator("#cards .card")).to_have_count(1)
    expect(page.locator("#answer")).to_contain_text("second action")


def test_a_camera_records_a_query_that_becomes_an_example(page):
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator(".camera video")).to_be_visible()
    expect(page.locator("#stage iframe")).to_be_hidden()
    page.get_by_role("button", name="Start recording").click()
    page.wait_for_timeout(1500)  # of the recording
    page.get_by_role("button", name="Stop", exact=True).click()
    on_stage(page, "recording.*[.]webm")
    expect(page.locator("#stage iframe")).to_be_visible()
    expect(page.locator("#answer tbody tr")).to_have_count(5)
    page.get_by_label("Name of a new action").fill("spin")
    page.get_by_role("button", name="Query", exact=True).click()
    expect(shots(page, "spin")).to_have_count(1)
    expect(page.locator("#answer")).to_contain_text("Drop or record a query clip")
    page.get_by_label("Name of a new action").fill("turn")
    page.get_by_role("button", name="Query", exact=True).click()
    expect(page.locator("#examples-note")).to_contain_text("no query clip to add")


@pytest.mark.parametrize("name, sentence", [("NotAllowedError", "may not use"), ("NotFoundError", "is no camera")])
def test_a_camera_that_is_not_to_be_had_is_a_sentence(page, name, sentence):
    page.evaluate(
        "name => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name)); }", name
    )
    page.keyboard.press("r")
    expect(page.locator(".camera p")).to_contain_text(sentence)
    page.keyboard.press("Escape")
    expect(page.locator("#stage iframe")).to_be_visible()


def test_what_is_missing_is_said_and_what_is_typed_stays(page, tmp_path):
    page.get_by_role("button", name="Clips…").click()
    expect(page.locator("#sending-examples")).to_contain_text("needs a name")
    bad = tmp_path / "diary.mp4"
    bad.write_text("Dear diary, this is no video.")
    add(page, "empty", [bad])
    expect(page.locator("#examples-note")).to_contain_text("'diary.mp4' is no video")
    expect(page.get_by_label("Name of a new action")).to_have_value("empty")


def test_a_query_that_is_no_video(page, tmp_path):
    letter = tmp_path / "letter.mp4"
    letter.write_text("Dear reader, this is no video.")
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator("#answer")).to_contain_text("query clip")
    expect(inside(page).locator("#empty")).to_be_visible()
    ask_file(page, letter)
    expect(page.locator("#query-note")).to_contain_text("'letter.mp4' is no video")
    expect(page.locator("#cards .card")).to_have_count(len(SETS[0].support))


@pytest.mark.parametrize("name", ["plain_b_frames.avi", "windows.asf", "camcorder.m2ts"])
def test_what_browsers_cannot_play_plays_on_the_stage(page, name):
    ask_file(page, HARD / name)
    on_stage(page, name)
    assert moving(page)


def test_a_moving_picture_can_be_asked_about(page, tmp_path):
    frames = [Image.new("RGB", (96, 64), (20 * index, 90, 200)) for index in range(10)]
    frames[0].save(tmp_path / "wave.gif", save_all=True, append_images=frames[1:], duration=100)
    drop(page, "#stage", tmp_path / "wave.gif")
    on_stage(page, "wave.gif")


def test_a_fault_of_ours_is_one_sentence(page, monkeypatch):
    def fail(*_):
        raise RuntimeError("secret path")

    monkeypatch.setattr(Workspace, "match", fail)
    page.locator("#picker").get_by_role("button", name=SETS[1].title).click()
    expect(page.locator("#examples-note")).to_contain_text("Something went wrong")
    expect(page.locator("body")).not_to_contain_text("secret")


def test_own_clips_are_kept_while_an_example_is_looked_at(page, uploads):
    (action, _), clip = next(iter(uploads.items()))
    open_set(page, "Your own clips")
    add(page, action, [clip])
    expect(shots(page, action)).to_have_count(1)
    ask_file(page, clip)
    on_stage(page, clip.name)
    open_set(page, SETS[0].title)
    expect(page.locator("#cards .card")).to_have_count(len(SETS[0].support))
    open_set(page, "Your own clips")
    expect(page.locator("#cards .card")).to_have_count(1)
    on_stage(page, clip.name)


def test_names_are_text_and_nothing_else(page, uploads):
    name = "<img src=x onerror=document.title='taken'> ${1} {{2}}"
    open_set(page, "Your own clips")
    add(page, name, [next(iter(uploads.values()))])
    expect(page.locator("#cards h3")).to_have_text(name)
    expect(page).to_have_title(re.compile("D²ST"))


def test_what_was_chosen_on_the_stage_stays_for_the_next_query(page):
    view = inside(page)
    view.get_by_role("button", name="temporal").click()
    view.get_by_label("Layer").select_option("stage 3")
    expect(view.locator("#count")).to_contain_text("few places")
    page.locator("#queries button").nth(1).click()
    on_stage(page, SETS[0].queries[1].name)
    expect(view.get_by_label("Layer")).to_have_value("stage 3")
    expect(view.locator("#count")).to_contain_text("few places")


def test_the_view_is_saved_and_opens_from_disk(page, browser, tmp_path):
    view = inside(page)
    view.get_by_role("button", name="Save").click()
    with page.expect_download() as download:
        view.get_by_role("button", name="This view").click()
    download.value.save_as(tmp_path / "view.html")
    alone = browser.new_page(offline=True)
    alone.goto((tmp_path / "view.html").as_uri())
    expect(alone.locator("html[data-ready]")).to_be_attached()
    expect(alone.locator("h1")).to_contain_text(SETS[0].queries[0].name)
    alone.close()


def test_settings_score_again(page):
    score = page.locator("#answer tbody tr").first.locator("td").last
    before = score.inner_text()
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Frame to frame").check()
    expect(score).not_to_have_text(before)
    before = score.inner_text()
    page.get_by_label("Centre").uncheck()
    expect(score).not_to_have_text(before)


def test_on_a_phone_stage_and_answer_come_first(page):
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("#cards .card").first).to_be_hidden()
    ((stage, label, tools),) = [boxes(page, "#stage", "#answer .label", "#tools")]
    assert stage["y"] < label["y"] < tools["y"] and label["y"] + label["height"] < 844
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.evaluate(SMALL_TARGETS) + inside(page).locator("html").evaluate(f"() => ({SMALL_TARGETS})()")
    assert small == []
    fold = page.get_by_role("button", name="Examples", exact=True)
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#cards .card").first).to_be_visible()
    assert page.evaluate(SMALL_TARGETS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("tab", name="Many queries").click()
    expect(page.locator("#many-clips")).to_be_visible()


def test_for_a_projector_there_is_one_view_at_a_time(page, address, leaving):
    page.set_viewport_size({"width": 1920, "height": 1080})
    with leaving():
        page.goto(f"{address}?present=1")
    expect(page.locator("#answer .label")).to_be_visible()
    expect(inside(page).locator("html.present")).to_be_attached()
    assert inside(page).locator("#film").bounding_box()["height"] >= 800
    tiny = page.evaluate(TINY_LETTERS) + inside(page).locator("html").evaluate(f"() => ({TINY_LETTERS})()")
    assert tiny == []
    for shown, hidden in (("#cards", "#stage"), ("#matrices svg >> nth=0", "#cards"), ("#stage iframe", "#inside")):
        page.keyboard.press("PageDown")
        expect(page.locator(shown)).to_be_visible()
        expect(page.locator(hidden)).to_be_hidden()
        page.wait_for_function(f"() => ({TINY_LETTERS})().length === 0")
    page.keyboard.press("p")
    expect(page.locator("#inside")).to_be_visible()
    expect(inside(page).locator("html.present")).to_have_count(0)


def test_everything_has_a_key(page, tmp_path):
    """From the page to an exported picture without a pointer."""
    reached = []
    for _ in range(100):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("(at => at.dataset.do || at.dataset.here || at.tagName)(document.activeElement)"))
        if reached[-1] == "IFRAME" or "IFRAME" in reached[:-1]:
            break
    assert {"open", "present", "help", "add", "remove", "new-files"} <= set(reached), reached
    stage = inside(page)
    focused = stage.locator(":focus")
    for _ in range(20):
        if focused.count() and focused.get_attribute("id") == "saving":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(stage.get_by_role("button", name="PNG")).to_be_focused()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".png")
    page.keyboard.press("?")  # the stage hands on what is for the page
    expect(page.locator("#help")).to_be_visible()
    expect(page.locator("#help")).to_contain_text("the first pathway, the second")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.locator("#queries button").nth(2).focus()
    page.keyboard.press("Enter")
    on_stage(page, SETS[0].queries[2].name)
