"""An upload's address serves whoever brought it."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from d2st.demo import owners
from d2st.demo.owners import COOKIE, Owners, paths_in


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))

    async def upload(request):
        file = tmp_path / (await request.body()).decode() / "clip é.mp4"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"clip")
        return JSONResponse([str(file)])

    async def file(request):
        return PlainTextResponse(Path(request.path_params["path"]).read_bytes())

    async def page(request):
        return PlainTextResponse("page")

    routes = [
        Route("/", page),
        Route("/gradio_api/upload", upload, methods=["POST"]),
        Route("/gradio_api/file={path:path}", file),
        Route("/gradio_api/file/{path:path}", file),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Owners)])


def visit(app):
    browser = TestClient(app)
    browser.get("/")
    return browser


def bring(browser, content="a"):
    [file] = browser.post("/gradio_api/upload", content=content).json()
    return file


def status(browser, file):
    found = {browser.get(f"/gradio_api/{way}{quote(file)}").status_code for way in ("file=", "file/")}
    assert len(found) == 1
    return found.pop()


def test_an_upload_serves_its_owner_only(app):
    mine, other, nobody = visit(app), visit(app), TestClient(app)
    assert mine.cookies[COOKIE] != other.cookies[COOKIE] and len(mine.cookies[COOKIE]) >= 32
    name = mine.cookies[COOKIE]
    assert "set-cookie" not in mine.get("/").headers and mine.cookies[COOKIE] == name
    file = bring(mine)
    assert status(mine, file) == 200
    assert status(other, file) == status(nobody, file) == 403
    round_about = str(Path(file).parent / ".." / Path(file).parent.name / Path(file).name)
    assert other.get(f"/gradio_api/file={quote(round_about)}").status_code == 403
    assert bring(other) == file and status(other, file) == status(mine, file) == 200 and status(nobody, file) == 403


def test_what_comes_without_a_cookie_is_served_to_who_knows_the_address(app):
    program = TestClient(app)
    file = bring(program, "b")
    assert status(program, file) == status(visit(app), file) == 200


def test_the_notes_are_bounded_and_a_strange_answer_is_nobodys(app, monkeypatch):
    monkeypatch.setattr(owners, "REMEMBERED", 2)
    browser = visit(app)
    files = [bring(browser, name) for name in "abc"]
    assert [status(visit(app), file) for file in files] == [200, 403, 403]
    assert paths_in(b"no list") == paths_in(b'{"a": 1}') == paths_in(json.dumps([3]).encode()) == []


def test_a_broken_cookie_is_none(app):
    assert TestClient(app, headers={"cookie": "d2st_browser"}).get("/").status_code == 200
