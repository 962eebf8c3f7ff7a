"""Live, before a camera that films clips which come along."""

import pytest
from filming import camera, film, pictures_sent
from playing import MOVING, SETS, inside, on_stage, open_set, shots
from playwright.sync_api import expect

pytestmark = MOVING
FILMED = ("push right", "push left", "wave")
DRAWN = """() => {
    const canvas = document.querySelector(".picture canvas");
    return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean);
}"""
# What is said, one after the other, until it was said in the order of the film, or for so long.
HEARD = """([film, patience]) => new Promise(done => {
    const heard = [], label = document.querySelector("#live-answer .label"), twice = [...film, ...film];
    const rounds = film.map((_, first) => twice.slice(first, first + film.length));
    setTimeout(() => done(heard), patience);
    new MutationObserver(() => {
        const said = label.textContent;
        if (!said || said === "Nothing yet" || heard.at(-1) === said) return;
        heard.push(said);
        if (rounds.some(round => String(heard.slice(-film.length)) === String(round))) done(heard);
    }).observe(label, { childList: true });
})"""
PATIENCE = 60_000  # milliseconds, on a machine that is busy with something else; the film goes round in 19 s
SLOWEST = 2  # answers a second, with which it can be followed
PLAYS = "document.querySelector('#stage iframe').contentWindow.eval('running')"
LOSE = "() => document.querySelector('.live video').srcObject.getVideoTracks()[0].dispatchEvent(new Event('ended'))"
HIDE = """() => {
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
DENY = "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError')); }"


@pytest.fixture(scope="module")
def browser(launch, tmp_path_factory):
    queries = {path.stem: path for path in SETS[0].queries}
    file = film(tmp_path_factory.mktemp("camera") / "film.mjpeg", [queries[name] for name in FILMED], slower=2.5)
    browser = launch(camera(file))
    yield browser
    browser.close()


@pytest.fixture
def asked(page):
    return pictures_sent(page)


def start(page):
    page.locator("#tools [data-here=live]").click()
    expect(page.locator(".live .picture")).to_be_visible()


def pace(page):
    """Answers a second."""
    return float((page.locator(".pace").text_content() or "0").split()[0])


def note(page):
    return page.locator(".live .note p")


def test_it_says_what_is_filmed_in_its_order_and_a_moment_is_taught_and_looked_at(page):
    start(page)
    page.locator(".live input").fill("4")
    heard = page.evaluate(HEARD, [FILMED, PATIENCE])
    in_order = heard[-3:] in [[*FILMED[first:], *FILMED[:first]] for first in range(3)]
    if not in_order and pace(page) < SLOWEST:
        pytest.skip(f"This machine is too busy just now to follow a film: {pace(page)} answers a second.")
    assert in_order, heard
    expect(page.locator("#live-answer tbody tr")).to_have_count(len(SETS[0].support))
    expect(page.locator("#answer")).to_be_hidden()
    assert page.evaluate(DRAWN)

    moments, choice = page.locator(".moments"), page.locator(".live .chosen")
    moments.press("End")
    expect(choice).to_contain_text("4.0 s, ")
    choice.get_by_role("button", name="Make it an example").click()
    page.locator("dialog.ask").get_by_role("button", name=FILMED[0]).click()
    expect(page.locator("#examples-note")).to_contain_text("4.0 s of the camera are an example")
    expect(shots(page, FILMED[0])).to_have_count(3)
    expect(choice).to_be_hidden()  # and it goes on
    expect(page.locator("#live-answer .label")).not_to_have_text("")

    moments.press("Home")
    expect(choice).to_be_visible()
    choice.get_by_role("button", name="Show on the stage").click()
    on_stage(page, "live .* s")
    expect(page.locator("#stage iframe")).to_be_visible()
    expect(page.locator("#answer tbody tr")).to_have_count(len(SETS[0].support))
    expect(page.locator("#live")).to_be_hidden()
    assert inside(page).locator("html").evaluate("() => data.film.times.length") >= 2
    expect(page.locator("#tools [data-here=live]")).to_be_focused()


def test_what_goes_wrong_is_a_sentence_and_nothing_is_lost(page, asked):
    answer = page.locator("#answer .label").inner_text()
    page.wait_for_function(PLAYS)
    page.keyboard.press("l")
    expect(page.locator(".pace")).to_contain_text("answers a second")
    page.wait_for_function(f"!({PLAYS})")  # nobody sees the film on the stage
    page.evaluate(LOSE)
    expect(note(page)).to_contain_text("camera was lost")
    count = len(asked)
    page.get_by_role("button", name="Start again").click()
    expect(note(page)).to_be_hidden()
    expect(page.locator("#live-answer .label")).not_to_be_empty()
    assert len(asked) > count and asked[count]["at"] < asked[count - 1]["at"]
    page.evaluate(HIDE)
    expect(note(page)).to_contain_text("out of sight")
    assert page.evaluate("document.querySelector('.live video').srcObject") is None
    page.evaluate("() => { delete document.hidden; }")
    page.evaluate(DENY)
    page.get_by_role("button", name="Start again").click()
    expect(note(page)).to_contain_text("may not use the camera")
    page.locator(".live").press("Escape")
    expect(page.locator("#answer .label")).to_have_text(answer)
    expect(page.locator("#stage iframe")).to_be_visible()
    page.wait_for_function(PLAYS)


def test_a_slow_server_gets_no_heap_of_pictures_and_without_examples_it_says_what_is_missing(page, asked):
    open_set(page, "Your own clips")
    held: list = []
    slow = True

    def pass_on(route):
        if slow and '"watch"' in route.request.post_data:
            held.append(route)
        else:
            route.continue_()

    page.route("**/component_server/", pass_on)
    start(page)
    expect(note(page)).to_contain_text("slow to come")
    assert len(held) == len(asked) == 2
    slow = False
    for each in held:
        each.continue_()
    expect(note(page)).to_be_hidden()
    expect(page.locator("#live-answer")).to_contain_text("Open an example set above")
    page.wait_for_function("document.querySelector('.pace').textContent")
    ahead = [later["at"] - earlier["at"] for earlier, later in zip(asked, asked[1:], strict=False)]
    assert ahead[1] > 1.5 and min(ahead) > 0.1  # nothing was sent for the time between

    page.unroute("**/component_server/")
    page.route("**/component_server/", lambda route: route.fulfill(body="no answer"))
    expect(note(page)).to_contain_text("slow to come")
    page.unroute("**/component_server/")
    expect(note(page)).to_be_hidden()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#live")).to_be_hidden()
