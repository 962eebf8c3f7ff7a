"""The camera's pictures on their way in: a function that the page's script calls past Gradio's queue."""

import json
from itertools import count

import httpx
import pytest
from served import served_page
from visits import event, picture, small_model

FUNCTION = "/gradio_api/component_server/"
NUMBERS = count(1)


@pytest.fixture(scope="module")
def ask():
    """A request to the page."""
    with served_page(small_model()) as address, httpx.Client(base_url=address, timeout=60) as client:
        parts = client.get("/config").json()["components"]
        [live] = [part["id"] for part in parts if part["props"].get("elem_id") == "live"]

        def ask(session, data, **more):
            sent = {"data": data, "component_id": live, "fn_name": "watch", "session_hash": session} | more
            return client.post(FUNCTION, json=sent)

        ask.client, ask.live = client, live
        yield ask


def film(ask, session, at, run="one"):
    return json.loads(ask(session, event(next(NUMBERS), at, picture(0), run=run)).json())


def test_each_page_has_its_own_camera(ask):
    assert "start" not in film(ask, "mine", 0)
    assert "start" not in film(ask, "another", 0.6)  # the first that this one sees
    assert film(ask, "mine", 0.6)["start"] == 0
    assert ask("mine", {"do": "leave", "run": "one"}).json() == ""
    assert "start" not in film(ask, "mine", 1.2, run="two")


def test_what_is_no_picture_is_a_sentence_and_what_is_no_question_is_refused(ask, caplog):
    assert "unknown here" in json.loads(ask("x", {"do": "fly"}).json())["problem"]
    assert "unknown here" in json.loads(ask("x", None).json())["problem"]
    assert "unknown here" in json.loads(ask("", ["watch"]).json())["problem"]
    assert ask("x", {}, fn_name="postprocess").status_code == 404
    assert ask("x", {}, component_id=10**6).status_code == 404
    assert ask({"no": "text"}, {}).status_code == 400
    form = {"component_id": ask.live, "fn_name": "watch", "session_hash": "x", "do": "leave"}
    told = ask.client.post(FUNCTION, files={"clip": b"film"}, data=form)
    assert told.status_code == 200 and "unknown here" in json.loads(told.json())["problem"]
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
