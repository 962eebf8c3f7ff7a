"""What is written down: a line each, and no names."""

import json
import logging
from pathlib import Path

import pytest

from d2st.demo import faults, logs, looking, storage
from d2st.demo.monitor import Monitor
from d2st.demo.turns import KINDS, Request
from d2st.demo.workspace import Workspace
from d2st.errors import D2STError

log = logging.getLogger("d2st.test")


@pytest.mark.parametrize("form", logs.FORMATS)
def test_a_fault_is_one_line_with_its_place_and_without_its_message(capsys, form):
    with logs.written(form):
        try:
            Workspace(None).ask("annas_wedding.mp4")  # type: ignore[arg-type]
        except AttributeError:
            log.exception("on the page")
        try:
            Path("/no/annas_wedding.mp4").read_bytes()
        except OSError as error:
            faults.explained(error)
        logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: annas_wedding.mp4")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3 and "annas_wedding" not in "".join(lines)
    assert "AttributeError at workspace.py:" in lines[0] and "FileNotFoundError at " in lines[1]
    if form == "json":
        said = [json.loads(line) for line in lines]
        assert said[0]["event"] == "on the page" and said[2]["log"] == "asyncio" and said[1]["level"] == "error"


def test_what_was_set_up_before_is_so_again():
    root = logging.getLogger()
    before = root.handlers[:], root.level
    with logs.written("json"):
        assert root.handlers != before[0]
    assert (root.handlers, root.level) == before


def test_a_request_is_a_line_and_a_count(capsys):
    monitor = Monitor()
    with logs.written("json"):
        request = Request("a secret", "10.0.0.1", "predict", KINDS["predict"])
        monitor.ended(request, 1.5, "done")
    line = capsys.readouterr().err
    said = json.loads(line)
    assert (said["kind"], said["milliseconds"], said["outcome"], said["number"]) == (
        "predict", 1500, "done", request.number
    )  # fmt: skip
    assert "secret" not in line and "10.0.0.1" not in line
    value = monitor.registry.get_sample_value
    assert value("d2st_requests_total", {"kind": "predict", "outcome": "done"}) == 1
    assert value("d2st_request_seconds_sum", {"kind": "predict"}) == 1.5
    assert value("d2st_memory_bytes") > 10_000_000


def test_each_error_has_its_sentence():
    assert faults.explained(D2STError("Put it right.")) == "Put it right."
    assert faults.explained(OSError(28, "No space left", "/secret")) == storage.FULL
    assert faults.explained(OSError(30, "Read-only", "/secret")) == storage.UNWRITABLE
    assert faults.explained(ValueError("secret")) == faults.UNFIT  # of Gradio's, since no code of ours ran

    def ours():
        Workspace(None).examples()  # type: ignore[arg-type]

    with pytest.raises(AttributeError) as raised:
        ours()
    assert faults.explained(raised.value) == looking.UNEXPECTED


@pytest.mark.parametrize(
    "inputs, named",
    [
        ([{"path": "http://a/b"}], True), ([[{"path": "/tmp/a"}, {"path": "HTTPS://a"}]], True),
        ([{"a": {"path": "ftp://a"}}], True), ([{"path": "/tmp/a.mp4"}, "http://a", None, 5], False),
        ([{"path": 5}], False), ([], False),
    ],
)  # fmt: skip
def test_addresses_among_inputs_are_found(inputs, named):
    assert faults.names_address(inputs) is named
