"""Compare, played as a person plays it: press, read, look at another row on the stage, drop a checkpoint."""

import pytest
from playing import violations
from playwright.sync_api import expect

from d2st.models.zoo import SHIPPED


def stage(page):
    return page.frame_locator("#stage iframe")


@pytest.fixture
def compared(page):
    """The page with the first example set compared."""
    expect(page.locator("#answer .label")).to_be_visible()
    page.get_by_role("tab", name="Compare").click()
    page.locator("#compare-adapters").click()
    expect(page.locator("#compared tbody tr")).to_have_count(4)
    return page


def test_adapters_are_compared_and_shown_on_the_stage(compared, tmp_path):
    page, rows = compared, compared.locator("#compared tbody tr")
    assert rows.locator("button").all_inner_texts() == ["No adapters", "ST-Adapter", "DST-Adapter", "D²ST-Adapter"]
    label = page.locator("#answer .label").inner_text()
    expect(rows.nth(3).locator("td.now")).to_contain_text(label)
    expect(rows.nth(3).locator("button")).to_have_attribute("aria-pressed", "true")

    rows.nth(1).locator("button").click()
    expect(rows.nth(1).locator("button")).to_have_attribute("aria-pressed", "true")
    expect(stage(page).locator("body")).to_contain_text("no sampling points")
    expect(page.locator("#answer .label")).to_have_text(label)
    rows.nth(3).locator("button").click()
    expect(rows.nth(3).locator("button")).to_have_attribute("aria-pressed", "true")
    expect(stage(page).locator("body")).not_to_contain_text("no sampling points")

    assert violations(page, context="#inside") == []
    page.evaluate("document.body.classList.add('dark')")
    assert violations(page, context="#inside") == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1366, "height": 768})

    mine = tmp_path / "mine.safetensors"
    mine.write_bytes((SHIPPED / "efficientnet-lite0-dst.safetensors").read_bytes())
    page.locator("#checkpoint input[type=file]").set_input_files(mine)
    expect(page.locator("#checkpoint")).to_contain_text("mine")
    page.locator("#compare-adapters").click()
    expect(rows).to_have_count(5)
    assert rows.nth(4).locator("td").all_inner_texts() == rows.nth(2).locator("td").all_inner_texts()
