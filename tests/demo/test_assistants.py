"""Every tool over a real session of the Model Context Protocol."""

import asyncio
import base64
import json
import shutil
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client
from served import in_thread, served_page
from small import EXAMPLES
from visits import small_model

from d2st.demo.brought import ELSEWHERE
from d2st.matching import MATCHINGS

PEOPLE = EXAMPLES / "people"
CLIPS = [PEOPLE / "support" / action / "1.mp4" for action in ("jump", "kick")]
QUERY = PEOPLE / "query" / "kick.mp4"
ACTIONS = ["jump", "kick"]


@pytest.fixture(scope="module")
def address():
    with served_page(small_model(), assistants=True) as address:
        yield address


@asynccontextmanager
async def session(address):
    async with (
        streamablehttp_client(f"{address}/gradio_api/mcp/") as (read, write, _),
        ClientSession(read, write) as it,
    ):
        await it.initialize()
        yield it


@pytest.fixture
def call(address):
    """Call a tool: whether that failed, and the contents of the answer."""

    async def ask(name, arguments):
        async with session(address) as assistant:
            answer = await assistant.call_tool(name, arguments)
            return answer.isError, answer.content

    return lambda name, **arguments: in_thread(asyncio.run, ask(name, arguments))


def data(path, name=True):
    said = f";name={path.name}" if name else ""
    return f"data:video/mp4{said};base64,{base64.b64encode(path.read_bytes()).decode()}"


def upload(address, path):
    """Upload a clip as an assistant's helper does: the address of the file on the server."""
    with path.open("rb") as file:
        [kept] = httpx.post(f"{address}/gradio_api/upload", files={"files": file}).json()
    return f"{address}/gradio_api/file={kept}"


@pytest.fixture
def given(address):
    """A clip in each of the ways that there are."""
    return {"data": data, "upload": lambda path: upload(address, path)}


def answered(result):
    failed, contents = result
    assert not failed, contents
    return json.loads(contents[0].text)


@pytest.mark.parametrize("way", ["data", "upload"])
def test_every_tool_answers(call, given, way):
    clips, query = [given[way](path) for path in CLIPS], given[way](QUERY)
    asked = dict(examples=clips, actions=ACTIONS, query=query)
    found = answered(call("predict", **asked, matching="otam", centre=False))
    assert set(found["scores"]) == set(ACTIONS) and found["nearest"] == "1.mp4" and found["matches"] in (True, False)
    many = answered(call("predict_many", examples=clips, actions=ACTIONS, queries=[query, query]))
    assert [each["label"] for each in many] == [answered(call("predict", **asked))["label"]] * 2
    assert [each["truth"] for each in many] == ["kick"] * 2
    assert len(answered(call("what_if", **asked))) == 8
    compared = answered(call("distances", example=clips[0], query=query))
    assert len(compared["distances"]) == 8 and set(compared["matchings"]) == set(MATCHINGS)
    assert [row["row"] for row in answered(call("compare", **asked))] == ["frozen", "own"]
    inspected = answered(call("inspect", clip=query))
    assert inspected["clip"] == "kick.mp4" and inspected["traces"] and inspected["changes"]


def test_the_explorer_is_a_resource_in_the_answer(call):
    failed, (said, page) = call("explore", clip=data(QUERY))
    assert not failed and "HTML page" in said.text
    assert page.type == "resource" and page.resource.mimeType == "text/html"
    assert page.resource.text.startswith("<!doctype html>") and "kick.mp4" in page.resource.text


def test_tools_say_what_they_take(address):
    async def ask():
        async with session(address) as assistant:
            return {tool.name: tool for tool in (await assistant.list_tools()).tools}

    tools = in_thread(asyncio.run, ask())
    assert {"predict", "predict_many", "what_if", "compare", "distances", "inspect", "explore"} == set(tools)
    schema = tools["predict"].inputSchema
    assert schema["required"] == ["examples", "actions", "query"] and schema["additionalProperties"] is False
    assert schema["properties"]["actions"]["type"] == schema["properties"]["examples"]["type"] == "array"
    assert schema["properties"]["examples"]["items"] == {"type": "string"}
    assert schema["properties"]["matching"]["enum"] == list(MATCHINGS)
    assert all(each["description"] for tool in tools.values() for each in tool.inputSchema["properties"].values())
    assert "query clip" in tools["predict"].description and "upload" in tools["predict"].description
    assert httpx.get(f"{address}/gradio_api/mcp/schema").json()[0]["inputSchema"] == schema


