"""The page, played as a person plays it."""

import re

import pytest
from playwright.sync_api import expect

from d2st.data.folders import spoken
from d2st.demo.examples import find_examples
from d2st.demo.workspace import Workspace

SETS = find_examples()


def open_set(page, title):
    page.locator("#picker").get_by_role("button", name=title).click()
    expect(page.locator("#answer .label")).to_be_visible()
    expect(inside(page).locator("#strip canvas")).to_have_count(8)


def inside(page):
    """The explorer's own document."""
    return page.frame_locator("#look iframe")


def add(page, action, files):
    page.get_by_label("Action", exact=True).fill(action)
    page.locator("#clips input[type=file]").set_input_files(files)
    for file in files:
        expect(page.locator("#clips")).to_contain_text(file.stem)
    page.get_by_role("button", name="Add", exact=True).click()


def card(page, action):
    return page.locator(f'#cards .card[data-name="{action}"]')


def shots(page, action):
    return card(page, action).locator("li")


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


@pytest.mark.parametrize("example", SETS, ids=lambda example: example.name)
def test_a_bundled_example_is_answered_with_one_click(page, example):
    open_set(page, example.title)
    expect(page.locator("#answer .label")).to_have_text(spoken(example.queries[0]))
    expect(page.locator("#cards .card")).to_have_count(len(example.support))
    expect(page.locator("#answer tbody tr")).to_have_count(len(example.support))
    expect(page.locator("#matched img")).to_have_count(2)
    assert page.locator("#query video").evaluate(
        "video => video.readyState > 0 || new Promise(done => video.addEventListener('loadeddata', () => done(true)))"
    )


def test_another_query_is_answered(page):
    open_set(page, SETS[-1].title)
    query = spoken(SETS[-1].queries[1])
    page.locator("#queries").get_by_role("button", name=query).click()
    expect(page.locator("#answer .label")).to_have_text(query)
    expect(page.locator("#queries").get_by_role("button", name=query)).to_have_attribute("aria-pressed", "true")


def test_own_clips_bad_ones_among_them(page, uploads, tmp_path):
    (one, other) = list(dict.fromkeys(action for action, _ in uploads))[:2]
    expect(page.locator("#answer")).to_contain_text("two or more actions")
    bad = tmp_path / "diary.mp4"
    bad.write_text("Dear diary, this is no video.")

    add(page, one, [uploads[one, "first"], bad, uploads[one, "second"]])
    expect(page.locator("#examples-note")).to_contain_text("'diary.mp4'")
    expect(shots(page, one)).to_have_count(2)
    expect(page.locator("#answer")).to_contain_text("second action")

    page.locator("#query input[type=file]").set_input_files(uploads[other, "query"])
    expect(inside(page).locator("#strip canvas")).to_have_count(8)
    add(page, other, [uploads[other, "first"]])
    expect(page.locator("#answer .label")).to_have_text(other)

    add(page, f" {other} ", [uploads[other, "second"]])
    expect(shots(page, other)).to_have_count(2)
    expect(page.locator("#examples-note")).to_contain_text(f"There was an action '{other}' already")
    expect(page.locator("#cards .card")).to_have_count(2)

    shots(page, other).first.get_by_role("button").click()
    expect(shots(page, other)).to_have_count(1)
    page.get_by_role("button", name=f"Remove the action {one}").click()
    expect(page.locator("#cards .card")).to_have_count(1)
    expect(page.locator("#answer")).to_contain_text("second action")


def test_a_camera_records_a_query_that_becomes_an_example(page):
    open_set(page, SETS[-1].title)
    query = page.locator("#query")
    query.get_by_role("button", name="Capture from camera").click()
    query.get_by_role("button", name="Click to Access Webcam").click()
    query.get_by_text("Record").click()
    page.wait_for_timeout(2500)  # of the recording
    query.get_by_text("Stop").click()
    expect(inside(page).locator("h1")).to_contain_text(".webm")
    expect(page.locator("#answer tbody tr")).to_have_count(5)
    page.get_by_label("Action", exact=True).fill("spin")
    page.get_by_role("button", name="Add the query clip").click()
    expect(shots(page, "spin")).to_have_count(1)
    expect(page.locator("#answer")).to_contain_text("Drop or record a query clip")
    page.get_by_role("button", name="Add the query clip").click()
    expect(page.locator("#examples-note")).to_contain_text("no query clip to add")


