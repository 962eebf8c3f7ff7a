"""A server that is told to stop: within five seconds, with status 0, and nothing of its visitors stays."""

import os
import signal
import threading
import time

import httpx
import psutil
import pytest
from serving import Server, uploaded
from small import EXAMPLES

QUERIES = sorted((EXAMPLES / "people" / "query").glob("*.mp4"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_busy_server_stops_and_leaves_nothing(tmp_path, number):
    with Server(tmp_path) as server:
        paths = server.upload(*((query.name, query.read_bytes()) for query in QUERIES)).json()
        examples = [uploaded(path) for path in paths[:2]]
        asked = [examples, ["a", "b"], [uploaded(path) for path in paths * 12], "bi-mhm", True]
        ended = []

        def ask():
            try:
                ended.append(server.ask("predict_many", *asked))
            except httpx.HTTPError as error:
                ended.append(repr(error))

        visitors = [threading.Thread(target=ask) for _ in range(2)]
        for visitor in visitors:
            visitor.start()
        while not server.children():  # decoders: it reads clips
            time.sleep(0.05)
        time.sleep(1)
        assert any(server.temporary.rglob("*.mp4")) and not ended
        children = server.children()
        seconds, code = server.stop(number)
        assert code == 0 and seconds < 5.5, server.text  # half a second for a machine that is busy with other tests
        for visitor in visitors:
            visitor.join(20)
        assert len(ended) == 2, "a request did not end"
        assert not list(server.temporary.rglob("*"))
        assert not psutil.wait_procs(children, timeout=5)[1]
        assert "Traceback" not in server.text


def test_a_server_that_is_stopped_while_it_starts_leaves_nothing(tmp_path):
    server = Server(tmp_path)
    while not list(server.temporary.glob("d2st-visitors-*")):
        time.sleep(0.02)
    _, code = server.stop(signal.SIGTERM)
    assert code == 0 and not list(server.temporary.rglob("*")) and "Traceback" not in server.text


def test_the_files_of_a_server_that_was_killed_are_deleted_by_the_next(tmp_path):
    with Server(tmp_path) as server:
        server.upload(("a.mp4", QUERIES[0].read_bytes()))
        server.process.kill()
        server.process.wait()
        (left,) = server.temporary.iterdir()
        old = time.time() - 3600
        os.utime(left, (old, old))
    with Server(tmp_path) as living, Server(tmp_path):
        assert left not in list(server.temporary.iterdir()) and len(list(server.temporary.iterdir())) == 2
        assert living.upload(("a.mp4", QUERIES[0].read_bytes())).status_code == 200
