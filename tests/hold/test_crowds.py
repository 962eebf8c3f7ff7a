"""Many at once: nobody waits for long, nobody holds all places, and nothing is kept of a burst."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from crowd import API, PEOPLE, Visitor, examples_of, served
from PIL import Image


@pytest.fixture(scope="module")
def server():
    with served(reading_seconds=3, idle_seconds=5) as server:
        yield server


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A file of 13 kB that takes a quarter of a second to read."""
    file = tmp_path_factory.mktemp("large") / "large.gif"
    Image.new("P", (4096, 4096)).save(file)
    assert file.stat().st_size < 20_000
    return file


def slow(visitor, large, count):
    """The data of a request that reads the large file under so many names."""
    clips = [visitor.upload(large, f"{number}.gif") for number in range(count)]
    return [clips, ["a", "b"] * (count // 2), visitor.upload(PEOPLE / "query" / "kick.mp4"), "bi-mhm", True]


def quick(visitor):
    examples, actions = examples_of(visitor)
    return [examples, actions, visitor.upload(PEOPLE / "query" / "kick.mp4"), "bi-mhm", True]


def test_a_long_request_lets_others_in_between_its_clips(server, large):
    attacker, visitor = Visitor(server), Visitor(server)
    asked = quick(visitor)
    assert visitor.call("predict", *asked)["success"]
    with ThreadPoolExecutor(1) as thread:
        data = slow(attacker, large, 60)
        attack = thread.submit(attacker.call, "predict", *data)
        answered = 0
        while not attack.done():
            assert visitor.call("predict", *asked)["success"]
            answered += not attack.done()
        end = attack.result()
    assert answered >= 2
    assert not end["success"]
    assert "of processor time" in end["output"]["error"] or "others are waiting" in end["output"]["error"]


def test_one_caller_does_not_hold_all_places_and_all_are_told(server, large):
    attacker, visitor = Visitor(server), Visitor(server)
    data, asked = [attacker.upload(large)], quick(visitor)

    def call(_):
        return attacker.http.post(f"{API}/call/inspect", json={"data": data}).json()["event_id"]

    with ThreadPoolExecutor(20) as threads:
        events = list(threads.map(call, range(100)))
        time.sleep(1)
        assert 0 < server.state()["requests"] <= 12  # of a caller without a name all count together
        end, before = visitor.do(server.api("predict"), asked)
        assert end["success"] and server.state()["requests"] > 0
        ends = list(threads.map(lambda event: attacker.http.get(f"{API}/call/inspect/{event}").text, events))
    refused = [end for end in ends if "Your requests are waiting already, 12 of them" in end]
    assert len(refused) > 60 and all("event: complete" in end for end in ends if end not in refused)


def test_an_address_with_many_names_leaves_room_and_whoever_waits_sees_the_place(server, large):
    attackers = [Visitor(server) for _ in range(50)]
    data = slow(attackers[0], large, 2)
    waiting = Visitor(server)
    with ThreadPoolExecutor(51) as threads:
        attacks = [threads.submit(attacker.call, "predict", *data) for attacker in attackers[:20]]
        time.sleep(1)
        placed = threads.submit(waiting.do, server.api("predict"), data)
        time.sleep(1)
        attacks += [threads.submit(attacker.call, "predict", *data) for attacker in attackers[20:]]
        ends = [attack.result() for attack in attacks]
        end, before = placed.result()
    assert end["success"], end
    assert server.state()["most"]["requests"] <= 32 < 48
    refused = [end["output"]["error"] for end in ends if not end["success"]]
    assert refused and all("Requests from your address are waiting already, 32 of them" in each for each in refused)
    started = [message["msg"] for message in before].index("process_starts")
    places = [(m["rank"], m["queue_size"]) for m in before[started:] if m["msg"] == "estimation"]
    assert places and min(places)[0] == 0 < max(places)[0] and all(rank < size for rank, size in places)


def test_memory_comes_back_after_a_burst(server):
    visitors = [Visitor(server) for _ in range(24)]
    visitors[0].call("what_if", *quick(visitors[0]))
    before = rested(server)

    def inspect(visitor):
        return visitor.call("inspect", visitor.upload(PEOPLE / "query" / "kick.mp4", f"{visitor.session}.mp4"))

    with ThreadPoolExecutor(24) as threads:
        for _ in range(3):
            assert all(end["success"] for end in threads.map(inspect, visitors))
        assert all(threads.map(lambda visitor: visitor.press(do="open", workspace="people"), visitors))
    during = server.state()["memory"]
    after = rested(server)
    print("before, during and after", before, during, after)
    assert after["memory"] < 1.1 * before["memory"]
    assert after["threads"] <= before["threads"] + 3


def rested(server):
    """How the server stands when everybody is gone, and its memory falls no more, within two minutes."""
    began, before = time.monotonic(), server.state()
    while time.monotonic() < began + 120:
        time.sleep(5)
        state = server.state()
        still = state["memory"] > 0.999 * before["memory"]
        if not state["visits"] and time.monotonic() > began + 30 and still:
            break
        before = state
    httpx.get(f"{server.address}/config")  # the web server lets its idle threads go when the next request comes
    time.sleep(1)
    return server.state()
