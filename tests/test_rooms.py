"""The house: imports run one way, and each room knows only what it may."""

import ast
from pathlib import Path

import pytest

import d2st

PACKAGE = Path(d2st.__file__).parent
FLOORS = {
    "errors": 0, "adapter": 1, "matching": 1, "networks": 1, "trace": 1, "kinds": 2, "backbones": 3, "video": 2,
    "data": 3, "recognizer": 4, "models": 5, "live": 6, "simulate": 6, "explain": 7, "training": 8, "benchmark": 9,
    "demo": 10, "cli": 11,
}  # fmt: skip
MODULES = [file for file in PACKAGE.rglob("*.py") if file.parent != PACKAGE or file.stem in FLOORS]


def imports(file, inside_functions=True):
    """Full names of what a module imports."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    package = ("d2st", *file.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(tree) if inside_functions else tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def room(name):
    parts = name.split(".")
    return parts[1] if parts[0] == "d2st" and len(parts) > 1 and parts[1] in FLOORS else None


def rooms_of(file):
    return {found for name in imports(file) if (found := room(name))}


def own_room(file):
    first = file.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_run_one_way(file):
    own = own_room(file)
    for other in rooms_of(file) - {own}:
        assert FLOORS[other] < FLOORS[own], f"{own} imports {other}"


def test_the_root_holds_the_way_of_a_clip_and_nothing_else():
    assert {file.stem for file in PACKAGE.glob("*.py")} == {
        "__init__", "__main__", "adapter", "kinds", "backbones", "matching", "recognizer", "trace", "errors",
    }  # fmt: skip
    folders = {folder.name for folder in PACKAGE.iterdir() if folder.is_dir() and folder.name != "__pycache__"}
    assert folders == {
        "models", "video", "data", "training", "explain", "demo", "cli", "simulate", "live", "networks", "benchmark",
    }  # fmt: skip


@pytest.mark.parametrize(
    "place, strangers",
    [
        ("recognizer.py", ("timm", "open_clip", "d2st.models")),
        ("adapter.py", ("timm", "open_clip")),
        ("video", ("torch",)),
        ("explain", ("gradio",)),
        ("demo/html", ("gradio", "torch", "d2st.models.zoo", "d2st.matching.scores")),
        ("demo/handlers.py", ("gradio", "torch")),
        ("demo/looking.py", ("gradio", "torch")),
        ("demo/workspace.py", ("gradio", "d2st.demo.html")),
        ("demo/limits.py", ("gradio", "torch")),
        ("demo/lines.py", ("gradio", "torch")),
        ("demo/turns.py", ("gradio", "torch", "d2st.demo.html")),
        ("demo/visitors.py", ("gradio", "torch", "d2st.demo.html")),
        ("demo/housekeeping.py", ("gradio", "torch", "d2st.demo.html")),
        ("demo/endpoints.py", ("d2st.demo.html",)),
        ("demo/many.py", ("gradio", "d2st.demo.html")),
    ],
)
def test_rooms_do_not_know_these(place, strangers):
    path = PACKAGE / place
    for file in [path] if path.is_file() else path.rglob("*.py"):
        for name in imports(file):
            assert not any(name == each or name.startswith(each + ".") for each in strangers), f"{file}: {name}"


def test_nothing_below_the_page_and_the_command_line_prints():
    for file in MODULES:
        if own_room(file) in ("demo", "cli") or file.name == "decoder.py":
            continue
        calls = [node.func for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
        assert not any(isinstance(call, ast.Name) and call.id == "print" for call in calls), file


def test_there_are_no_hooks_on_models():
    for file in MODULES:
        assert "register_forward" not in file.read_text(), file


@pytest.mark.parametrize("file", PACKAGE.rglob("__init__.py"), ids=str)
def test_a_name_is_not_both_a_module_and_something_else(file):
    """Whichever was imported last would be found under it."""
    taken = [
        alias for node in ast.parse(file.read_text()).body if isinstance(node, ast.ImportFrom) for alias in node.names
    ]
    modules = {each.stem for each in file.parent.iterdir()}
    assert not modules & {alias.asname or alias.name for alias in taken}
