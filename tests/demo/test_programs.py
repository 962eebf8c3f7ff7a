"""The functions for programs, over `gradio_client` and plain HTTP, at a page that is served."""

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from served import served_page
from small import EXAMPLES
from visits import small_model

from d2st.demo import brought, faults
from d2st.demo.given import GIVEN
from d2st.demo.guard import API
from d2st.matching import MATCHINGS
from d2st.models.checkpoint import save_checkpoint

PEOPLE = EXAMPLES / "people"
PATHS = [PEOPLE / "support" / action / "1.mp4" for action in ("jump", "kick")]
QUERY = PEOPLE / "query" / "kick.mp4"
ACTIONS = ["jump", "kick"]
OFFERED = ("predict", "predict_many", "what_if", "compare", "distances", "inspect", "explore")


@pytest.fixture(scope="module")
def address():
    with served_page(small_model()) as address:
        yield address


@pytest.fixture(scope="module")
def client(address):
    return Client(address, verbose=False)


@pytest.fixture
def clips():
    return [handle_file(path) for path in PATHS]


def test_every_function_answers_a_client(client, clips, tmp_path):
    query = handle_file(QUERY)
    found = client.predict(clips, ACTIONS, query, api_name="/predict")
    assert set(found["scores"]) == set(ACTIONS) and sum(found["shares"].values()) == pytest.approx(1)
    many = client.predict(clips, ACTIONS, [query, query], api_name="/predict_many")
    assert [a["label"] for a in many] == [found["label"]] * 2 and many[0]["truth"] == "kick"
    assert len(client.predict(clips, ACTIONS, query, api_name="/what_if")) == 8
    save_checkpoint(tmp_path / "mine.safetensors", small_model("st", seed=4).host, "mine")
    mine = handle_file(tmp_path / "mine.safetensors")
    rows = client.predict(clips, ACTIONS, query, mine, api_name="/compare")
    assert [row["row"] for row in rows] == ["frozen", "own", "dropped"]
    compared = client.predict(clips[1], query, True, api_name="/distances")
    assert len(compared["distances"]) == 8 and set(compared["matchings"]) == set(MATCHINGS)
    points = client.predict(query, api_name="/inspect")
    assert {trace["pathway"] for trace in points["traces"]} == {"spatial", "temporal"}
    assert set(points["changes"]) == {trace["layer"] for trace in points["traces"]}
    assert client.predict(query, api_name="/explore").startswith("<!doctype html>")


def test_a_client_is_told_what_each_value_is(client):
    endpoints = client.view_api(return_format="dict")["named_endpoints"]
    assert {*endpoints} == {f"/{name}" for name in OFFERED}
    asked = {each["parameter_name"]: each for each in endpoints["/predict"]["parameters"]}
    assert asked["examples"]["python_type"]["type"] == "list[filepath | str]"
    assert asked["actions"]["python_type"]["type"] == "list[str]" and asked["centre"]["parameter_default"] is True
    assert all(each["label"] == GIVEN[name].about for name, each in asked.items())


def asked(address, name, *data, **named):
    """A function's answer over plain HTTP: the stream of its events. Values by position, or by name."""
    route = f"{address}{API}/call/{'v2/' if named else ''}{name}"
    joined = httpx.post(route, json=named or {"data": data}, timeout=60)
    joined.raise_for_status()
    return httpx.get(f"{route}/{joined.json()['event_id']}", timeout=60).text


SENTENCES = [
    ((None,), "There is no clip"),
    (("/etc/passwd",), brought.ELSEWHERE),
    ((str(QUERY),), brought.ELSEWHERE),
    (("http://127.0.0.1/kick.mp4",), brought.ADDRESS),
    ((3,), brought.NO_CLIP),
    (("data:video/mp4;name=letter.mp4;base64,AAAA",), "'letter.mp4'"),
]


@pytest.mark.parametrize("data, sentence", SENTENCES)
def test_what_is_wrong_is_the_same_sentence_by_every_way(address, client, data, sentence):
    for said in (asked(address, "inspect", *data), asked(address, "inspect", clip=data[0])):
        assert said.startswith("event: error") and sentence in said
    with pytest.raises(AppError) as told:
        client.predict(*data, api_name="/inspect")
    assert sentence in str(told.value)


def test_too_few_actions_and_unknown_values_are_sentences(address, client, clips):
    query = handle_file(QUERY)
    with pytest.raises(AppError, match="at least two actions"):
        client.predict(clips[:1], ["jump"], query, api_name="/predict")
    with pytest.raises(AppError, match="no matching 'best'"):
        client.predict(clips, ACTIONS, query, "best", api_name="/predict")
    with pytest.raises(AppError, match="2 examples and 1 actions"):
        client.predict(clips, ["jump"], query, api_name="/predict")
    assert faults.UNFIT in asked(address, "inspect")
    unknown = httpx.post(f"{address}{API}/call/v2/inspect", json={"clap": "x"})
    assert unknown.status_code == 422 and unknown.json()["error"] == faults.UNFIT
