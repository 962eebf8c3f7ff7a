"""Every way in goes through the same turns, and what comes by one changes no answer of another's."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from crowd import API, PEOPLE, Visitor, examples_of, served


@pytest.fixture(scope="module")
def server():
    with served() as server:
        yield server


@pytest.fixture
def visitor(server):
    return Visitor(server)


def given(visitor):
    examples, actions = examples_of(visitor)
    return [examples, actions, visitor.upload(PEOPLE / "query" / "kick.mp4"), "bi-mhm", True]


def scores(message):
    assert message["success"], message
    return message["output"]["data"][0]["scores"]


@pytest.mark.parametrize("route", ["run", "api"])
@pytest.mark.parametrize("public", [True, False])
def test_no_way_leads_past_the_queue(server, visitor, route, public):
    body = {"data": given(visitor), "session_hash": visitor.session}
    if not public:
        event = {"do": "open", "workspace": "people"}
        body |= {"fn_index": server.event("wire", "click"), "data": ["bi-mhm", True], "event_data": event}
    answer = visitor.http.post(f"{API}/{route}/what_if", json=body)
    assert answer.status_code == 404 and "queue" in answer.json()["detail"]
    assert server.state()["running"] == 0


def test_answers_stay_right_while_others_change_the_network(server, visitor):
    """What-if of others, by functions for programs and by the page's own events, beside each ask."""
    asked = given(visitor)
    alone = scores(visitor.call("predict", *asked))
    done: list[bool] = []

    def change(number):
        other = Visitor(server)
        if number % 2:
            while not done:
                assert other.call("what_if", *given(other))["success"]
            return
        other.press(do="open", workspace="people")
        while not done:
            other.do(server.event("ask-again", "click"), [])

    with ThreadPoolExecutor(4) as others:
        changing = [others.submit(change, number) for number in range(4)]
        try:
            for _ in range(12):
                assert scores(visitor.call("predict", *asked)) == alone
        finally:
            done.append(True)
        for each in changing:
            each.result()


def test_forty_at_once_run_a_few_at_a_time(server):
    visitors = [Visitor(server) for _ in range(40)]
    clip = visitors[0].upload(PEOPLE / "query" / "kick.mp4")
    visitors[0].call("inspect", clip)
    before = server.state()
    with ThreadPoolExecutor(40) as threads:
        ends = list(threads.map(lambda visitor: visitor.call("inspect", clip), visitors))
    after = server.state()
    answered = [end for end in ends if end["success"]]
    assert len(answered) >= 32 and len({json.dumps(end["output"]["data"]) for end in answered}) == 1
    refused = [end["output"]["error"] for end in ends if not end["success"]]
    assert all("waiting already" in sentence for sentence in refused)
    assert after["most"]["running"] <= 16 and after["memory"] < before["memory"] + 500_000_000


def test_limits_are_the_same_by_every_way(visitor):
    examples, _ = examples_of(visitor)
    long = "jump" * 125_000
    told = visitor.call("predict", examples, [long, "kick"], examples[0], "bi-mhm", True)
    assert not told["success"] and "500000 letters, and 60 is the most" in told["output"]["error"]
    assert "500000 letters, and 60 is the most" in visitor.add(long, examples[0])
    many = visitor.call("predict", examples * 40, ["a", "b"] * 40, examples[0], "bi-mhm", True)
    assert not many["success"] and "These are 80 clips, and 60 is the most at once" in many["output"]["error"]
    assert "These are 80 clips" in visitor.add("jump", *examples * 40)


def test_a_page_that_is_left_drops_its_requests(server):
    visitor, other = Visitor(server), Visitor(server)
    visitor.press(do="open", workspace="people")
    asked = [visitor.join(server.event("ask-again", "click"), []) for _ in range(8)]
    assert all(answer.status_code == 200 for answer in asked)
    with visitor.http.stream("GET", f"{API}/queue/data", params={"session_hash": visitor.session}) as stream:
        next(stream.iter_lines())
    began = time.monotonic()
    other.press(do="open", workspace="people")
    while server.state()["requests"] and time.monotonic() < began + 30:
        time.sleep(0.1)
    assert time.monotonic() < began + 15 and server.state()["requests"] == 0
