"""The answer layer by layer, every shot's score and the frames' margins, as HTML."""

import json
import re
from html import unescape

import numpy as np
import pytest

from d2st.demo.html.by_layer import by_layer
from d2st.demo.html.decided import frames, shots
from d2st.demo.html.pieces import number
from d2st.explain.by_layer import ANSWER, ByLayer, LayerAnswer
from d2st.explain.decided import Decided, Shot
from d2st.video import Clip

BAD = "<img src=x onerror=alert(1)>\"'&"


def clip(name="a.mp4"):
    return Clip(name, np.zeros((8, 16, 16, 3), np.uint8), np.arange(8.0), (), 1.0, 8.0, 16, 16, 8)


def goes(shown):
    return [json.loads(unescape(each)) for each in re.findall(r'data-go="([^"]*)"', shown)]


def tops(shown, kind):
    return [float(top) for top in re.findall(rf'<i class="{kind}[^"]*" style="top:([\d.]+)%', shown)]


@pytest.fixture
def found():
    adapted = [
        LayerAnswer("stage 1", "kick", 0.3, -0.3), LayerAnswer("stage 2", "jump", 0.1, 0.1),
        LayerAnswer(ANSWER, "jump", 0.5, 0.5),
    ]  # fmt: skip
    return ByLayer("jump", adapted, [LayerAnswer(row.layer, "kick", 0.2, -0.2) for row in adapted])


def test_a_column_a_layer_leads_to_it(found):
    shown = by_layer(found, clip())
    assert goes(shown) == [{"layer": "stage 1"}, {"layer": "stage 2"}]
    assert shown.count('class="column"') == 3 and "with: jump by 0.50" in shown
    assert "with: <em>kick</em> by 0.30" in shown and shown.count("without: <em>kick</em> by 0.20") == 3


def test_what_leads_by_more_stands_higher_and_the_line_is_at_nothing(found):
    shown = by_layer(found, clip())
    adapted, frozen = tops(shown, "adapted"), tops(shown, "frozen")
    line = float(re.search(r'<hr style="top:([\d.]+)%', shown)[1])
    assert adapted == sorted(adapted, reverse=True) and adapted[0] > line > adapted[1]
    assert len(set(frozen)) == 1 and line < frozen[0] < adapted[0]


def test_without_a_frozen_row_nothing_is_said_of_it(found):
    shown = by_layer(ByLayer("jump", found.adapted, []), clip())
    assert "frozen" not in shown and "without" not in shown


def test_the_frames_of_a_margin_and_what_belongs_to_none():
    carried = np.array([0.4, 0.1, 0, 0, -0.2, 0, 0, 0.3])
    shown = frames(Decided("jump", "kick", 0.6, carried, 0.0), clip())
    assert goes(shown) == [{"frame": index, "playing": False} for index in range(8)]
    assert "They sum to the margin, 0.60." in shown and shown.count('class="against"') == 1
    heights = [float(height) for height in re.findall(r";height:([\d.]+)%", shown)]
    assert heights == pytest.approx(50 * np.abs(carried) / 0.4, abs=0.1)
    assert "soft minimum" in frames(Decided("jump", "kick", 0.5, carried, -0.1), clip())


def test_every_shot_has_its_row():
    found = [Shot("jump", clip("1.mp4"), -1.5), Shot("kick", clip("2.mp4"), -2.5), Shot("jump", clip("3.mp4"), -3.5)]
    shown = shots(found, clip(), "jump")
    assert shown.count('class="best"') == 2 and shown.index("1.mp4") < shown.index("2.mp4") < shown.index("3.mp4")
    assert re.findall(r"width:([\d.]+)%", shown) == ["100.0", "50.0", "0.0"] and number(-2.5) in shown
    assert "0.0%" in shots(found[:1], clip(), "jump")


def test_no_name_becomes_html(found):
    answers = [LayerAnswer(BAD, BAD, 0.3, 0.3)]
    for shown in (
        by_layer(ByLayer(BAD, answers, answers), clip(BAD)),
        frames(Decided(BAD, BAD, 0.6, np.ones(8), 0.0), clip(BAD)),
        shots([Shot(BAD, clip(BAD), -1.0)], clip(BAD), BAD),
    ):
        assert "<img src=x" not in shown and not re.search(r'="[^"]*<img src=x', shown)
