"""Takes the README's pictures from the page as it is: PYTHONPATH=.:tests python tests/browser/pictures.py"""

import shutil
from io import BytesIO
from pathlib import Path

from conftest import NAMES, SWITCHES
from PIL import Image
from playing import SETS, inside, on_stage, open_set
from playwright.sync_api import expect, sync_playwright

from d2st.demo import layout
from d2st.models.zoo import load_model

ASSETS = Path(__file__).parents[2] / "assets"
TABLE, PEOPLE = SETS
WAIT = 60_000
PHONE = 390


def visit(browser, address, example, width, height, theme="light"):
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)
    page.set_default_timeout(WAIT)
    page.goto(f"{address}?__theme={theme}")
    open_set(page, example.title)
    return page


def keep(picture, name):
    """256 colours: a third of the bytes, and nobody sees it."""
    picture.convert("RGB").quantize(256).save(ASSETS / name, optimize=True)


def at(page, frame):
    """The stage stands still at a frame that the network saw."""
    page.evaluate("frame => d2st.stage.go({ frame, playing: false })", frame)
    page.mouse.move(2, 2)
    page.wait_for_timeout(1000)


def first_screen(browser, address):
    page = visit(browser, address, TABLE, 1366, 768)
    at(page, 2)
    keep(Image.open(BytesIO(page.screenshot())), "page.png")


def what_if(browser, address):
    page = visit(browser, address, TABLE, 1366, 768)
    page.get_by_role("tab", name="What if").click()
    page.get_by_role("button", name="Ask again").click()
    page.locator("#outcomes tbody tr").nth(8).wait_for()
    keep(Image.open(BytesIO(page.locator("#outcomes table").screenshot())), "what-if.png")


def points(browser, address):
    page = visit(browser, address, TABLE, 1366, 768)
    page.locator("#queries").get_by_role("button", name="push left").click()
    on_stage(page, "push left")
    view = inside(page)
    view.get_by_label("Group").select_option(index=1)
    view.get_by_role("button", name="Save").click()
    with page.expect_download() as download:
        view.get_by_role("button", name="GIF").click()
    download.value.save_as(ASSETS / "points.gif")


def dark_and_phone(browser, address):
    height = 900
    wide = visit(browser, address, PEOPLE, 1366, height, "dark")
    inside(wide).get_by_role("button", name="Space and time").click()
    phone = visit(browser, address, PEOPLE, PHONE, height)
    both = Image.new("RGB", (1366 + 24 + PHONE, height), "white")
    for page, left in ((wide, 0), (phone, 1366 + 24)):
        at(page, 3)
        both.paste(Image.open(BytesIO(page.screenshot())), (left, 0))
    keep(both, "dark-and-phone.png")


def main():
    expect.set_options(timeout=WAIT)
    page = layout.build(load_model())
    _, address, _ = page.launch(prevent_thread_lock=True, quiet=True, **layout.LAUNCH)
    program = next(filter(None, map(shutil.which, NAMES)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        for take in (first_screen, what_if, points, dark_and_phone):
            take(browser, address)
    page.close()


if __name__ == "__main__":
    main()
