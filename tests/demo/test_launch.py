"""How the page starts, for app.py and the command line."""

import argparse
import socket
import sys
from types import SimpleNamespace

import pytest
from visits import small_model

from d2st.demo import launch, layout
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
    monkeypatch.setattr(
        layout, "build", lambda model: SimpleNamespace(launch=lambda **options: started.update(options))
    )
    return started


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_the_page_starts_with_what_was_asked_for(started):
    port = free_port()
    arguments = parsed("--port", str(port), "--model", "small", "--adapter", "none", "--device", "cpu", "--mcp")
    assert launch.run(arguments) == 0
    assert started["model"] == ("small", None, None, "cpu")
    assert (started["server_name"], started["server_port"]) == ("127.0.0.1", port)
    assert started["mcp_server"] is True and started["share"] is False
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
