"""Support sets of one's own, played as a person plays it: dropped at once, recorded, arranged, kept over a reload."""

import re
import shutil

import pytest
from playwright.sync_api import expect

from d2st.demo.examples import find_examples

PEOPLE = next(found for found in find_examples() if found.name == "people")
KEPT = "sessionStorage.getItem('d2st-visit')"


@pytest.fixture
def folder(tmp_path):
    """A set as people have them: a folder an action, one for queries, and what is no clip."""
    place = tmp_path / "my set"
    for action in ("jump", "kick"):
        (place / action).mkdir(parents=True)
        for clip in PEOPLE.support[action][:2]:
            shutil.copy(clip, place / action)
    (place / "query").mkdir()
    for query in PEOPLE.queries:
        if query.stem in ("jump", "kick"):
            shutil.copy(query, place / "query")
    (place / "kick" / "broken.mp4").write_text("This is no video.")
    (place / "notes.txt").write_text("Notes.")
    return place


def opened(page):
    expect(page.locator("#answer .label")).to_be_visible()
    expect(page.locator("#cards .card").first).to_be_visible()


def drop(page, path, onto):
    """A drop from outside the browser, as the system makes it."""
    onto.scroll_into_view_if_needed()
    box = onto.bounding_box()
    what = dict(items=[], files=[str(path)], dragOperationsMask=1)
    inside = dict(x=box["x"] + box["width"] / 2, y=box["y"] + box["height"] / 2, data=what)
    devtools = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", inside | {"type": kind})


def card(page, action):
    return page.locator(f'#cards .card[data-name="{action}"]')


def shots(page, action):
    return card(page, action).locator(".shot")


def press(page, action, name):
    card(page, action).locator(f'[data-here="{name}"], [data-do="{name}"]').first.click()


def test_a_folder_is_dropped_mended_read_and_still_there_after_a_reload(page, folder, leaving):
    opened(page)
    drop(page, folder, page.locator("#whole-set"))
    table = page.locator("form.intake")
    expect(table).to_contain_text("5 examples of 2 actions, 2 queries")
    expect(table.locator("tr[data-row]")).to_have_count(7)
    table.get_by_text("1 file left aside").click()
    expect(table).to_contain_text("my set/notes.txt: no clip")
    table.get_by_label("Action of all clips of kick").fill("kick out")
    expect(table.get_by_label("Action of kick/1.mp4", exact=True)).to_have_value("kick out")
    expect(table.get_by_label("Action of query/jump.mp4")).to_be_disabled()
    table.get_by_label("Use of jump/2.mp4").select_option("left out")
    table.get_by_role("button", name="Read these clips").click()

    result = page.locator("section.intake")
    expect(result).to_contain_text("Added 3 clips to 2 actions. 1 of the clips could not be taken.", timeout=90_000)
    expect(result).to_contain_text("'broken.mp4' is no video")
    expect(result).to_contain_text("2 of 2 queries answered")
    expect(page.locator("#cards .card")).to_have_count(2)
    expect(shots(page, "jump")).to_have_count(1)
    expect(shots(page, "kick out")).to_have_count(2)
    expect(page.locator("#answer .label")).to_have_text("jump")
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Centre", exact=True).uncheck()
    page.get_by_role("tab", name="Disentangled").click()
    expect(page.locator("#pathways svg").first).to_be_visible()
    before = page.locator("#answer table").inner_text()

    with leaving():
        page.reload()
        opened(page)
    expect(page.locator("#picker [aria-pressed=true]")).to_have_text("Your own clips")
    expect(shots(page, "kick out")).to_have_count(2)
    expect(page.locator("#answer .label")).to_have_text("jump")
    expect(page.locator("#pathways svg").first).to_be_visible()
    assert page.locator("#answer table").inner_text() == before

    press(page, "kick out", "remove")
    expect(page.locator("#examples-note")).to_contain_text("Removed 'kick out' with 2 clips.")
    expect(page.locator("#cards .card")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(page.locator("#examples-note")).to_contain_text("Undone: removed 'kick out'")
    expect(shots(page, "kick out")).to_have_count(2)
    expect(page.locator("#answer .label")).to_have_text("jump")
    press(page, "kick out", "remove")
    expect(page.locator("#cards .card")).to_have_count(1)
    page.frame_locator("#stage iframe").locator("#film").press("Control+z")  # where the focus is mostly
    expect(shots(page, "kick out")).to_have_count(2)

    secret = page.evaluate(KEPT)
    with page.expect_popup() as popup:  # which begins with a copy of what this tab keeps
        page.evaluate("() => { window.open(location.href); }")
    opened(popup.value)
    assert popup.value.evaluate(KEPT) != secret
    expect(popup.value.locator("#picker [aria-pressed=true]")).to_have_text("Table top")
    popup.value.close()
    page.once("dialog", lambda dialog: dialog.accept())
    with leaving(), page.expect_navigation():
        page.get_by_role("button", name="Forget everything").click()
    opened(page)
    assert page.evaluate(KEPT) != secret
    page.locator("#picker").get_by_role("button", name="Your own clips").click()
    expect(page.locator("#cards")).to_contain_text("No actions yet")


def test_clips_are_recorded_into_an_action_which_is_renamed_and_arranged(page):
    opened(page)
    page.locator("#picker").get_by_role("button", name="People").click()
    expect(card(page, "jump")).to_be_visible()
    record = card(page, "jump").get_by_role("button", name="Record into jump")
    record.scroll_into_view_if_needed()
    box = record.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    expect(shots(page, "jump")).to_have_count(4)  # two recordings, one after the other
    page.mouse.up()
    expect(page.locator("#recorder p")).to_contain_text("shots recorded")
    count = 2 + int(re.search(r": (\d+) shots", page.locator("#recorder p").inner_text())[1])
    expect(shots(page, "jump")).to_have_count(count)
    record = card(page, "jump").get_by_role("button", name="Record into jump")
    record.press("Enter")  # a short press records one
    expect(shots(page, "jump")).to_have_count(count + 1)
    expect(record).to_be_focused()
    page.get_by_role("button", name="Close the camera").last.click()
    expect(page.locator("#recorder")).to_be_hidden()

    press(page, "jump", "rename")
    page.locator("dialog.ask input").fill("kick")
    page.get_by_role("button", name="OK", exact=True).click()
    expect(page.locator("#examples-note")).to_contain_text(f"'jump' is part of 'kick' now, which has {count + 3} clips")
    expect(card(page, "jump")).to_have_count(0)
    page.locator("#examples-note").get_by_role("button", name="Undo").click()
    expect(shots(page, "jump")).to_have_count(count + 1)

    shots(page, "kick").first.hover()
    shots(page, "kick").first.locator("[data-here=move]").click()
    page.locator("dialog.ask").get_by_role("button", name="punch").click()
    expect(shots(page, "punch")).to_have_count(3)
    expect(shots(page, "kick")).to_have_count(1)
    shots(page, "punch").last.drag_to(card(page, "kick"))
    expect(shots(page, "kick")).to_have_count(2)
    page.get_by_role("button", name="Reset it").click()
    expect(shots(page, "jump")).to_have_count(2)
    expect(page.get_by_role("button", name="Reset it")).to_have_count(0)
