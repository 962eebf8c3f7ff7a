"""What a person sees: at first, on a phone, from the last row of a lecture hall, and without a pointer."""

from playing import MOVING, SETS, inside, moving, on_stage
from playwright.sync_api import expect

from d2st.data.folders import spoken

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


def boxes(page, *selectors):
    return [page.locator(selector).bounding_box() for selector in selectors]


@MOVING
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
