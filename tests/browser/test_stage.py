"""The explorer in a frame: what it is sent, and what it says."""

import json
from html import escape

import pytest
from playwright.sync_api import expect
from small import EXAMPLES

from d2st.explain.explorer import page as explorer_page
from d2st.explain.explorer import shown
from d2st.recognizer import Recognizer

AROUND = """<!doctype html><meta name="viewport" content="width=device-width"><body style="margin:0">
<iframe style="width:{width}px;border:0" srcdoc="{page}"></iframe><script>
const frame = document.querySelector("iframe"), heard = [];
let fixed = 0;  // the frame's height
addEventListener("message", event => {{
  if (event.source !== frame.contentWindow) return;
  heard.push(event.data);
  if (event.data.height && !fixed) frame.style.height = `${{event.data.height}}px`;
}});
const tell = message => frame.contentWindow.postMessage(message, "*");
</script>"""


@pytest.fixture(scope="module")
def clips(model):
    """What is sent of two clips, and of one without sampling points."""
    recognizer, sent = Recognizer(model), []
    for name in ("punch", "kick"):
        clip = recognizer.read(str(EXAMPLES / "people" / "query" / f"{name}.mp4"), preview=True)
        sent.append(shown(clip, recognizer.inspect(clip), model))
    return [*sent, shown(clip, [], model)]


@pytest.fixture
def around(browser, tmp_path):
    """A page with the stage in it, and the stage's own document. Afterwards: nothing on the console."""
    complaints, pages = [], []

    def opened(width=640, height=768, **options):
        file = tmp_path / "around.html"
        file.write_text(AROUND.format(page=escape(explorer_page()), width=width))
        page = browser.new_page(viewport={"width": width, "height": height}, **options)
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(file.as_uri())
        page.wait_for_function("heard.some(message => message.ready)")
        pages.append(page)
        return page, page.frames[1]

    yield opened
    for page in pages:
        page.close()
    assert complaints == []


def show(page, stage, message, name):
    page.evaluate(f"tell({json.dumps(message)})")
    expect(stage.locator(f"html[data-clip='{name}']")).to_be_attached()


def test_a_view_stays_for_the_next_clip_and_the_page_hears_of_it(around, clips):
    page, stage = around()
    expect(stage.locator("#empty")).to_be_visible()
    assert stage.locator("button:enabled:visible").evaluate_all("all => all.every(each => each.closest('[inert]'))")
    show(page, stage, {"show": clips[0]}, "punch.mp4")
    assert stage.evaluate("state.playing")
    stage.wait_for_function("innerHeight === document.documentElement.scrollHeight")  # no more, no less
    assert page.evaluate("heard.findLast(message => message.height).height") <= 640
    assert len({b["y"] for b in map(lambda b: b.bounding_box(), stage.locator(".bar > :visible").all())}) <= 2
    stage.locator("#box, #film").first.focus()
    page.keyboard.press("2")
    stage.get_by_label("Layer").select_option("stage 2")
    page.wait_for_function("heard.findLast(message => message.state)?.state.layer === 'stage 2'")
    said = page.evaluate("heard.findLast(message => message.state).state")
    assert (said["pathway"], said["layer"], said["view"]) == ("temporal", "stage 2", "film")
    stage.locator("#film").focus()
    for key in ("p", "/"):  # the page's, if anybody's
        page.keyboard.press(key)
    page.wait_for_function("heard.filter(message => message.key).map(message => message.key).join() === 'p,/'")
    show(page, stage, {"show": clips[1]}, "kick.mp4")
    assert stage.evaluate("[state.pathway, state.layer, state.time <= data.duration]") == ["temporal", "stage 2", True]
    show(page, stage, {"show": clips[2]}, "kick.mp4")
    expect(stage.locator("#count")).to_contain_text("no sampling points")
    page.evaluate("tell({ show: null })")
    expect(stage.locator("#empty")).to_be_visible()
    assert page.evaluate("heard.filter(message => message.ready).length") == 1


def test_the_page_leads_the_view(around, clips):
    page, stage = around(reduced_motion="reduce")
    page.evaluate(
        f"tell({json.dumps({'show': clips[0]})}); tell({{ go: {{ layer: 'stage 3', pathway: 'temporal', frame: 6 }} }})"
    )
    stage.wait_for_function("state.layer === 'stage 3' && data.times[6] === state.time && !state.playing")
    page.evaluate("tell({ go: { view: 'box', heat: true, group: 1, token: { frame: 2, y: 40, x: 90 } } })")
    expect(stage.locator("#box")).to_be_visible()
    expect(stage.locator("#token")).to_contain_text("at 90, 40 px in frame 3")
    before = page.evaluate("heard.length")
    page.evaluate("tell({ go: { playing: true } }); tell({ quiet: true })")
    stage.wait_for_function("state.playing")
    assert page.evaluate(f"heard.slice({before}).filter(message => message.state)") == []  # it knows
    show(page, stage, {"show": clips[1]}, "kick.mp4")
    assert not stage.evaluate("state.playing")


def test_it_is_light_or_dark_as_the_page_and_large_where_it_is_presented(around, clips):
    page, stage = around(1600, 1080)
    page.evaluate("frame.style.height = `${fixed = 1008}px`")  # there is the page's bar above
    show(page, stage, {"mode": "dark", "present": True, "fill": True, "show": clips[0]}, "punch.mp4")
    size = """() => { const c = document.getElementById("film"); return layOut(c.clientWidth, c.clientHeight).high; }"""
    stage.wait_for_function("document.documentElement.classList.contains('present')")
    assert stage.evaluate(size) >= 800
    assert stage.evaluate("document.documentElement.scrollHeight") <= 1008
    sizes = stage.locator("button:visible, select:visible, #said, #now").evaluate_all(
        "all => all.map(each => parseFloat(getComputedStyle(each).fontSize))"
    )
    assert min(sizes) >= 20
    dark = stage.evaluate("getComputedStyle(document.body).color")
    page.evaluate("tell({ mode: 'light', present: false, fill: false })")
    stage.wait_for_function("!document.documentElement.classList.contains('dark')")
    assert stage.evaluate("getComputedStyle(document.body).color") != dark and stage.evaluate(size) < 500


def test_nobody_else_can_send_it_anything(around, clips):
    page, stage = around()
    stage.evaluate(f"postMessage({json.dumps({'show': clips[0]})}, '*')")  # from its own window, not from the page's
    stage.wait_for_timeout(500)
    assert stage.evaluate("data") is None