@pytest.mark.parametrize(
    "tool, arguments, sentence",
    [
        ("inspect", {"clip": "/etc/passwd"}, ELSEWHERE),
        ("inspect", {"clip": str(QUERY)}, ELSEWHERE),
        ("inspect", {"clip": str(PEOPLE)}, ELSEWHERE),
        ("inspect", {"clip": "http://127.0.0.1/gradio_api/file=/etc/passwd"}, ELSEWHERE),
        ("inspect", {"clip": "http://example.org/kick.mp4"}, "Files are not fetched here"),
        ("inspect", {"clip": "file:///etc/passwd"}, "Files are not fetched here"),
        ("inspect", {"clip": "data:video/mp4,kick"}, "no data URL that can be read"),
        ("inspect", {"clip": "data:video/mp4;base64,%%%"}, "no data URL that can be read"),
        ("inspect", {"clip": "data:video/mp4;name=a%00.mp4;base64,AAAA"}, "no data URL that can be read"),
        ("inspect", {"clip": "data:video/mp4;name=letter.mp4;base64,AAAA"}, "'letter.mp4'"),
        ("inspect", {"clip": {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}}, "not of type 'string'"),
        ("inspect", {}, "'clip' is a required property"),
        ("inspect", {"clap": "x", "clip": "x"}, "'clap' was unexpected"),
        ("predict", {"examples": [], "actions": [], "query": data(QUERY)}, "at least two actions"),
        ("predict", {"examples": [str(QUERY)], "actions": ["a"], "query": data(QUERY)}, ELSEWHERE),
        ("predict", {"examples": [data(QUERY)], "actions": ["a", "b"], "query": "x"}, ELSEWHERE),
        ("predict", {"examples": [data(QUERY)], "actions": ["a", "b"], "query": data(QUERY)}, "1 examples and 2 act"),
        ("predict", {"examples": [data(QUERY, False)], "actions": [], "query": data(QUERY)}, "two actions"),
        (
            "predict",
            {"examples": [], "actions": [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}], "query": "x"},
            "not of type 'string'",
        ),
        ("predict", {"examples": [], "actions": [], "query": "x", "matching": "best"}, "'best' is not one of"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_a_sentence(call, tool, arguments, sentence):
    failed, [said] = call(tool, **arguments)
    assert failed and sentence in said.text and "root:" not in said.text and "Traceback" not in said.text


@pytest.mark.parametrize("way", ["data", "upload"])
def test_a_directory_is_packed_and_its_folders_tell_the_actions(address, call, tmp_path, way):
    for clip in CLIPS:
        tmp_path.joinpath("set", clip.parent.name).mkdir(parents=True)
        shutil.copy(clip, tmp_path / "set" / clip.parent.name)
    packed = Path(shutil.make_archive(str(tmp_path / "set"), "zip", tmp_path / "set"))
    content = base64.b64encode(packed.read_bytes()).decode()
    given = f"data:application/zip;name=set.zip;base64,{content}" if way == "data" else upload(address, packed)
    found = answered(call("predict", examples=[given], actions=[], query=data(QUERY)))
    apart = answered(call("predict", examples=[data(clip) for clip in CLIPS], actions=ACTIONS, query=data(QUERY)))
    assert found["scores"] == apart["scores"] and found["label"] in ACTIONS
    [one, other] = answered(call("predict_many", examples=[given], actions=[], queries=[given]))
    assert {one["truth"], other["truth"]} == set(ACTIONS)


def test_clips_without_a_name_are_told_apart(call):
    found = answered(call("predict", examples=[data(p, name=False) for p in CLIPS], actions=ACTIONS, query=data(QUERY)))
    assert found["nearest"] in ("clip 1.mp4", "clip 2.mp4")
