"""What a person does on the page, and where things stand in it."""

import base64
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from d2st.demo.examples import find_examples

SETS = find_examples()
MOVING = pytest.mark.parametrize("motion", ["no-preference"])  # of tests of what plays by itself


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


def violations(*places, context=None):
    """What axe finds in pages and frames, or within a selector; again where something was fading meanwhile."""
    for _ in range(3):
        found = [each for place in places for each in Axe().run(place, context).response["violations"]]
        if not found:
            break
        places[0].wait_for_timeout(1000)
    return [(each["id"], [node["target"] for node in each["nodes"]][:3]) for each in found]
