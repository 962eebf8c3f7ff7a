"""How the page starts, for app.py and the command line."""

import argparse
import os
import socket
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from visits import small_model

from d2st.demo import launch, layout, server
from d2st.demo.limits import VisitLimits
from d2st.errors import D2STError
from d2st.models import zoo


def parsed(*words):
    parser = argparse.ArgumentParser()
    launch.add_arguments(parser)
    return parser.parse_args(words)


@pytest.fixture
def started(monkeypatch):
    """What the page was started with, without serving it."""
    started = {}
    monkeypatch.setattr(zoo, "load_model", lambda *given: started.update(model=given) or small_model())
    house = SimpleNamespace(page=None, turns=SimpleNamespace(running=0), handlers=SimpleNamespace(warm_up=lambda: None))
    monkeypatch.setattr(layout, "build_house", lambda model, limits: started.update(limits=limits) or house)
    monkeypatch.setattr(server, "serve", lambda *given, **options: started.update(options))
    return started


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_the_page_starts_with_what_was_asked_for(started):
    port = free_port()
    arguments = parsed("--port", str(port), "--model", "small", "--adapter", "none", "--device", "cpu", "--mcp")
    assert launch.run(arguments) == 0
    assert started["model"] == ("small", None, None, "cpu", None)
    assert (started["server_name"], started["server_port"]) == ("127.0.0.1", port)
    assert started["mcp_server"] is True and started["share"] is False and started["auth"] is None
    assert started["limits"] == VisitLimits()
    assert started["max_file_size"] == layout.LAUNCH["max_file_size"]


def test_a_space_says_where_its_page_is_expected(monkeypatch):
    monkeypatch.setenv("GRADIO_SERVER_NAME", "0.0.0.0")
    monkeypatch.setenv("GRADIO_SERVER_PORT", "7861")
    assert (parsed().host, parsed().port) == ("0.0.0.0", 7861)
    assert parsed("--host", "127.0.0.1").host == "127.0.0.1"


def test_what_lends_gpus_is_imported_before_the_model_asks_for_one(started, monkeypatch):
    order = []
    monkeypatch.setattr("d2st.demo.device.import_module", lambda name: order.append(name))
    monkeypatch.setattr(zoo, "load_model", lambda *given: order.append("model"))
    launch.run(parsed("--port", str(free_port())))
    assert order[:2] == ["spaces", "model"]


def test_a_port_in_use_is_a_sentence(started, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert launch.run(parsed("--port", str(taken.getsockname()[1]))) == 2
    assert "Choose another with --port" in capsys.readouterr().err and not started
    assert launch.run(parsed("--port", "70000")) == 2
    assert "65535" in capsys.readouterr().err


def test_our_errors_are_sentences(started, capsys, monkeypatch):
    def fail(*given):
        raise D2STError("There is no model 'x'.")

    monkeypatch.setattr(zoo, "load_model", fail)
    assert launch.run(parsed("--port", str(free_port()))) == 2
    assert capsys.readouterr().err == "error: There is no model 'x'.\n"


def test_a_missing_requirement_is_a_sentence(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "d2st.demo.layout", None)
    monkeypatch.delattr("d2st.demo.layout")
    assert launch.run(parsed("--port", str(free_port()))) == 2
    assert "Install the requirements again" in capsys.readouterr().err


def test_what_whoever_runs_it_says_is_taken_in(started, tmp_path):
    (tmp_path / "limits.yaml").write_text("clips: 7\nidle_seconds: 60\n")
    (tmp_path / "people.txt").write_text("anna:secret\n")
    words = ["--limits", str(tmp_path / "limits.yaml"), "--auth", str(tmp_path / "people.txt"), "--root-path", "/d2st"]
    hosts = ["--allowed-host", "demo.example.org", "--allowed-host", "*.example.net"]
    assert launch.run(parsed("--port", str(free_port()), *words, *hosts, "--allowed-origin", "https://a.example")) == 0
    assert (started["limits"].clips, started["limits"].idle_seconds) == (7, 60)
    assert started["root_path"] == "/d2st" and callable(started["auth"])
    guard, _ = started["app_kwargs"]["middleware"]
    names, megabytes, _ = guard.args
    assert names.serve("demo.example.org") and names.serve("a.example.net:80") and not names.serve("example.org")
    assert names.trust("https://a.example", "x") and megabytes == VisitLimits().megabytes_at_once


def test_a_limit_may_come_from_a_file_a_variable_or_an_option(started, tmp_path, monkeypatch, capsys):
    (tmp_path / "limits.yaml").write_text("clips: 7\nactions: 8\nvisits: 9\n")
    monkeypatch.setenv("D2ST_LIMIT_ACTIONS", "18")
    monkeypatch.setenv("D2ST_LIMIT_VISITS", "19")
    words = ["--port", str(free_port()), "--limits", str(tmp_path / "limits.yaml")]
    assert launch.run(parsed(*words, "--limit", "visits=29", "--limit", "running=2")) == 0
    limits = started["limits"]
    assert (limits.clips, limits.actions, limits.visits, limits.running) == (7, 18, 29, 2)
    for said, sentence in (
        ("clips", "sets no limit"),
        ("clips=none", "no number"),
        ("cats=3", "There is no limit 'cats'"),
    ):
        assert launch.run(parsed(*words, "--limit", said)) == 2
        assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    "option, content, sentence",
    [
        ("--limits", "clips: many", "no number"),
        ("--limits", "cliips: 5", "no limit 'cliips'"),
        ("--limits", "[1, 2]", "holds no limits"),
        ("--limits", "a: [", "neither YAML nor JSON"),
        ("--limits", None, "cannot be read"),
        ("--auth", "anna", "Line 1 of"),
        ("--auth", "# nobody", "nobody in"),
        ("--auth", None, "cannot be read"),
    ],
)
def test_a_file_that_says_something_else_is_a_sentence(started, capsys, tmp_path, option, content, sentence):
    file = tmp_path / "said.txt"
    if content is not None:
        file.write_text(content)
    assert launch.run(parsed("--port", str(free_port()), option, str(file))) == 2
    assert sentence in capsys.readouterr().err and "model" not in started


def test_temporary_files_lie_in_a_folder_of_this_server(started, monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    seen = {}

    def serve(page, asked, folder, *given, **options):
        seen.update(folder=folder, python=Path(tempfile.gettempdir()), gradio=Path(os.environ["GRADIO_TEMP_DIR"]))
        (folder / "gradio" / "left.mp4").write_bytes(b"a visitor's")

    monkeypatch.setattr(server, "serve", serve)
    assert launch.run(parsed("--port", str(free_port()))) == 0
    assert seen["folder"].parent == tmp_path and {seen["python"], seen["gradio"].parent} == {seen["folder"]}
    assert not list(tmp_path.iterdir()) and os.environ["GRADIO_TEMP_DIR"] == str(tmp_path)


def test_a_folder_that_cannot_be_written_is_a_sentence(started, capsys, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "file"))
    assert launch.run(parsed("--port", str(free_port()))) == 2
    assert "set TMPDIR to a folder" in capsys.readouterr().err and "model" not in started


def test_an_address_of_the_new_kind_can_be_listened_at(started):
    for host, shown in (("::1", "[::1]"), ("[::1]", "[::1]"), ("::", "[::]")):
        assert launch.run(parsed("--host", host, "--port", str(free_port()))) == 0
        assert started["server_name"] == shown
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        assert launch.run(parsed("--host", "::1", "--port", str(taken.getsockname()[1]))) == 2
