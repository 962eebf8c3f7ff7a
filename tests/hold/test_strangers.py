"""Requests that no page of ours sends: each is answered by a sentence, and writes at most a line without names."""

import json
import socket
import time

import pytest
from serving import Server, uploaded
from small import EXAMPLES

from d2st.demo import brought, faults, guard

CLIP = EXAMPLES / "people" / "query" / "kick.mp4"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("strangers"), "--log-format", "json") as server:
        yield server


@pytest.fixture
def lines(server):
    """What the server writes while a test runs."""
    before = len(server.text)
    written: list[str] = []

    def read():
        written[:] = server.text[before:].splitlines()
        return written

    yield read
    for line in read():
        said = json.loads(line)  # one line each, none of them a part of a traceback
        assert set(said) >= {"time", "level", "log", "event"} and "Traceback" not in line
        assert "annas_wedding" not in line and "passwd" not in line and str(server.temporary) not in line


@pytest.mark.parametrize(
    "data, sentence",
    [
        ([uploaded("/etc/passwd")], faults.ELSEWHERE),
        ([uploaded("/home/anna/annas_wedding.mp4")], faults.ELSEWHERE),
        ([uploaded("http://127.0.0.1:{port}/config")], faults.ADDRESS),
        ([uploaded("http://169.254.169.254/annas_wedding.mp4")], faults.ADDRESS),
        ([uploaded("file:///etc/passwd")], faults.ADDRESS),
        ([], faults.UNFIT),
        ([1, 2, 3], faults.UNFIT),
        (["annas_wedding.mp4"], faults.ELSEWHERE),
        ([{"path": None}], brought.NO_CLIP),
    ],
)
def test_inputs_that_were_not_uploaded_are_a_sentence(server, lines, data, sentence):
    data = json.loads(json.dumps(data).replace("{port}", str(server.port)))
    queued = server.ask("inspect", *data) if len(data) == 1 else ""
    assert not queued or (queued.startswith("event: error") and sentence in queued)
    direct = server.post("/gradio_api/run/inspect", json={"data": data})
    if direct.status_code != 404:  # the way past the queue may be closed
        assert direct.json()["error"] == sentence
    assert len(lines()) <= 4


@pytest.mark.parametrize(
    "path, body, status",
    [
        ("run/predict", {"data": [], "fn_index": 9999}, 404),
        ("run/annas_wedding", {"data": []}, 404),
        ("call/annas_wedding", {"data": []}, 404),
        ("call/v2/annas_wedding", {}, 404),
        ("queue/join", {"data": [], "fn_index": 9999, "session_hash": "a"}, 404),
        ("queue/join", {"data": [], "fn_index": -1, "session_hash": "a"}, 404),
        ("queue/join", {"data": "annas_wedding", "fn_index": 1, "session_hash": "a"}, 422),
        ("queue/join", {}, 422),
        ("queue/join", {"data": [], "fn_index": 1}, 400),
        ("nothing", {}, 404),
    ],
)
def test_what_there_is_not_is_a_sentence(server, lines, path, body, status):
    answer = server.post(f"/gradio_api/{path}", json=body)
    assert answer.status_code == status and answer.json()["error"].endswith(".")
    assert "annas_wedding" not in answer.text and len(lines()) <= 1


def test_files_and_addresses_of_others_are_not_served(server, lines):
    for path in ("file=/etc/passwd", "file=http://127.0.0.1/", "file=https://example.org/", "deep_link?session_hash=a",
                 "custom_component/a/client/b/c", "file=../../etc/passwd", "proxy=https://a.hf.space/x"):  # fmt: skip
        answer = server.get(f"/gradio_api/{path}")
        assert answer.status_code in (403, 404) and answer.json()["error"].endswith("."), path
    lines()


def test_foreign_hosts_and_origins_are_refused_with_a_sentence(server, lines):
    own = f"127.0.0.1:{server.port}"
    for headers, status in (
        ({"Host": "evil.example"}, 400),
        ({"Host": f"evil.example:{server.port}"}, 400),
        ({"Host": "127.0.0.1.evil.example"}, 400),
        ({"Host": own, "Origin": "http://evil.example"}, 403),
        ({"Host": own, "Origin": "null"}, 403),
        ({"Host": own, "Origin": "http://127.0.0.1:1"}, 403),
        ({"Host": own, "Origin": f"http://127.0.0.1:{server.port}@evil.example"}, 403),
        ({"Host": own, "Origin": f"http://{own}"}, 200),
        ({"Host": f"localhost:{server.port}"}, 200),
    ):
        answer = server.get("/config", headers=headers)
        assert answer.status_code == status, headers
        assert status == 200 or answer.json()["error"] in (guard.HOST, guard.ORIGIN)
    assert server.get("/health", headers={"Host": "10.0.0.1"}).status_code == 200
    refused = [line for line in server.get("/metrics").text.splitlines() if line.startswith("d2st_refused_total")]
    assert 'd2st_refused_total{why="host"} 3.0' in refused and 'd2st_refused_total{why="origin"} 4.0' in refused
    lines()


def test_bodies_are_bounded_whether_or_not_they_say_how_long_they_are(server, lines):
    def pieces():
        for _ in range(60):
            yield b" " * 100_000

    for options in ({"content": b" " * 6_000_000}, {"content": pieces()}):
        answer = server.post("/gradio_api/run/inspect", headers={"Content-Type": "application/json"}, **options)
        assert answer.status_code == 413 and "4 MB at once is the most" in answer.json()["error"]
    said = f"POST /gradio_api/upload HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 99999999999\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as plain:
        plain.sendall(said.encode())
        assert b"413" in plain.recv(1000).split(b"\r\n")[0]
    lines()


def test_an_upload_that_breaks_off_leaves_nothing(server, lines):
    kept = {path for path in server.temporary.rglob("*") if path.is_file()}
    head = (
        f"POST /gradio_api/upload HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 9000000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
        'Content-Disposition: form-data; name="files"; filename="annas_wedding.mp4"\r\n\r\n'
    )
    with socket.create_connection(("127.0.0.1", server.port)) as plain:
        plain.sendall(head.encode() + bytes(3_000_000))
    while 'd2st_refused_total{why="left"} 1.0' not in server.get("/metrics").text:
        time.sleep(0.1)
    assert {path for path in server.temporary.rglob("*") if path.is_file()} == kept


def test_a_page_is_still_served_and_programs_are_still_answered(server, lines):
    (path,) = server.upload(("annas_wedding.mp4", CLIP.read_bytes())).json()
    assert '"traces"' in server.ask("inspect", uploaded(path))
    assert "gradio_config" in server.get("/").text
    lines()
