"""Lessons, played in a browser: every step with what it speaks of in view, its address, and nothing spoilt."""

import re

import pytest
from playing import MOVING, card, violations
from playwright.sync_api import expect

from d2st.demo.lessons import LESSONS, STAGE

# What is meant stands below the box, which has stuck to the top, or beside it in Present, and is outlined.
IN_VIEW = """selector => {
    const target = document.querySelector(selector), box = document.querySelector("#lesson .lesson");
    if (!target || !box) return false;
    const place = target.getBoundingClientRect(), above = box.getBoundingClientRect();
    const room = place.top < innerHeight - 60 || place.bottom <= innerHeight;
    const apart = place.top >= above.bottom - 2 || place.right <= above.left + 2;
    return place.height > 0 && place.top >= 0 && room && apart && above.top >= 0
        && getComputedStyle(target).outlineStyle === "solid";
}"""


SHOWS = "wanted => Object.entries(wanted).every(([name, value]) => state[name] === value)"


def stage(page):
    """The stage's own frame."""
    return next(frame for frame in page.frames if frame != page.main_frame)


def panel(page):
    return page.locator("#lesson .lesson")


def begin(page, name):
    page.locator(".menu summary").click()
    page.locator(".lessons").get_by_role("button", name=LESSONS[name].title, exact=True).click()


def on(page):
    panel(page).get_by_role("button", name=re.compile("^(Next|Done)$")).click()


@pytest.mark.parametrize(
    "width, height, names",
    [(1366, 768, tuple(LESSONS)), (390, 844, ("matching", "limits")), (1920, 1080, ("adapter", "honest"))],
    ids=["all of them", "on a phone", "in Present"],
)
def test_every_step_has_what_it_speaks_of_in_view(page, width, height, names):
    page.set_viewport_size({"width": width, "height": height})
    if width == 1920:
        page.keyboard.press("p")
    for name in names:
        lesson = LESSONS[name]
        begin(page, name)
        for number, step in enumerate(lesson.steps, start=1):
            expect(panel(page)).to_have_attribute("data-step", str(number))
            expect(panel(page)).to_have_attribute("data-lesson", name)
            expect(page).to_have_url(re.compile(rf"lesson={name}&step={number}$"))
            expect(page.locator("#answer .label")).to_have_text(step.query)
            page.wait_for_function(IN_VIEW, arg=step.target)
            if step.target == STAGE and step.go:
                pointed = {"token", "point"} if step.walks else set()
                wanted = {key: value for key, value in step.go.items() if key not in pointed} | {"layer": "stage 1"}
                stage(page).wait_for_function(SHOWS, arg=wanted)
                assert bool(stage(page).evaluate("state.token && state.point")) == step.walks
            on(page)
        expect(panel(page)).to_have_count(0)
        expect(page).not_to_have_url(re.compile("lesson"))


def test_steps_are_gone_through_with_back_and_forward_and_can_be_opened_by_address(page, leaving):
    begin(page, "order")
    expect(panel(page)).to_contain_text("1 of 4")
    on(page)
    expect(panel(page)).to_contain_text("2 of 4")
    on(page)
    expect(panel(page)).to_contain_text("3 of 4")
    page.go_back()
    expect(panel(page)).to_contain_text("2 of 4")
    page.go_forward()
    expect(panel(page)).to_contain_text("3 of 4")
    with leaving():
        page.reload()
    expect(panel(page)).to_contain_text("3 of 4")
    expect(page.get_by_role("tab", name="Matching")).to_have_attribute("aria-selected", "true")
    assert violations(page) == []
    panel(page).get_by_role("button", name="Close the lesson").click()
    expect(panel(page)).to_have_count(0)
    page.go_back()
    expect(panel(page)).to_contain_text("3 of 4")


def test_what_is_removed_in_a_lesson_is_there_afterwards(page):
    begin(page, "limits")
    on(page)
    expect(panel(page)).to_contain_text("2 of 4")
    card(page, "wave").hover()
    card(page, "wave").get_by_role("button", name="Remove the action wave").click()
    expect(page.locator("#answer .label")).not_to_have_text("wave")
    expect(panel(page)).to_contain_text("2 of 4")
    panel(page).get_by_role("button", name="Close the lesson").click()
    expect(card(page, "wave")).to_be_visible()


@MOVING
def test_columns_lead_to_the_stage(page):
    expect(page.locator("#answer .label")).to_be_visible()
    page.get_by_role("tab", name="Across layers").click()
    page.get_by_role("button", name="Answer layer by layer").click()
    expect(page.locator("#by-layer .column")).to_have_count(4)
    page.locator("#by-layer button.column").nth(1).click()
    stage(page).wait_for_function(SHOWS, arg={"layer": "stage 2"})
    page.get_by_role("tab", name="Matching").click()
    expect(page.locator("#decided .carried button.column")).to_have_count(8)
    margin = float(re.search(r"margin\s+of\s+(\d+\.\d+)", page.locator("#answer").inner_text())[1])
    parts = page.locator("#decided .carried .column > span:last-child").all_inner_texts()
    assert abs(sum(float(each.replace("−", "-")) for each in parts) - margin) < 0.05
    page.locator("#decided .carried button.column").nth(3).click()
    stage(page).wait_for_function(SHOWS, arg={"playing": False})
    assert stage(page).evaluate("seenAt(state.time)") == 3