def test_what_is_typed_and_dropped_stays_where_something_is_missing(page, uploads):
    action, clip = next((key[0], file) for key, file in uploads.items())
    page.locator("#clips input[type=file]").set_input_files(clip)
    expect(page.locator("#clips")).to_contain_text(clip.stem)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#examples-note")).to_contain_text("needs a name")
    expect(page.locator("#clips")).to_contain_text(clip.stem)

    page.get_by_label("Action", exact=True).fill(action)
    page.get_by_label("Action", exact=True).press("Enter")
    expect(shots(page, action)).to_have_count(1)

    page.get_by_label("Action", exact=True).fill("empty")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#examples-note")).to_contain_text("'empty' has no clip yet")
    expect(page.get_by_label("Action", exact=True)).to_have_value("empty")


def test_a_query_that_is_no_video(page, tmp_path):
    open_set(page, SETS[0].title)
    letter = tmp_path / "letter.mp4"
    letter.write_text("Dear reader, this is no video.")
    page.locator("#query").get_by_label("Clear").click()
    expect(page.locator("#answer")).to_contain_text("query clip")
    page.locator("#query input[type=file]").set_input_files(letter)
    expect(page.locator("#query-note")).to_contain_text("'letter.mp4' is no video")
    expect(page.locator("#cards .card")).to_have_count(len(SETS[0].support))


def test_a_fault_of_ours_is_one_sentence(page, monkeypatch):
    def fail(*_):
        raise RuntimeError("secret path")

    monkeypatch.setattr(Workspace, "match", fail)
    page.locator("#picker").get_by_role("button", name=SETS[0].title).click()
    expect(page.locator("#examples-note")).to_contain_text("Something went wrong")
    expect(page.locator("body")).not_to_contain_text("secret")


def test_own_clips_are_kept_while_an_example_is_looked_at(page, uploads):
    (action, _), clip = next(iter(uploads.items()))
    add(page, action, [clip])
    expect(shots(page, action)).to_have_count(1)
    page.locator("#query input[type=file]").set_input_files(clip)
    expect(inside(page).locator("#strip canvas")).to_have_count(8)
    own = page.locator("#query video").get_attribute("src")
    open_set(page, SETS[0].title)
    expect(page.locator("#cards .card")).to_have_count(len(SETS[0].support))
    expect(page.locator("#query video")).not_to_have_attribute("src", own)
    page.locator("#picker").get_by_role("button", name="Your own clips").click()
    expect(page.locator("#cards .card")).to_have_count(1)
    expect(page.locator("#query video")).to_have_attribute("src", re.compile(re.escape(clip.stem.split()[0])))


def test_names_are_text_and_nothing_else(page, uploads):
    name = "<img src=x onerror=document.title='taken'> ${1} {{2}}"
    add(page, name, [next(iter(uploads.values()))])
    expect(page.locator("#cards h3")).to_have_text(name)
    expect(page).to_have_title(re.compile("D²ST"))


def test_another_layer_and_pathway_are_shown_and_stay_for_the_next_query(page):
    open_set(page, SETS[0].title)
    view = inside(page)
    view.get_by_role("button", name="spatial").click()
    view.get_by_label("Layer").select_option("stage 3")
    expect(view.locator("#count")).to_contain_text("few moments")
    page.locator("#queries button").nth(1).click()
    expect(view.locator("h1")).to_contain_text(SETS[0].queries[1].name)
    expect(view.get_by_label("Layer")).to_have_value("stage 3")
    expect(view.locator("#count")).to_contain_text("few moments")


def test_the_view_is_saved_and_opens_from_disk(page, browser, tmp_path):
    open_set(page, SETS[0].title)
    with page.expect_download() as download:
        inside(page).get_by_role("button", name="This view").click()
    download.value.save_as(tmp_path / "view.html")
    alone = browser.new_page(offline=True)
    alone.goto((tmp_path / "view.html").as_uri())
    expect(alone.locator("html[data-ready]")).to_be_attached()
    expect(alone.locator("h1")).to_contain_text(SETS[0].queries[0].name)
    expect(alone.locator("#save-html")).to_be_hidden()
    alone.close()


def test_settings_score_again(page):
    open_set(page, SETS[0].title)
    score = page.locator("#answer tbody tr").first.locator("td").last
    before = score.inner_text()
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Frame to frame").check()
    expect(score).not_to_have_text(before)
    before = score.inner_text()
    page.get_by_label("Centre").uncheck()
    expect(score).not_to_have_text(before)


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(page, width):
    page.set_viewport_size({"width": width, "height": 844})
    open_set(page, SETS[0].title)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
