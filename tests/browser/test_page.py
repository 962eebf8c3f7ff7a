"""The page, played as a person plays it."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playing import MOVING, SETS, add, ask_file, choose, drop, inside, moving, on_stage, open_set, shots
from playwright.sync_api import expect

from d2st.data.folders import spoken
from d2st.demo.workspace import Workspace

HARD = Path(__file__).parents[1] / "video" / "hard-clips"


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


def test_every_query_that_comes_along_is_answered_with_a_click(page):
    for example in SETS:
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


def test_a_camera_that_is_not_to_be_had_is_a_sentence(page):
    fail = "name => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name)); }"
    for name, sentence in (("NotAllowedError", "may not use"), ("NotFoundError", "is no camera")):
        page.evaluate(fail, name)
        page.keyboard.press("r")
        expect(page.locator(".camera p")).to_contain_text(sentence)
        page.keyboard.press("Escape")
        expect(page.locator("#stage iframe")).to_be_visible()


def test_what_is_missing_or_no_video_is_said_and_what_is_typed_stays(page, tmp_path):
    page.get_by_role("button", name="Clips…").click()
    expect(page.locator("#sending-examples")).to_contain_text("needs a name")
    bad = tmp_path / "diary.mp4"
    bad.write_text("Dear diary, this is no video.")
    add(page, "empty", [bad])
    expect(page.locator("#examples-note")).to_contain_text("'diary.mp4' is no video")
    expect(page.get_by_label("Name of a new action")).to_have_value("empty")

    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator("#answer")).to_contain_text("query clip")
    expect(inside(page).locator("#empty")).to_be_visible()
    ask_file(page, bad)
    expect(page.locator("#query-note")).to_contain_text("'diary.mp4' is no video")
    expect(page.locator("#cards .card")).to_have_count(len(SETS[0].support))


@MOVING
def test_what_browsers_cannot_play_plays_on_the_stage(page, tmp_path):
    for name in ("plain_b_frames.avi", "windows.asf", "camcorder.m2ts"):
        ask_file(page, HARD / name)
        on_stage(page, name)
        assert moving(page), name
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
    page.get_by_role("radio", name="Frame to frame").check()
    expect(score).not_to_have_text(before)
    before = score.inner_text()
    page.get_by_label("Centre", exact=True).uncheck()
    expect(score).not_to_have_text(before)
