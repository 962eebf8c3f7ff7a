"""Takes the README's pictures from the page as it is: PYTHONPATH=.:tests python tests/browser/pictures.py"""

import shutil
from io import BytesIO
from pathlib import Path

from conftest import NAMES, SWITCHES
from PIL import Image
from playwright.sync_api import expect, sync_playwright
from test_page import SETS, inside, open_set

from d2st.demo import layout
from d2st.models.zoo import load_model

ASSETS = Path(__file__).parents[2] / "assets"
TABLE, PEOPLE = SETS
WAIT = 60_000


def visit(browser, address, example, width, height, theme="light"):
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)
    page.set_default_timeout(WAIT)
    page.goto(f"{address}?__theme={theme}")
    open_set(page, example.title)
    return page


def keep(picture, name):
    """256 colours: a third of the bytes, and nobody sees it."""
    picture.convert("RGB").quantize(256).save(ASSETS / name, optimize=True)


def whole_page(browser, address):
    page = visit(browser, address, TABLE, 1280, 900)
    page.locator("#query video").evaluate("video => { video.pause(); video.currentTime = 0.6; }")
    page.mouse.move(2, 2)
    page.wait_for_timeout(1000)
    keep(Image.open(BytesIO(page.screenshot(full_page=True))), "page.png")


def what_if(browser, address):
    page = visit(browser, address, TABLE, 1280, 900)
    page.get_by_role("tab", name="What if").click()
    page.get_by_role("button", name="Ask again").click()
    page.locator("#outcomes tbody tr").nth(8).wait_for()
    keep(Image.open(BytesIO(page.locator("#outcomes table").screenshot())), "what-if.png")


def points(browser, address):
    page = visit(browser, address, TABLE, 1280, 900)
    page.locator("#queries").get_by_role("button", name="push left").click()
    view = inside(page)
    expect(view.locator("h1")).to_contain_text("push left")
    view.get_by_label("Group").select_option(index=1)
    with page.expect_download() as download:
        view.get_by_role("button", name="GIF").click()
    download.value.save_as(ASSETS / "points.gif")


def dark_and_phone(browser, address):
    wide = visit(browser, address, PEOPLE, 1280, 1180, "dark")
    inside(wide).get_by_role("button", name="Space and time").click()
    phone = visit(browser, address, PEOPLE, 390, 1180)
    taken = []
    for page in (wide, phone):
        page.locator("#inside").scroll_into_view_if_needed()
        page.locator("#inside").evaluate("tabs => tabs.scrollIntoView({block: 'start'})")
        page.wait_for_timeout(1000)
        taken.append(Image.open(BytesIO(page.screenshot())))
    both = Image.new("RGB", (sum(one.width for one in taken) + 24, 1180), "white")
    both.paste(taken[0], (0, 0))
    both.paste(taken[1], (taken[0].width + 24, 0))
    keep(both, "dark-and-phone.png")


def main():
    expect.set_options(timeout=WAIT)
    page = layout.build(load_model())
    _, address, _ = page.launch(prevent_thread_lock=True, quiet=True, **layout.LAUNCH)
    program = next(filter(None, map(shutil.which, NAMES)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        for take in (whole_page, what_if, points, dark_and_phone):
            take(browser, address)
    page.close()


if __name__ == "__main__":
    main()
