"""The files for those who leave the page running: their commands are understood, and they agree with each other."""

import configparser
import re
import shlex
from pathlib import Path

import yaml

from d2st.cli.parser import command_line
from d2st.demo.limits import VisitLimits

ROOT = Path(__file__).parents[1]


def understood(words):
    return command_line().parse_args(["demo", *words])


def test_the_unit_starts_the_page():
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str
    unit.read(ROOT / "deploy" / "d2st.service")
    python, app, *words = shlex.split(unit["Service"]["ExecStart"])
    assert (ROOT / app).is_file() and python.startswith("/") and understood(words).log_format == "json"
    assert int(unit["Service"]["TimeoutStopSec"]) > 5


def test_the_compose_file_starts_the_page_and_lets_it_write_temporary_files_only():
    (page,) = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"].values()
    _, app, *words = page["command"]
    arguments = understood(words)
    assert (ROOT / page["build"] / "Dockerfile").is_file() and (ROOT / app).is_file() and arguments.host == "0.0.0.0"
    assert page["ports"] == [f"127.0.0.1:7860:{arguments.port}"] and page["read_only"] is True
    assert page["tmpfs"][0].startswith("/tmp:")


def test_the_proxy_lets_as_much_pass_as_the_page_takes():
    said = (ROOT / "deploy" / "nginx.conf").read_text()
    assert float(re.search(r"client_max_body_size (\d+)m;", said)[1]) == VisitLimits().megabytes_at_once


def test_the_health_check_of_the_container_asks_for_health():
    assert "http://127.0.0.1:7860/health" in (ROOT / "Dockerfile").read_text()
