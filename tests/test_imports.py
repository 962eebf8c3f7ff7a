"""Imports run one way through the house, and each room knows only the libraries that are its business."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = (  # a floor may use those before it
    ("errors",),
    ("adapter", "matching"),
    ("trace",),
    ("backbones",),
    ("video", "data"),
    ("recognizer",),
    ("models",),
    ("training", "explain", "simulate"),
    ("demo",),
    ("cli",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "d2st").rglob("*.py"))


def imported(source: str, module: str) -> set[str]:
    """The dotted names that the source of a module imports, wherever in it, those of type checkers too."""
    package = module.removesuffix(".py").removesuffix("/__init__").split("/")
    if not module.endswith("/__init__.py"):
        package = package[:-1]
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            names |= {f"{base}.{name.name}" for name in node.names}
    return names


def of(module: str) -> set[str]:
    return imported((ROOT / module).read_text(encoding="utf-8"), module)


def test_imports_are_found_however_they_are_written():
    source = "import a.b\ndef f():\n    from ..errors import X\nfrom . import y\nfrom d2st import video"
    assert imported(source, "d2st/data/folders.py") == {"a.b", "d2st.errors.X", "d2st.data.y", "d2st.video"}
    assert imported("from .z import q", "d2st/data/__init__.py") == {"d2st.data.z.q"}


@pytest.mark.parametrize("module", [m for m in MODULES if m not in ("d2st/__init__.py", "d2st/__main__.py")])
def test_imports_run_one_way(module):
    room = module.split("/")[1].removesuffix(".py")
    for name in of(module):
        used = name.split(".")
        if used[0] == "d2st" and used[1] != room:
            assert FLOOR[used[1]] < FLOOR[room], f"{module} imports {name}"


@pytest.mark.parametrize(
    "part, strangers",
    [
        ("d2st/adapter.py", {"timm", "open_clip", "gradio"}),
        ("d2st/matching.py", {"timm", "open_clip", "gradio"}),
        ("d2st/recognizer.py", {"timm", "open_clip", "gradio", "d2st.models", "d2st.backbones"}),
        ("d2st/explain/", {"gradio", "d2st.demo"}),
        ("d2st/explain/draw.py", {"torch"}),
        ("d2st/demo/html/", {"gradio", "torch", "d2st.backbones", "d2st.demo.handlers", "d2st.demo.layout"}),
        ("d2st/demo/endpoints.py", {"d2st.demo.html"}),
        ("d2st/video/", {"torch", "gradio"}),
    ],
)
def test_rooms_know_only_what_is_their_business(part, strangers):
    modules = [module for module in MODULES if module.startswith(part)]
    assert modules
    for module in modules:
        for name in of(module):
            assert not any(name == each or name.startswith(f"{each}.") for each in strangers), f"{module}: {name}"


def test_only_the_top_prints():
    for module in MODULES:
        if module.split("/")[1] not in ("demo", "cli", "__main__.py"):
            calls = [n.func for n in ast.walk(ast.parse((ROOT / module).read_text("utf-8"))) if isinstance(n, ast.Call)]
            assert not any(isinstance(call, ast.Name) and call.id == "print" for call in calls), module
