"""What can be taken along from the page: every view as SVG, PNG, CSV and JSON, and the figure. Each file is opened."""

import csv
import io
import json
import zipfile
from xml.etree import ElementTree

import cv2
import pytest
from films import bundled, joined
from playwright.sync_api import expect

from d2st.data.folders import spoken
from d2st.demo.examples import find_examples

SVG = "{http://www.w3.org/2000/svg}"
PEOPLE = find_examples()[-1]


def saved(page, place, kind, folder):
    """The file that a button of a view gives."""
    with page.expect_download() as download:
        page.locator(f"{place} .save").get_by_text(kind.upper(), exact=True).click()
    file = folder / f"{kind}-{download.value.suggested_filename}"
    download.value.save_as(file)
    assert file.suffix == f".{kind}"
    return file


def texts(root):
    return [each.text for each in root.iter(f"{SVG}text")]


def links(root):
    return {value for each in root.iter() for key, value in each.attrib.items() if key.endswith("href")}


def words(text):
    return sorted(text.split())


@pytest.fixture
def answered(page):
    expect(page.locator("#answer .label")).to_be_visible()
    return page


def pictures(page, place, folder):
    """A view as SVG and PNG, held against what stands on the page."""
    root = ElementTree.parse(saved(page, place, "svg", folder)).getroot()
    assert root.tag == f"{SVG}svg" and not list(root.iter(f"{SVG}foreignObject"))
    assert all(link.startswith("data:image/png;base64,") for link in links(root))
    seen = page.locator(f"{place} .picture")
    assert words(" ".join(texts(root))) == words(" ".join(seen.evaluate(SEEN)))
    for mark in ("circle", "polyline", "rect"):
        assert len(list(root.iter(SVG + mark))) >= seen.locator(f"svg {mark}").count()
    assert len(list(root.iter(f"{SVG}image"))) == seen.locator("image, img").count()
    picture = cv2.imread(str(saved(page, place, "png", folder)))
    assert picture.shape[:2] == (3 * int(root.get("height")), 3 * int(root.get("width"))) and picture.std() > 5
    return root


SEEN = """view => {
    const walker = document.createTreeWalker(view, NodeFilter.SHOW_TEXT), found = [];
    while (walker.nextNode()) found.push(walker.currentNode.data);
    return found;
}"""


def cell(value):
    """A value of JSON as CSV has it."""
    return "" if value is None else {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def rows(page, place, folder):
    """The numbers of a view: CSV read back, which says the same as JSON."""
    head, *lines = csv.reader(io.StringIO(saved(page, place, "csv", folder).read_text(encoding="utf-8-sig")))
    told = json.loads(saved(page, place, "json", folder).read_text(encoding="utf-8"))
    assert [[cell(value) for value in row.values()] for row in told["rows"]] == lines
    return [dict(zip(head, line, strict=True)) for line in lines]


def test_every_view_is_saved_as_it_is_seen(answered, tmp_path):
    page = answered
    page.get_by_role("tab", name="What if").click()  # first, since it takes longest
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator("#outcomes tbody tr")).to_have_count(9, timeout=120_000)
    pictures(page, "#outcomes", tmp_path)
    actions = page.locator("#outcomes thead th").all_inner_texts()[1:-1]
    for row, shown in zip(rows(page, "#outcomes", tmp_path), page.locator("#outcomes tbody tr").all(), strict=True):
        assert [f"{100 * float(row[f'share of {action}']):.0f}" for action in actions] == [
            cell.split("\u202f")[0] for cell in shown.locator("td").all_inner_texts()[:-1]
        ]
        assert row["answer"] in shown.inner_text() and ("flips" in shown.inner_text()) == (row["flips"] == "yes")

    page.get_by_role("tab", name="Matching").click()
    expect(page.locator("#matrices .matrix")).to_have_count(2)
    pictures(page, "#matrices", tmp_path)
    distances = rows(page, "#matrices", tmp_path)
    assert [f"{float(row['distance']):.2f}" for row in distances] == page.locator("#matrices text").all_text_contents()
    assert sum(row["taken by bi-mhm"] == "yes" for row in distances[:64]) >= 8

    for name, values in (("frames", "adds to the margin"), ("examples", "score")):
        pictures(page, f"[data-name={name}]", tmp_path)
        assert all(abs(float(row[values])) < 100 for row in rows(page, f"[data-name={name}]", tmp_path))

    page.get_by_role("tab", name="Compare", exact=True).click()
    page.locator("#compare-adapters").click()
    expect(page.locator("#compared tbody tr")).to_have_count(4, timeout=120_000)
    pictures(page, "#compared", tmp_path)
    framed = (
        ElementTree.parse(tmp_path / "svg-compare.svg").getroot().findall(f"{SVG}rect[@fill='none'][@stroke-width='2']")
    )
    assert len(framed) == 1  # the page's own answer
    compared, cells = rows(page, "#compared", tmp_path), page.locator("#compared td").all_inner_texts()
    assert len(compared) == len(cells) == 4 * 6
    for row, shown in zip(compared, cells, strict=True):
        assert row["answer"] in shown and ("≠" in shown) == (row["differs"] == "yes")
        assert f"{100 * float(row['share']):.0f}" in shown

    page.get_by_role("tab", name="Disentangled").click()
    expect(page.locator("#pathways tbody tr")).to_have_count(3)
    pictures(page, "#pathways", tmp_path)
    first = [float(row["change"]) for row in rows(page, "#pathways", tmp_path)[:8]]
    assert page.locator("#pathways td span").first.inner_text() == f"{100 * sum(first) / 8:.1f} %"

    page.get_by_role("tab", name="Across layers").click()
    expect(page.locator("#layers figure")).to_have_count(6)
    pictures(page, "#layers", tmp_path)
    page.locator("#ask-layers").click()
    expect(page.locator("#by-layer .save")).to_be_visible(timeout=120_000)
    left, _, width, _ = map(float, pictures(page, "#by-layer", tmp_path).get("viewBox").split())
    drawn = (
        ElementTree.parse(tmp_path / "svg-layer-by-layer.svg").getroot().find(f"{SVG}polyline")
    )  # not in its stretched SVG
    xs = [float(point.split(",")[0]) for point in drawn.get("points").split()]
    assert len(xs) == 4 and left < xs[0] < left + width / 4 and xs[-1] > left + 3 * width / 4
    assert {row["adapters"] for row in rows(page, "#by-layer", tmp_path)} == {"with", "without"}
    for row, shown in zip(
        rows(page, "#layers", tmp_path), page.locator("#layers figcaption").all_inner_texts(), strict=True
    ):
        assert f"{row['layer']}, {row['pathway']}" in shown
        assert f"{float(row['offset in pixels']):.0f} px, {float(row['offset in frames']):.1f} frames" in shown
        assert f"{100 * float(row['share outside']):.0f} % outside" in shown


