"""A long file on the page: the same time line, within a visitor's limits, by turns."""

import base64
import re
from dataclasses import replace

import pytest
from films import bundled, joined
from visits import filled, small_model

from d2st.demo.films import scanned
from d2st.demo.handlers import Handlers
from d2st.demo.html import time_line as html
from d2st.demo.limits import STANDARD
from d2st.demo.turns import Turns, shared
from d2st.demo.workspace import Visit
from d2st.errors import D2STError


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    joined(bundled("table", "wave", "push left"), path)
    return str(path)


def test_a_film_is_gone_through_by_turns_and_shows_its_progress(film):
    model, turns, gone = small_model(), Turns(), []
    taken = turns.take

    def counted(*call):
        gone.append("turn")
        return taken(*call)

    turns.take = counted
    recognizer = filled(shared(model, turns))
    gone.clear()

    def progress(windows):
        for each in windows:
            gone.append(each)
            yield each

    found = scanned(recognizer, film, 2.0, STANDARD, progress)
    assert found.duration == 5 and found.window == 2 and found.stride == 0.5 and len(found.scores) == 7
    assert [each for each in gone if each != "turn"] == list(range(7))
    assert gone.count("turn") <= 20 + 7  # pictures, windows
    assert all("turn" in gone[gone.index(each) + 1 :] for each in range(7))


@pytest.mark.parametrize(
    "limit, sentence",
    [({"film_seconds": 3}, "lasts 5 s, and 3 s is the most"), ({"megabytes_at_once": 0.01}, "0.01 MB is the most")],
)
def test_a_film_beyond_the_limits_is_refused(film, limit, sentence):
    with pytest.raises(D2STError, match=sentence):
        scanned(filled(small_model()), film, 2.0, replace(STANDARD, **limit))


def test_reading_is_paid_for_by_the_piece(film):
    turns = Turns(replace(STANDARD, reading_seconds=1e-9))
    with turns.admitted("visitor", "address", "scan") as request, pytest.raises(D2STError, match="Reading the clips"):
        request.reading = 1
        scanned(filled(shared(small_model(), turns)), film, 2.0, STANDARD)


def test_what_it_takes_is_said_in_its_place(film):
    handlers = Handlers(small_model(), {})
    visit = Visit(handlers.model)
    assert "two actions" in handlers.scan(visit, film, 2.0)["time_line"]
    visit.workspace.recognizer = filled(handlers.model)
    assert "no long file yet" in handlers.scan(visit, None, 2.0)["time_line"]
    assert "A window lasts" in handlers.scan(visit, film, 100.0)["time_line"]


def test_the_answers_are_shown_and_taken_along(film):
    found = scanned(filled(small_model(), ("<b>", "wave")), film, 2.0, STANDARD)
    found = replace(
        found,
        passages=(
            replace(found.passages[0], start=0, end=1.5, action="<b>", score=-1),
            replace(found.passages[0], start=1.5, end=3, action=None, score=None),
            replace(found.passages[0], start=3, end=5, action="wave", score=-2),
        ),
    )
    shown = html.found(found)
    assert "<b>" not in shown and "an action in 70 % of it" in shown and "<td>−2.00</td>" in shown
    assert "left:60.0000%;width:40.0000%" in shown and ">0:03.0</td><td>0:05.0</td><td>wave" in shown
    files = dict(re.findall(r'download="time-line\.(\w+)" href="data:[^,]*,([^"]*)"', shown))
    assert set(files) == {"csv", "json", "vtt"}
    said = base64.b64decode(files["vtt"]).decode()
    assert said.startswith("WEBVTT\n\n") and "00:00:03.000 --> 00:00:05.000\nwave\n" in said and "&lt;b&gt;" in said
