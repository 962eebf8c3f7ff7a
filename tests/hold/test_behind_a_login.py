"""With accounts, nothing but the login answers strangers."""

import httpx
import pytest
from serving import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("login")
    (folder / "people.txt").write_text("anna:secret\n")
    with Server(folder, "--auth", str(folder / "people.txt")) as server:
        yield server


def test_strangers_reach_nothing_but_the_login(server):
    for path in (
        "/config",
        "/gradio_api/info",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/upload_progress?upload_id=a",
    ):
        answer = server.get(path)
        assert answer.status_code == 401 and answer.json()["error"] == "Log in first.", path
    for path, options in (
        ("/gradio_api/upload", {"files": [("files", ("a.mp4", b"a"))]}),
        ("/gradio_api/call/inspect", {"json": {"data": [None]}}),
        ("/gradio_api/run/inspect", {"json": {"data": [None]}}),
        ("/gradio_api/queue/join", {"json": {"data": [], "fn_index": 1, "session_hash": "a"}}),
    ):
        assert server.post(path, **options).status_code == 401, path
    assert '"components":[]' in server.get("/").text and server.get("/health").json()["ready"]
    assert not [path for path in server.temporary.rglob("*") if path.is_file()]


def test_people_come_in(server):
    with httpx.Client(base_url=server.address, timeout=60) as client:
        wrong = client.post("/login", data={"username": "anna", "password": "wrong"})
        assert wrong.status_code == 400 and wrong.json()["error"].endswith(".")
        assert client.post("/login", data={"username": "anna", "password": "secret"}).json() == {"success": True}
        assert client.get("/config").status_code == 200
    assert "anna" not in server.text and "secret" not in server.text
