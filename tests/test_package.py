"""The package: what pip is told, and what a wheel brings along."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements(file):
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    stripped = (re.split(r"\s+#", line)[0].strip() for line in lines)
    return {normal(line) for line in stripped if line and not line.startswith(("#", "-r"))}


def normal(requirement):
    return requirement.replace('"', "'").replace(" ", "")


def test_dependencies_are_those_of_the_requirements():
    assert {normal(each) for each in PROJECT["dependencies"]} == requirements("requirements.txt")
    extras = {normal(each) for name in ("dev", "simulate") for each in PROJECT["optional-dependencies"][name]}
    assert extras - {"d2st-adapter[simulate]"} == requirements("tests/requirements.txt")


def test_every_dependency_has_a_reason():
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        assert re.search(r"\s# \w", line), line


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    [file] = out.glob("*.whl")
    return file


def test_a_wheel_brings_everything_along(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for name in (
        "d2st/py.typed", "d2st/checkpoints/efficientnet-lite0.safetensors",
        "d2st/checkpoints/efficientnet-lite0-st.safetensors", "d2st/checkpoints/efficientnet-lite0-dst.safetensors",
        "d2st/training/configs/base.yaml", "d2st/training/configs/hmdb51/vit.yaml", "d2st/data/classes.json",
        "d2st/explain/explorer/explorer.html", "d2st/explain/explorer/explorer.js",
        "d2st/explain/explorer/explorer.css", "d2st/demo/page.css", "d2st/assets/examples/people/query/punch.mp4",
        "d2st/assets/examples/table/support/lift up/1.mp4",
    ):  # fmt: skip
        assert name in names, name
    assert not any(name.startswith(("tests/", "d2st/tests")) for name in names)
    entries = next(name for name in names if name.endswith("entry_points.txt"))
    with zipfile.ZipFile(wheel) as archive:
        assert "d2st = d2st.cli:main" in archive.read(entries).decode()


def test_an_installed_package_answers_outside_the_checkout(wheel, tmp_path):
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", tmp_path / "site", wheel],
        check=True, capture_output=True,
    )  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    found = subprocess.run(
        [sys.executable, "-m", "d2st", "predict", "--examples", "people", "--device", "cpu"],
        cwd=tmp_path, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert found.stdout.count("ahead by") == 5 and "trained by the recipe" in found.stdout
    where = [sys.executable, "-c", "import d2st; print(d2st.__file__)"]
    shown = subprocess.run(where, cwd=tmp_path, env=environment, capture_output=True, text=True).stdout
    assert str(tmp_path) in shown
