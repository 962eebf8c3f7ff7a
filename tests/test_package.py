"""The built package: what is declared, what comes along, and that it answers outside the checkout."""

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def requirements(name: str) -> set[str]:
    """The lines of a requirements file, without their reasons and in one way of quoting."""
    lines = [re.split(r"\s+#", line)[0] for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    return {line.strip().replace('"', "'") for line in lines if line.strip() and not line.startswith(("-r", "#"))}


@pytest.fixture(scope="module")
def metadata():
    """The [project] table, as the build backend understands it."""
    from hatchling.metadata.core import ProjectMetadata
    from hatchling.plugin.manager import PluginManager

    return ProjectMetadata(str(ROOT), PluginManager()).core


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A source archive, and the wheel that is built from that archive alone."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return next(out.glob("*.whl")), next(out.glob("*.tar.gz"))


def test_dependencies_are_those_of_the_requirements(metadata):
    assert set(metadata.dependencies) and requirements("requirements.txt") == {
        line.replace('"', "'") for line in metadata.config["dependencies"]
    }


def test_development_needs_those_of_the_tests(metadata):
    extras = metadata.config["optional-dependencies"]
    own = {line for line in extras["dev"] if not line.startswith("d2st-adapter")} | set(extras["simulate"])
    assert own - requirements("requirements.txt") == requirements("tests/requirements.txt")


def test_every_requirement_has_its_reason():
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        assert re.search(r"\s# \w{3,}", line), line


def test_the_wheel_brings_everything_along(built):
    with zipfile.ZipFile(built[0]) as wheel:
        names = set(wheel.namelist())
        entries = wheel.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    assert "d2st = d2st.cli:main" in entries
    for folder, inside in (("d2st", "d2st"), ("checkpoints", "d2st/checkpoints"), ("assets/examples",) * 2):
        inside = "d2st/assets/examples" if folder == "assets/examples" else inside
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert f"{inside}/{path.relative_to(ROOT / folder).as_posix()}" in names, path
    assert "d2st/py.typed" in names
    assert not [name for name in names if not name.startswith(("d2st/", "d2st_adapter-"))]  # no tests, no app.py


def test_the_source_archive_brings_what_is_not_in_the_package(built):
    with tarfile.open(built[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"app.py", "requirements.txt", "LICENSE", "README.md", "CHANGELOG.md", "CITATION.cff"} <= names


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """Runs a command in a folder of its own, where the wheel is installed and the checkout out of sight."""
    site = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site, built[0]],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    environment = os.environ | {"PYTHONPATH": str(site)}

    def run(*command):
        command = [str(site / "bin" / command[0]), *command[1:]] if command[0] == "d2st" else list(command)
        ran = subprocess.run(
            [sys.executable, *command], cwd=elsewhere, env=environment, capture_output=True, text=True, timeout=300
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    run.site = site
    return run


WHOLE = """
import d2st
from d2st.cli import main
from d2st.demo import layout
from d2st.demo.examples import EXAMPLES
from d2st.models import zoo
from d2st.training.recipes import load_recipe

layout.build(zoo.load_model(device="cpu"))
print(d2st.__file__, zoo.SHIPPED, EXAMPLES)
print(load_recipe("ucf101/vit").model, load_recipe("simulated/efficientnet-lite0").kind)
main(["predict", "--examples", "people", "--json", "--device", "cpu"])
"""


def test_what_is_installed_is_whole_and_answers_the_examples_that_came_along(installed):
    """What the page and the explorer are made of is found: styles, scripts, recipes, class lists."""
    assert "usage: d2st" in installed("-m", "d2st", "--help")
    assert "listen" in installed("d2st", "demo", "--help")
    *_, places, recipes, answer = installed("-c", WHOLE).splitlines()
    assert all(place.startswith(str(installed.site)) for place in places.split()) and recipes == "clip-vit-b16 d2st"
    answer = json.loads(answer)
    assert answer["trained"] and len(answer["predictions"]) == 5
    for prediction in answer["predictions"]:
        assert prediction["label"] == Path(prediction["query"]).stem
        assert prediction["query"].startswith(str(installed.site))