def test_rows_of_many_queries_are_saved_and_open_in_the_stage(answered, tmp_path):
    page = answered
    page.locator("#picker").get_by_role("button", name=PEOPLE.title).click()
    expect(page.locator("#cards .card")).to_have_count(len(PEOPLE.support))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(PEOPLE.queries[0], f"{spoken(PEOPLE.queries[0])}/=1+1.mp4")
    page.get_by_role("tab", name="Many queries").click()
    page.locator("#many-clips input[type=file]").set_input_files([tmp_path / "all.zip", PEOPLE.queries[1]])
    expect(page.locator("#many-clips")).to_contain_text("all")
    page.get_by_role("button", name="Answer them all").click()
    expect(page.locator("#many-answers .batch tbody tr")).to_have_count(2)
    packed, plain = rows_of_many(page, tmp_path)
    assert packed["query"] == "'=1+1.mp4" and packed["right"] == plain["right"] == "yes"
    shown = page.locator("#many-answers .batch tbody tr").first.inner_text()
    assert f"{float(packed['margin']):.2f}" in shown and packed["answer"] in shown
    for index, name in ((0, "=1+1.mp4"), (1, PEOPLE.queries[1].name)):
        page.locator("#many-answers .batch").get_by_role("button").nth(index).click()
        expect(page.locator("#clip-name")).to_have_text(name)
        expect(page.locator("#answer .label")).to_have_text(spoken(PEOPLE.queries[index]))
        expect(page.locator("#stage")).to_be_in_viewport()


def test_a_long_file_gives_a_time_line_that_is_saved(answered, tmp_path):
    page = answered
    page.locator("#picker").get_by_role("button", name=PEOPLE.title).click()
    expect(page.locator("#cards .card")).to_have_count(len(PEOPLE.support))
    joined(bundled("people", "jump", "punch"), tmp_path / "long.mp4")
    page.get_by_role("tab", name="Many queries").click()
    page.locator("#long-file input[type=file]").set_input_files(tmp_path / "long.mp4")
    expect(page.locator("#long-file")).to_contain_text("long")
    page.get_by_role("button", name="Find the actions in it").click()
    expect(page.locator("#time-line .time-line span")).to_have_text(["jump", "punch"], timeout=120_000)
    shown = rows(page, "#time-line", tmp_path)
    assert [row["action"] for row in shown if row["action"]] == ["jump", "punch"]
    expect(page.locator("#time-line .batch tbody tr")).to_have_count(len(shown))
    assert "\njump\n" in saved(page, "#time-line", "vtt", tmp_path).read_text()
    drawn = ElementTree.parse(saved(page, "#time-line", "svg", tmp_path)).getroot()
    assert {"jump", "punch"} <= {word for text in texts(drawn) for word in words(text or "")}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def rows_of_many(page, folder):
    """As `rows`, where a name has had to be kept from being a formula."""
    text = saved(page, "#many-answers", "csv", folder).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_figure_is_drawn_from_the_page(answered, tmp_path):
    root = ElementTree.parse(saved(answered, "#figure", "svg", tmp_path)).getroot()
    drawn = ElementTree.tostring(root, encoding="unicode")
    assert all(word in drawn for word in ("Stage 1", "Bi-MHM, centred", "efficientnet-lite0", "lift up"))
    data = saved(answered, "#figure", "pdf", tmp_path).read_bytes()
    assert data.startswith(b"%PDF") and data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") == 1
