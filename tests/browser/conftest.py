"""The page on a free port, and a real Chromium that looks at it."""

import os
import shutil
import socket
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect, sync_playwright

from d2st.demo import layout
from d2st.models.zoo import load_model

SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a camera that films a spinning disc
    "--use-fake-ui-for-media-stream",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def model():
    return load_model()


@pytest.fixture(scope="session")
def address(model):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    page = layout.build(model)
    _, address, _ = page.launch(
        server_name="127.0.0.1",
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        **layout.LAUNCH,
    )
    yield address
    page.close()


@pytest.fixture(scope="session")
def launch():
    """Starts a Chromium with some switches more."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not program:
        sentence = "No Chromium was found. Install one, or say where it is: CHROMIUM=/path/to/chromium"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(sentence)
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        yield lambda *switches: playwright.chromium.launch(executable_path=program, args=[*SWITCHES, *switches])


@pytest.fixture(scope="session")
def browser(launch):
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def visits(browser):
    """What fresh visits have in common: what the browser has fetched before."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    yield context
    context.close()


@pytest.fixture
def motion():
    """What a visitor wants of movement. Nothing plays by itself, unless a test is `MOVING`: it takes a processor."""
    return "reduce"


@pytest.fixture
def complaints():
    """What the page put on the console."""
    return []


@pytest.fixture
def leaving(complaints):
    """Around a step that leaves the page: answers still on their way may end in complaints then."""

    @contextmanager
    def leaving():
        before = list(complaints)
        yield
        complaints[:] = before

    return leaving


@pytest.fixture
def page(visits, motion, address, complaints, computed_once):
    """A fresh visit. Afterwards: nothing on the console, and no other host was asked for anything."""
    page = visits.new_page()
    page.emulate_media(reduced_motion=motion)
    page.set_default_timeout(30_000)
    strangers = []
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request", lambda request: request.url.startswith((address, "data:", "blob:")) or strangers.append(request.url)
    )
    page.goto(address)
    expect(page.locator("#answer .label")).to_be_visible(timeout=120_000)  # the examples are computed at first
    yield page
    page.close()
    assert complaints == []
    assert strangers == []
