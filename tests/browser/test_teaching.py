"""Look inside: lessons, views, sessions and many queries, used as a teacher and a researcher would."""

import re
import zipfile

import pytest
from playing import SETS, add, ask_file, card, inside, on_stage, open_set, violations
from playwright.sync_api import expect

from d2st.data.folders import spoken

TABLE, PEOPLE = SETS


def tab(page, name):
    page.get_by_role("tab", name=name).click()


def ask(page, query):
    page.locator("#queries").get_by_role("button", name=query).click()
    expect(page.locator("#queries").get_by_role("button", name=query)).to_have_attribute("aria-pressed", "true")


def load(page, session):
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Load").click()
    chooser.value.set_files(session)


def test_backwards_one_action_is_the_other(page):
    open_set(page, TABLE.title)
    tab(page, "What if")
    page.get_by_role("button", name="Ask again").click()
    rows = page.locator("#outcomes tbody tr")
    expect(rows).to_have_count(9)
    expect(rows.filter(has_text="played backwards")).to_contain_text("flips to put down")
    expect(rows.filter(has_text="spatial pathway off")).to_contain_text("stays lift up")
    ask(page, "push left")
    expect(rows).to_have_count(0)
    page.get_by_role("button", name="Ask again").click()
    expect(rows.filter(has_text="mirrored")).to_contain_text("flips to push right")


def test_distances_are_shown_for_any_example(page):
    open_set(page, PEOPLE.title)
    tab(page, "Matching")
    shown = page.locator("#matrices svg").first
    expect(page.locator("#matrices svg")).to_have_count(2)
    expect(shown.locator("rect")).to_have_count(64)
    expect(shown.locator("circle")).to_have_count(16)
    before = shown.get_attribute("aria-label")
    page.get_by_label("Example to compare with").click()
    page.get_by_role("option", name="jump: 1.mp4").click()
    expect(shown).not_to_have_attribute("aria-label", before)


def test_every_view_has_what_it_is_of_and_is_no_wider_than_a_phone(page):
    open_set(page, PEOPLE.title)
    for name, shown in (
        ("Matching", {"#matrices svg": 2}),
        ("What if", {"#outcomes tbody tr": 9}),
        ("Disentangled", {"#pathways tbody tr": 3, "#pathways svg": 12}),
        ("Across layers", {"#layers figure": 6}),
    ):
        page.set_viewport_size({"width": 1366, "height": 768})
        tab(page, name)
        if name == "What if":
            page.get_by_role("button", name="Ask again").click()
        for content, count in shown.items():
            expect(page.locator(content)).to_have_count(count)
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
    expect(page.locator("#layers")).to_contain_text("% outside")


# The first place in the middle of the film at which no point lies.
BETWEEN = """() => {
    const film = document.getElementById("film"), box = film.getBoundingClientRect();
    for (let x = box.width / 3; x < 2 * box.width / 3; x += 5) {
        for (let y = box.height / 3; y < 2 * box.height / 3; y += 5) {
            const event = { clientX: box.left + x, clientY: box.top + y };
            if (placeAt(film, event) && !pointAt(film, event)) return { x, y };
        }
    }
}"""


def test_a_place_pressed_in_the_film_shows_what_it_attends_to(page):
    inside(page).locator("#film").click(position=inside(page).locator("html").evaluate(BETWEEN))
    expect(inside(page).locator("#token")).to_contain_text(re.compile("attention of the (2 × 2 )?tokens? at"))


def test_a_part_of_the_query_is_asked_about(page):
    times = "() => data.times"
    before = inside(page).locator("html").evaluate(times)
    page.get_by_role("button", name="Part", exact=True).click()
    end = page.get_by_label("The part ends, in seconds")
    end.focus()
    page.keyboard.press("Home")
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".part output")).to_have_text("0.00 – 1.00 s")
    page.wait_for_function("document.querySelector('#stage iframe').contentWindow.eval('data.times').at(-1) < 1")
    after = inside(page).locator("html").evaluate(times)
    assert len(after) == 8 and 0.8 < after[-1] - after[0] < 1
    page.get_by_role("button", name="Whole clip").click()
    page.wait_for_function("document.querySelector('#stage iframe').contentWindow.eval('data.times').at(-1) > 1")
    assert inside(page).locator("html").evaluate(times) == before


def test_a_session_comes_back_after_a_reload(page, leaving, tmp_path):
    clips = {action: sorted(PEOPLE.support[action])[0] for action in ("jump", "punch")}
    open_set(page, "Your own clips")
    for action, clip in clips.items():
        add(page, action, [clip])
        expect(card(page, action).locator(".shot")).to_have_count(1)
    ask_file(page, next(p for p in PEOPLE.queries if spoken(p) == "punch"))
    expect(page.locator("#answer .label")).to_have_text("punch")
    score = page.locator("#answer tbody tr").first.inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save", exact=True).click()
    download.value.save_as(tmp_path / "mine.npz")
    with leaving():
        page.reload()
    expect(page.locator("#answer .label")).to_have_text("punch")  # the visit came back
    open_set(page, TABLE.title)
    load(page, tmp_path / "mine.npz")
    expect(page.locator("#cards .card")).to_have_count(2)
    expect(page.locator("#answer tbody tr").first).to_have_text(re.compile(r"\s*".join(map(re.escape, score.split()))))


def test_a_file_that_is_no_session_is_refused(page, tmp_path):
    (tmp_path / "no.npz").write_bytes(b"hello")
    load(page, tmp_path / "no.npz")
    expect(page.locator("#examples-note")).to_contain_text("no session")


def test_many_queries_are_answered_and_reported(page, tmp_path):
    open_set(page, PEOPLE.title)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for query in PEOPLE.queries[:3]:
            archive.write(query, f"{spoken(query)}/1.mp4")
    tab(page, "Many queries")
    page.locator("#many-clips input[type=file]").set_input_files([tmp_path / "all.zip", PEOPLE.queries[3]])
    expect(page.locator("#many-clips")).to_contain_text("all")
    page.get_by_role("button", name="Answer them all").click()
    expect(page.locator("#many-answers")).to_contain_text("4 of 4 queries answered")
    expect(page.locator("#many-answers .batch tbody tr")).to_have_count(4)
    expect(page.locator("#many-answers .confusion tbody tr")).to_have_count(4)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the report").click()
    download.value.save_as(tmp_path / "report.html")
    assert "4 of 4 queries answered" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("width, theme", [(1366, "light"), (390, "dark")])
def test_nobody_is_shut_out(page, address, leaving, width, theme):
    page.set_viewport_size({"width": width, "height": 844 if width == 390 else 768})
    with leaving():
        page.goto(f"{address}?__theme={theme}&lesson=order")
    expect(page.locator("#lesson .lesson")).to_be_visible()
    on_stage(page, "lift up")
    for name in page.get_by_role("tab").all_inner_texts():
        tab(page, name)
        assert violations(page) == [], name
    if width == 390:
        page.get_by_role("button", name="Examples", exact=True).click()
    page.get_by_role("button", name="Part", exact=True).click()
    page.get_by_role("button", name="Help", exact=True).first.click()
    expect(page.locator("#help")).to_be_visible()
    assert violations(page, page.locator("#stage iframe").element_handle().content_frame()) == []
